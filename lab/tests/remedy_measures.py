"""What a side of a cell costs: memory that stays, memory at its highest, clients, calls, rows. See `remedies.py` for what each means."""

from __future__ import annotations

import ctypes
import gc
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from remedy_cells import Cell
from remedy_doors import Visitor


class Mallinfo(ctypes.Structure):
    """`struct mallinfo2` of glibc (malloc.h)."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


def libc() -> ctypes.CDLL:
    library = ctypes.CDLL("libc.so.6")
    library.mallinfo2.restype = Mallinfo
    return library


def live_bytes() -> int:
    """Bytes that malloc holds for the process after a full collection, mapped blocks included."""
    gc.collect()
    # CPython's cache of attribute look-ups keeps up to 4,096 names that were put together at run time, as botocore does.
    sys._clear_type_cache()
    info = libc().mallinfo2()
    return info.uordblks + info.hblkhd


def retained(visitor: Visitor, cell: Cell, quiet: float = 0) -> dict:
    """Bytes that a request leaves behind: the Theil–Sen slope over batches, and the slopes of its two halves.

    Where less than `quiet` is hoped for, up to five series are measured, and the last one counts: what a library learns in its
    first hundreds of requests, or a thread that is started late, does not come again; a leak does.
    """
    numbers = itertools.count(1_000)
    for n in itertools.islice(numbers, cell.warm):
        visitor.ask(n, keep=False)
    for _ in range(5 if quiet else 1):
        found = series(visitor, cell, numbers)
        found["rest"] = min(abs(found["value"]), abs(found["second_half"]))
        if found["rest"] < quiet:
            break
    return found


def series(visitor: Visitor, cell: Cell, numbers: Iterator[int]) -> dict:
    """One series of batches."""
    gc.collect()
    gc.freeze()  # What is there already need not be looked at again by each collection.
    try:
        readings = [live_bytes()]
        for _ in range(6):
            for n in itertools.islice(numbers, cell.batch):
                visitor.ask(n, keep=False)
            readings.append(live_bytes())
    finally:
        gc.unfreeze()
    return {
        "value": round(slope(readings) / cell.batch),
        "first_half": round(slope(readings[:4]) / cell.batch),
        "second_half": round(slope(readings[3:]) / cell.batch),
    }


def slope(readings: list[int]) -> float:
    """The median of the slopes between all pairs (Theil–Sen): one step in the readings does not move it."""
    pairs = itertools.combinations(enumerate(readings), 2)
    return statistics.median((later - earlier) / (j - i) for (i, earlier), (j, later) in pairs)


def high_water(visitor: Visitor, cell: Cell) -> dict:
    """Bytes by which resident memory rises at most during one request; the lesser of two."""

    def once(n: int) -> int:
        gc.collect()
        libc().malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        before = resident("VmRSS")
        visitor.ask(n, keep=False)
        return resident("VmHWM") - before

    visitor.ask(0, keep=False)
    readings = sorted(once(n) for n in (1, 2))
    return {"value": readings[0], "low": readings[0], "high": readings[-1]}


def resident(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{what}:"))


def built(visitor: Visitor, cell: Cell) -> dict:
    """Clients that are built per request, and the milliseconds of CPU that a request takes."""
    visitor.ask(0, keep=False)
    counted, began = BUILT["clients"], time.process_time()
    for n in range(1, 6):
        visitor.ask(n, keep=False)
    return {"value": (BUILT["clients"] - counted) / 5, "cpu_ms": round((time.process_time() - began) * 200, 1)}


def calls(visitor: Visitor, cell: Cell) -> dict:
    """Calls of the store per request."""
    visitor.ask(0, keep=False)
    counted = BUILT["calls"]
    for n in range(1, 4):
        visitor.ask(n, keep=False)
    return {"value": round((BUILT["calls"] - counted) / 3, 2)}


def rows_read(visitor: Visitor, cell: Cell) -> dict:
    """Rows that the store reads per request, by `ScannedCount` of its answers."""
    visitor.ask(0, keep=False)
    counted = BUILT["read"]
    for n in range(1, 4):
        visitor.ask(n, keep=False)
    return {"value": round((BUILT["read"] - counted) / 3)}


def left_open(visitor: Visitor, cell: Cell) -> dict:
    """Clients of the store and of HTTP that a request opens and does not close."""
    visitor.ask(0, keep=False)
    counted = BUILT["open"]
    for n in range(1, 6):
        visitor.ask(n, keep=False)
    return {"value": (BUILT["open"] - counted) / 5}


def answer_size(visitor: Visitor, cell: Cell) -> dict:
    """Bytes by which the head of an answer grows per request of one visitor."""
    sizes = []
    for n in range(30):
        visitor.ask(n, keep=False)
        sizes.append(sum(len(name) + len(value) for name, value in visitor.cookies.items()))
    steps = [(later - earlier) / 5 for earlier, later in zip(sizes[15::5], sizes[20::5])]
    return {"value": round(statistics.median(steps)), "low": round(min(steps)), "high": round(max(steps))}


MEASURES: dict[str, Callable[[Visitor, Cell], dict]] = {
    "live": retained,
    "peak": high_water,
    "built": built,
    "calls": calls,
    "read": rows_read,
    "open": left_open,
    "cookie": answer_size,
}
BUILT = {"clients": 0, "calls": 0, "read": 0, "open": 0}


def count_clients_and_calls() -> None:
    """Every client that botocore or aiobotocore builds, and every request that they send, is counted from here on."""
    import aiobotocore.client
    import aiobotocore.httpsession
    import botocore.client
    import botocore.httpsession
    import botocore.parsers
    import httpx

    def counting(owner: type, name: str, what: str, by: int = 1) -> None:
        real = getattr(owner, name)

        def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
            BUILT[what] += by
            return real(self, *args, **kwargs)

        setattr(owner, name, counted)

    parse = botocore.parsers.ResponseParser.parse

    def parsed(self: Any, *args: Any, **kwargs: Any) -> dict:
        answer = parse(self, *args, **kwargs)
        BUILT["read"] += answer.get("ScannedCount", 0)
        return answer

    botocore.parsers.ResponseParser.parse = parsed
    counting(botocore.client.ClientCreator, "create_client", "clients")
    counting(aiobotocore.client.AioClientCreator, "create_client", "clients")
    counting(botocore.httpsession.URLLib3Session, "send", "calls")
    counting(aiobotocore.httpsession.AIOHTTPSession, "send", "calls")
    counting(aiobotocore.client.AioBaseClient, "__aenter__", "open")
    for owner in (httpx.Client, httpx.AsyncClient):
        counting(owner, "__init__", "open")
    for owner, names in (
        (aiobotocore.client.AioBaseClient, ["__aexit__", "close"]),
        (httpx.Client, ["__exit__", "close"]),
        (httpx.AsyncClient, ["__aexit__", "aclose"]),
    ):
        for name in names:
            counting(owner, name, "open", -1)
