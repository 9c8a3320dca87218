"""What holds for every request: size limits, rate limits, security headers, no raw errors.

A pure ASGI middleware, so that nothing of a request outlives it.
"""

from __future__ import annotations

import logging
import re
import time

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import problems
from .bounded import FixedWindow
from .config import settings
from .metrics import METRICS

log = logging.getLogger("desk")

MAX_URL = 4096
MAX_HEADERS = 8192
MAX_BODY = 65_536

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
}
# What somebody could want to do very often: guess passwords, make accounts, vote, try codes.
SENSITIVE = re.compile(r"/api/v2/(auth/(token|register|reset)|coupons/redeem|articles/\d+/vote|webhooks/test)")
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Guard:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.everything = FixedWindow(settings.requests_per_window, settings.window_seconds)
        self.sensitive = FixedWindow(settings.sensitive_per_minute, 60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        client = (scope.get("client") or ("unknown", 0))[0]
        window, counted = self.everything, client
        if scope["method"] == "POST" and SENSITIVE.fullmatch(scope["path"]):
            window, counted = self.sensitive, f"{client} {scope['path']}"
        allowed, remaining, reset = window.take(counted)
        added = [
            *HEADERS.items(),
            (b"ratelimit-limit", str(window.limit).encode()),
            (b"ratelimit-remaining", str(remaining).encode()),
            (b"ratelimit-reset", str(reset).encode()),
        ]
        if scope.get("scheme") == "https":
            added.append(HSTS)
        status = 500
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(name, value) for name, value in added if name not in present]
                if b"cache-control" not in present:
                    extra.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        try:
            if not allowed:
                await _refuse(send_with_headers, 429, [(b"retry-after", str(reset).encode())])
            elif (refusal := _too_large(scope)) is not None:
                await _refuse(send_with_headers, refusal)
            else:
                await self.app(scope, _capped(receive), send_with_headers)
        except Exception:
            log.exception("unhandled error at %s", scope["path"])
            if not begun:
                await _refuse(send_with_headers, 500)
        finally:
            METRICS.count(scope, status, time.perf_counter() - started)


def _too_large(scope: Scope) -> int | None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_URL:
        return 414
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
        return 431
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > MAX_BODY:
            return 413
    return None


def _capped(receive: Receive) -> Receive:
    received = 0

    async def capped() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            # FastAPI passes this exception on and would turn any other into 400.
            raise HTTPException(413)
        return message

    return capped


async def _refuse(send: Send, status: int, headers: list[tuple[bytes, bytes]] = ()) -> None:
    content = problems.body(status)
    await send({
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(content)).encode()),
            *headers,
        ],
    })
    await send({"type": "http.response.body", "body": content})
