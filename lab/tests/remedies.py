"""Runs the catalogue of remedies and measures each one before and after.

    python lab/tests/remedies.py [CELL...]        one line of JSON per cell, as in unbounded-cache/fastapi-boto3
    python lab/tests/remedies.py --table          the handbook's tables, from a fresh measurement

A *cell* is a folder `lab/remedies/WEAKNESS/FRAMEWORK-STORE` with `before.py` and `after.py`: two applications that answer
alike. `remedy.toml` beside the cells says what is asked and what is measured. Everything is driven in this process, through
WSGI or ASGI, against an emulator of its own; nothing listens. Only what a weakness costs is measured, in one of these ways:

- live bytes: what malloc holds after a collection, per request, over batches of requests (leaks)
- peak: how far resident memory rises during one request (peaks)
- built: clients that are built per request (churn)
- calls: calls of the store per request (cost)
- read: rows that the store reads per request (cost)
- open: clients that a request opens and does not close (unclosed)
- cookie: bytes by which a visitor's cookies grow per request

Python's own allocator is switched off for that (PYTHONMALLOC=malloc), so that malloc's statistics see every object.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import gc
import hashlib
import importlib
import io
import itertools
import json
import logging
import os
import selectors
import statistics
import subprocess
import sys
import threading
import time
import tomllib
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LAB = Path(__file__).resolve().parent.parent
REMEDIES = LAB / "remedies"
sys.path[:0] = [str(LAB)]

import emulator as emulators  # noqa: E402  (found through the path above)

PRODUCTS = 1_500
CUSTOMERS, ORDERS_EACH = 20, 60
# Bytes a request: what a series cannot tell from nothing. The smallest leak of the catalogue is above 400.
QUIET = 100

# One arena and no per-thread caches: malloc's figures are then exact. glibc reads these when a process starts.
MALLOC = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


def cells() -> list[str]:
    """Every cell, as in `unbounded-cache/fastapi-boto3`."""
    return sorted(str(path.parent.relative_to(REMEDIES)) for path in REMEDIES.glob("*/*/before.py"))


@dataclass
class Cell:
    """What `remedy.toml` says of one cell; keys of `[FRAMEWORK-STORE]` go before those of the weakness."""

    name: str
    request: str
    measure: str
    checks: list[str]
    same: str = "body"
    method: str = "GET"
    warm: int = 40
    batch: int = 12
    settings: dict[str, Any] = field(default_factory=dict)
    body: str | None = None

    @classmethod
    def read(cls, name: str) -> Cell:
        weakness, variant = name.split("/")
        described = tomllib.loads((REMEDIES / weakness / "remedy.toml").read_text())
        common = {key: value for key, value in described.items() if not isinstance(value, dict) or key == "settings"}
        prose = ("title", "wrong", "remedy")
        if "aioboto3" in variant:
            common.setdefault("batch", 25)  # Event loops and their connections come and go by steps of some kilobytes.
        return cls(name=name, **{key: value for key, value in {**common, **described.get(variant, {})}.items() if key not in prose})

    def target(self, n: int) -> str:
        ids = "&".join(f"ids=item-{(n + step) % PRODUCTS:05d}" for step in range(40))
        return self.request.format(n=n, ids=ids, product=f"item-{n % 500:05d}", customer=f"cust-{n % CUSTOMERS:03d}")

    def text(self, n: int) -> bytes:
        return (self.body or "").replace("{n}", str(n)).encode()


# --- data ----------------------------------------------------------------------------------------------------------


def seed(endpoint: str) -> None:
    """`catalog` (1,500 rows of 1 KB, index by category) and `orders` (20 customers with 60 each)."""
    import boto3

    client = boto3.client("dynamodb", endpoint_url=endpoint)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    client.create_table(
        TableName="catalog",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "category")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_category",
                "KeySchema": [{"AttributeName": "category", "KeyType": "HASH"}, {**key, "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.create_table(
        TableName="orders",
        KeySchema=[
            {"AttributeName": "customer_id", "KeyType": "HASH"},
            {"AttributeName": "order_id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("customer_id", "order_id")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.create_table(
        TableName="views",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    products = (
        {
            "id": {"S": f"item-{n:05d}"},
            "name": {"S": f"Lamp {n}"},
            "category": {"S": f"category-{n % 30:02d}"},
            "price": {"N": str(10 + n % 90)},
            "note": {"S": f"{n:05d} " + "of brass and linen " * 48},
        }
        for n in range(PRODUCTS)
    )
    orders = (
        {
            "customer_id": {"S": f"cust-{n // ORDERS_EACH:03d}"},
            "order_id": {"S": f"ord-{n % ORDERS_EACH:04d}"},
            "total": {"N": str(20 + n % 300)},
            "note": {"S": "by parcel " * 20},
        }
        for n in range(CUSTOMERS * ORDERS_EACH)
    )
    for table, rows in (("catalog", products), ("orders", orders)):
        for chunk in itertools.batched(rows, 25) if hasattr(itertools, "batched") else batched(rows, 25):
            client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": row}} for row in chunk]})
    client.close()


def batched(rows: Iterator[dict], size: int) -> Iterator[list[dict]]:
    """`itertools.batched`, which Python has from 3.12 on."""
    while chunk := list(itertools.islice(rows, size)):
        yield chunk


# --- asking --------------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    """Status, headers in lower case, length and, where it was kept, the body."""

    status: int
    headers: dict[str, str]
    length: int
    digest: str
    body: bytes | None


class Reader:
    """Takes a body in pieces, as a socket would: keeps it only where it is looked at."""

    def __init__(self, keep: bool) -> None:
        self.kept = bytearray() if keep else None
        self.hash = hashlib.sha256()
        self.length = 0

    def take(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.length += len(piece)
        if self.kept is not None:
            self.kept += piece

    def answer(self, status: int, headers: dict[str, str]) -> Answer:
        body = bytes(self.kept) if self.kept is not None else None
        return Answer(status, headers, self.length, self.hash.hexdigest(), body)


class Asgi:
    """An ASGI application, driven on an event loop of its own with its lifespan open."""

    def __init__(self, app: Any, lifespan: bool) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        self.ends = self.loop.create_future()
        self.lifespan = self.loop.create_task(self._live()) if lifespan else None
        if self.lifespan:
            self.started = self.loop.create_future()
            self.loop.run_until_complete(self.started)

    async def _live(self) -> None:
        told = iter(["lifespan.startup", "lifespan.shutdown"])

        async def receive() -> dict:
            kind = next(told)
            if kind == "lifespan.shutdown":
                await self.ends
            return {"type": kind}

        async def send(message: dict) -> None:
            if message["type"] == "lifespan.startup.complete":
                self.started.set_result(None)
            elif message["type"].endswith(".failed"):
                raise RuntimeError(message)

        await self.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes, keep: bool) -> Answer:
        return self.loop.run_until_complete(self._ask(method, target, headers, body, keep))

    async def _ask(self, method: str, target: str, headers: dict[str, str], body: bytes, keep: bool) -> Answer:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()],
            "client": ("127.0.0.1", 40_000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }
        reader, head, sent = Reader(keep), {}, False
        finished = asyncio.Event()

        async def receive() -> dict:
            nonlocal sent
            if sent:
                await finished.wait()
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                head["status"] = message["status"]
                head["headers"] = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            elif message["type"] == "http.response.body":
                reader.take(message.get("body", b""))
                if not message.get("more_body"):
                    finished.set()

        await self.app(scope, receive, send)
        return reader.answer(head["status"], head["headers"])

    def close(self) -> None:
        if self.lifespan:
            self.ends.set_result(None)
            self.loop.run_until_complete(self.lifespan)
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        if pending:
            self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


class Wsgi:
    """A WSGI application."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes, keep: bool) -> Answer:
        path, _, query = target.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        head: list = []
        pieces = self.app(environ, lambda status, headers, exc_info=None: head.extend((status, headers)))
        reader = Reader(keep)
        try:
            for piece in pieces:
                reader.take(piece)
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
        return reader.answer(int(head[0].split()[0]), {name.lower(): value for name, value in head[1]})

    def close(self) -> None:
        pass


