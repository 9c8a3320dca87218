"""Start and stop a DynamoDB emulator for the lab.

Two emulators are known: ``dynoxide`` (the default: small, fast, in memory) and
``moto`` (the independent second opinion). Both listen on 127.0.0.1 only, on a
free port, and are ended with the process that started them. This file refuses
to talk to anything that is not loopback: real AWS is never a lab target.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("dynoxide", "moto")
PR_SET_PDEATHSIG = 1


class EmulatorError(RuntimeError):
    """An emulator is missing or did not answer in time."""


def tools_dir() -> Path:
    """Where `make setup` puts the tools; PLIMSOLL_TOOLS overrides it."""
    return Path(os.environ.get("PLIMSOLL_TOOLS") or ROOT / ".tools")


def free_port() -> int:
    """A TCP port on 127.0.0.1 that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent() -> None:
    """For ``preexec_fn``: on Linux the kernel ends the child when we die."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def wait_until_answers(url: str, process: subprocess.Popen, seconds: float) -> None:
    """Return once `url` gives any HTTP answer; raise when `process` ends first."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise EmulatorError(f"process ended with {process.returncode} before {url} answered")
        try:
            opener.open(url, timeout=1).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.03)
    raise EmulatorError(f"no answer from {url} within {seconds:.0f} s")


def stop_process(process: subprocess.Popen, seconds: float = 5.0) -> None:
    """End a process group that we started: SIGTERM, then SIGKILL."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            try:
                os.killpg(process.pid, sig)
            except ProcessLookupError:
                pass
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                continue
        return


@dataclass
class Emulator:
    """A running emulator; use it as a context manager."""

    kind: str
    endpoint: str
    process: subprocess.Popen

    def stop(self) -> None:
        stop_process(self.process)

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()


def _command(kind: str, port: int) -> list[str]:
    if kind == "dynoxide":
        found = tools_dir() / "bin" / "dynoxide"
        binary = str(found) if found.exists() else shutil.which("dynoxide")
        if binary is None:
            raise EmulatorError(f"dynoxide is not installed ({found} is missing): run `make setup`")
        return [binary, "--host", "127.0.0.1", "--port", str(port), "--log", "quiet"]
    if kind == "moto":
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    raise EmulatorError(f"unknown emulator {kind!r}, expected one of {', '.join(KINDS)}")


def start(kind: str = "dynoxide", attempts: int = 3) -> Emulator:
    """Start an emulator on a free port and wait until it answers."""
    for attempt in range(attempts):
        port = free_port()
        process = subprocess.Popen(
            _command(kind, port),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        endpoint = f"http://127.0.0.1:{port}"
        try:
            wait_until_answers(endpoint, process, 30.0)
            return Emulator(kind, endpoint, process)
        except EmulatorError:
            # Another process may have taken the port between probe and bind.
            stop_process(process)
            if attempt == attempts - 1:
                raise
    raise AssertionError("unreachable: the loop returns or raises")


def aws_environment(endpoint: str) -> dict[str, str]:
    """The environment with which boto3 talks to `endpoint` and nothing else."""
    return {
        "DYNAMODB_ENDPOINT": endpoint,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "lab",
        "AWS_SECRET_ACCESS_KEY": "lab-not-a-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
    }
