"""Serves a side of a cell and asks it, in this process: through ASGI with its lifespan, or through WSGI. Nothing listens."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import itertools
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from remedy_cells import REMEDIES, Cell


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
