"""`run.py` starts a whole shop, says so in one line, and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import emulator as emulators
import httpx
import pytest
import run
import seed
from conftest import EMULATOR, LAB


def start(*options: str) -> tuple[subprocess.Popen, dict]:
    """run.py as a process, and the line that it printed."""
    process = subprocess.Popen(
        [sys.executable, str(LAB / "run.py"), "fastapi", "sound", "--emulator", EMULATOR, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "DYNAMODB_ENDPOINT"},
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def descendants(pid: int) -> set[int]:
    """The processes below `pid` (proc_pid_stat(5), field 4 is the parent)."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found, level = set(), {pid}
    while level:
        level = {child for child, parent in parents.items() if parent in level} - found
        found |= level
    return found


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


ENDINGS: dict[str, tuple[list[str], Callable[[subprocess.Popen], None]]] = {
    "end of input": (["--until-eof"], lambda process: process.stdin.close()),
    "SIGTERM": ([], lambda process: process.send_signal(signal.SIGTERM)),
    "SIGINT": ([], lambda process: process.send_signal(signal.SIGINT)),
    "SIGKILL": ([], lambda process: process.kill()),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_left_running(ending: str) -> None:
    options, end = ENDINGS[ending]
    process, line = start(*options)
    children = descendants(process.pid)
    try:
        assert line.keys() == {"url", "token", "emulator", "endpoint"}
        assert line["emulator"] == EMULATOR
        answer = httpx.get(f"{line['url']}/me", headers={"authorization": f"Bearer {line['token']}"}, trust_env=False)
        assert answer.json()["username"] == seed.ADMIN[0]
        assert len(children) >= 2
    finally:
        end(process)
        code = process.wait(timeout=20)
    assert code == (-signal.SIGKILL if ending == "SIGKILL" else 0)
    deadline = time.monotonic() + 10
    while any(running(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in children if running(child)]
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", urlsplit(line["url"]).port))


def test_a_shop_that_does_not_start_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(run.COMMANDS, ("fastapi", "sound"), [sys.executable, "-c", "raise SystemExit('no shop today')"])
    with run.ExitStack() as stack, pytest.raises(run.ShopError, match="no shop today"):
        run.start_shop(stack, "fastapi", "sound", emulator=EMULATOR)


def test_data_is_the_same_every_time_and_written_once() -> None:
    for make in (seed.products, seed.customers, seed.orders, seed.staff, seed.events):
        assert make(seed.random.Random(7)) == make(seed.random.Random(7))
    with emulators.start(EMULATOR) as emulator:
        written = seed.seed(emulator.endpoint)
        assert written["products"] == seed.PRODUCTS
        assert written["orders"] == seed.ORDERS
        assert seed.seed(emulator.endpoint) == {}


def test_data_is_what_the_faults_need() -> None:
    customers = seed.customers(seed.random.Random(7))
    assert any("email" not in row for row in customers)
    # ISO 7064: the digits of an IBAN, country and check moved to the end, are 1 modulo 97.
    ibans = [row["iban"] for row in customers if "iban" in row]
    assert ibans
    assert all(int(iban[4:] + "1314" + iban[2:4]) % 97 == 1 for iban in ibans)
    orders = seed.orders(seed.random.Random(7))
    per_customer = [sum(row["customer_id"] == f"cust-{n:03d}" for row in orders) for n in seed.WHOLESALE]
    assert per_customer == list(seed.WHOLESALE.values())
    sizes = [len(row["description"]) for row in seed.products(seed.random.Random(7))]
    assert min(sizes) < 300
    assert max(sizes) >= 20_000


def test_only_loopback_is_seeded() -> None:
    with pytest.raises(SystemExit, match="loopback"):
        seed.connect("http://dynamodb.eu-west-1.amazonaws.com")
