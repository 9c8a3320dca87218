"""Load, serve and ask the sample cases: what the tests of `samples/` share.

A fault that hides behind another one is reached by applying the repairs of
CASE.toml to the faulty text, one by one; repaired texts live in memory only.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
import threading
import time
import tomllib
import tracemalloc
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import httpx
import pytest
import uvicorn

LAB = Path(__file__).resolve().parent.parent
SAMPLES = LAB / "samples"
sys.path[:0] = [str(LAB), str(SAMPLES)]

import emulator as emulators  # noqa: E402  (found through the path above)
import tables  # noqa: E402

CASES = {path.parent.name: tomllib.loads(path.read_text()) for path in sorted(SAMPLES.glob("*/CASE.toml"))}
MIB = 1024 * 1024

PROVEN: set[tuple[str, str]] = set()
_serial = itertools.count()


def proves(case: str, *faults: str):
    """Note which faults of a case a test shows; `test_samples.py` compares this with CASE.toml."""
    PROVEN.update((case, fault) for fault in faults)
    return lambda test: test


def stores(*names: str):
    """A fixture: each emulator in turn with the named tables, as the environment of this process."""

    @pytest.fixture(scope="module", params=emulators.KINDS)
    def store(request) -> Iterator[emulators.Emulator]:
        with running_store(request.param, *names) as running:
            yield running

    return store


@contextlib.contextmanager
def running_store(kind: str, *names: str) -> Iterator[emulators.Emulator]:
    with emulators.start(kind) as running, pytest.MonkeyPatch.context() as patch:
        for name, value in emulators.aws_environment(running.endpoint).items():
            patch.setenv(name, value)
        patch.setenv("SAMPLE_SECRET_KEY", "a-key-for-tests-only-0123456789abcdef")
        tables.create(running.endpoint, *names)
        yield running


def faults(case: str) -> dict[str, dict]:
    return {fault["id"]: fault for fault in CASES[case]["fault"]}


def load(case: str, variant: str, repaired: tuple[str, ...] = (), **swapped: tuple[str, str]) -> types.ModuleType:
    """The sample as a module of its own: the named faults repaired, further texts swapped (old, new)."""
    path = SAMPLES / case / f"{variant}.py"
    text = path.read_text()
    swaps = [(swap["from"], swap["to"]) for fault in repaired for swap in faults(case)[fault]["repair"]]
    for old, new in [*swaps, *swapped.values()]:
        assert text.count(old) == 1, f"{old!r} is not in {path} exactly once"
        text = text.replace(old, new)
    module = types.ModuleType(f"sample_{next(_serial)}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    exec(compile(text, str(path), "exec"), module.__dict__)
    return module


@contextlib.contextmanager
def served(module: types.ModuleType):
    """A FastAPI sample behind uvicorn on a free port: an HTTP client for it."""
    config = uvicorn.Config(module.app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        # uvicorn closes a connection after an unhandled exception: each request gets its own.
        single = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30, limits=single) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def django_client(module: types.ModuleType):
    """A client for a Django sample: real requests through its handler, exceptions as `exc_info`."""
    from django.test import Client, override_settings

    with override_settings(ROOT_URLCONF=module.__name__):
        yield Client(raise_request_exception=False, SERVER_NAME="localhost")


def calls_of(client) -> Counter:
    """A live count of the operations that a boto3 client sends."""
    counted: Counter = Counter()

    def count(model, **_):
        counted[model.name] += 1

    client.meta.events.register("before-call", count)
    return counted


def peak_of(work) -> int:
    """Bytes that Python objects took at most while `work` ran."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def stream_of(store) -> tuple[str, str]:
    """The ARN of the events table's stream and its first shard."""
    common = {"endpoint_url": store.endpoint, "region_name": "us-east-1"}
    table = boto3.client("dynamodb", **common).describe_table(TableName=tables.EVENTS)["Table"]
    arn = table["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams", **common)
    return arn, streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]


def eventually(condition: Callable[[], bool], otherwise: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