class Visitor:
    """One visitor with cookies: remembers what a server sets."""

    def __init__(self, door: Asgi | Wsgi, cell: Cell) -> None:
        self.door, self.cell, self.cookies = door, cell, {}

    def ask(self, n: int, keep: bool = True, target: str | None = None) -> Answer:
        headers = {"x-request-id": f"request-{n:06d}"}
        if self.cell.body is not None:
            headers["content-type"] = "application/json"
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.door.ask(self.cell.method, target or self.cell.target(n), headers, self.cell.text(n), keep)
        if cookie := answer.headers.get("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


_serial = itertools.count()


def configure_django() -> None:
    from django.conf import settings

    settings.configure(
        SECRET_KEY="a-key-for-tests-only-0123456789abcdef",
        ALLOWED_HOSTS=["localhost"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_CHARSET="utf-8",
        USE_TZ=True,
    )
    import django

    django.setup()


@contextlib.contextmanager
def served(cell: Cell, side: str) -> Iterator[Visitor]:
    """`before` or `after` of a cell, as a fresh module behind its door."""
    path = REMEDIES / cell.name / f"{side}.py"
    module = types.ModuleType(f"remedy_{next(_serial)}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    with contextlib.ExitStack() as stack:
        stack.callback(sys.modules.pop, module.__name__)
        exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
        if "/django-" in cell.name:
            from django.core.handlers.asgi import ASGIHandler
            from django.core.handlers.wsgi import WSGIHandler
            from django.test import override_settings

            # The file calls itself by its name; here it has another one.
            own = [name.replace(f"{side}.", f"{module.__name__}.", 1) for name in getattr(module, "MIDDLEWARE", [])]
            middleware = [*cell.settings.get("MIDDLEWARE", []), *own]
            changed = {**cell.settings, "MIDDLEWARE": middleware, "ROOT_URLCONF": module.__name__}
            stack.enter_context(override_settings(**changed))
            if hasattr(module, "ready"):
                module.ready()
            door: Asgi | Wsgi = Asgi(ASGIHandler(), lifespan=False) if "aioboto3" in cell.name else Wsgi(WSGIHandler())
        else:
            door = Asgi(module.app, lifespan=True)
        stack.callback(door.close)
        yield Visitor(door, cell)
        module.__dict__.get("stop", lambda: None)()


# --- measuring -----------------------------------------------------------------------------------------------------


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


# --- a cell --------------------------------------------------------------------------------------------------------


def rows(answer: Answer) -> tuple[list, str | None]:
    """The rows of an answer, and the cursor of the next page if there is one."""
    if answer.headers.get("content-type", "").startswith("application/x-ndjson"):
        return [json.loads(line) for line in answer.body.splitlines()], answer.headers.get("x-next-cursor")
    value = json.loads(answer.body)
    return (value, None) if isinstance(value, list) else (value["items"], value.get("next_cursor"))


def all_rows(visitor: Visitor, n: int) -> list:
    """What a client gets that follows every page."""
    found, target = [], visitor.cell.target(n)
    for _ in range(200):
        answer = visitor.ask(n, target=target)
        assert answer.status == 200, (answer.status, answer.body)
        page, cursor = rows(answer)
        found += page
        if cursor is None:
            return sorted(found, key=lambda row: json.dumps(row, sort_keys=True))
        mark = "&" if "?" in visitor.cell.target(n) else "?"
        target = f"{visitor.cell.target(n)}{mark}cursor={cursor}"
    raise AssertionError("the pages do not end")


def answers(visitor: Visitor) -> list:
    """What the two sides have in common: statuses and bodies of some requests, or all rows over all pages."""
    if visitor.cell.same == "rows":
        return [hashlib.sha256(json.dumps(all_rows(visitor, n)).encode()).hexdigest() for n in ((0, 1) if "{" in visitor.cell.request else (0,))]
    found = []
    for n in (0, 1, 7, 0) if "{" in visitor.cell.request else (0,):
        answer = visitor.ask(n)
        assert answer.status in (200, 202, 404, 503), (answer.status, answer.body)
        body = json.loads(answer.body) if answer.headers.get("content-type") == "application/json" else answer.digest
        found.append([answer.status, body])
    return found


def measure(name: str) -> dict:
    """One cell: both sides' answers, and what was measured on each."""
    cell = Cell.read(name)
    result: dict[str, Any] = {"cell": name, "measure": cell.measure}
    began, spent = time.monotonic(), time.process_time()
    for side in ("before", "after"):
        with served(cell, side) as visitor:
            told = answers(visitor)
            if cell.measure == "live" and side == "after":
                seen = retained(visitor, cell, quiet=max(QUIET, result["before"]["value"] / 1_000))
            else:
                seen = MEASURES[cell.measure](visitor, cell)
            result[side] = {"answers": told, **seen}
        gc.collect()
    result["seconds"], result["cpu"] = round(time.monotonic() - began, 2), round(time.process_time() - spent, 2)
    return result


def forked(name: str) -> tuple[int, int]:
    """One cell, in a process that is forked for it: its id, and the pipe that it answers through."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    try:
        emulators.die_with_parent()
        if "/django-" in name:
            configure_django()
        count_clients_and_calls()
        try:
            result = measure(name)
        except Exception as error:
            result = {"cell": name, "error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
        with os.fdopen(writing, "w") as answer:
            json.dump(result, answer)
    finally:
        os._exit(0)


def measure_forked(names: list[str], at_once: int = 2) -> Iterator[dict]:
    """Measures the cells, so many at a time."""
    waiting, running = list(names), {}
    with selectors.DefaultSelector() as answers:
        while waiting or running:
            while waiting and len(running) < at_once:
                name = waiting.pop(0)
                child, reading = forked(name)
                running[reading] = (name, child, bytearray())
                answers.register(reading, selectors.EVENT_READ)
            for key, _ in answers.select():
                name, child, text = running[key.fd]
                piece = os.read(key.fd, 65_536)
                text += piece
                if not piece:
                    answers.unregister(key.fd)
                    os.close(key.fd)
                    del running[key.fd]
                    os.waitpid(child, 0)
                    yield json.loads(text) if text else {"cell": name, "error": "ended without an answer", "trace": ""}


def measure_all(names: list[str]) -> Iterator[dict]:
    """Measures the named cells, two at a time, against one emulator.

    Each has a process of its own, forked where every library is imported already: what one cell leaves is no other's.
    """
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for library in ("aioboto3", "cachetools", "django.http", "fastapi", "httpx", "itsdangerous", "pynamodb.models"):
        importlib.import_module(library)
    with emulators.start("dynoxide") as running:
        os.environ.update(emulators.aws_environment(running.endpoint))
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = running.endpoint
        os.environ.update(CURSOR_SECRET="for-tests-only", RATES_URL=f"{running.endpoint}/rates")
        seed(running.endpoint)
        gc.collect()
        gc.freeze()
        yield from measure_forked(names)


def run(names: list[str]) -> dict[str, dict]:
    """Measures the cells in a child whose allocator is malloc."""
    with subprocess.Popen(
        [sys.executable, __file__, *names],
        env={**os.environ, **MALLOC, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=emulators.die_with_parent,
    ) as child:
        try:
            results = [json.loads(line) for line in child.stdout]
        finally:
            child.terminate()
    return {result["cell"]: result for result in results}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the catalogue of remedies.")
    parser.add_argument("cells", nargs="*")
    parser.add_argument("--table", action="store_true", help="measure everything and write the handbook's tables")
    given = parser.parse_args()
    if given.table:
        from remedy_tables import write

        write(run(cells()))
    elif os.environ.get("PYTHONMALLOC") == "malloc":
        for result in measure_all(given.cells or cells()):
            print(json.dumps(result), flush=True)
    else:
        for result in run(given.cells or cells()).values():
            print(json.dumps(result))


if __name__ == "__main__":
    main()
