"""The only way out: to origins that the operators have listed, without redirects, with bounds."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from fastapi import Depends, HTTPException, Request

from .config import settings

MOST_BYTES = 65_536
SECONDS = 3.0
ORIGINS = frozenset({settings.upstream})
# The same as a pattern, for the contract.
LISTED = rf"^({'|'.join(map(re.escape, sorted(ORIGINS)))})/[!-~]*$"


def allowed(url: str) -> bool:
    """Whether the address is below one of the listed origins: compared as a whole, not by its beginning."""
    try:
        parts = urlsplit(url)
        return url.isascii() and url.isprintable() and f"{parts.scheme}://{parts.netloc}" in ORIGINS
    except ValueError:
        return False


@dataclass
class WayOut:
    """The process's connections to other services."""

    client: httpx.Client

    def fetch(self, url: str, method: str = "GET", body: dict | None = None) -> tuple[int, str]:
        """Status and at most 64 KB of the text; 400 when the address is not allowed, 502 when it does not answer."""
        if not allowed(url):
            raise HTTPException(400)
        try:
            with self.client.stream(method, url, json=body) as answer:
                read = bytearray()
                for part in answer.iter_bytes():
                    read += part
                    if len(read) >= MOST_BYTES:
                        break
                return answer.status_code, bytes(read[:MOST_BYTES]).decode(errors="replace")
        except (httpx.HTTPError, httpx.InvalidURL):
            raise HTTPException(502) from None


def open_way_out(stack: ExitStack) -> WayOut:
    """Open the client; `stack` closes it. It keeps no cookies: callers share it."""
    client = httpx.Client(
        timeout=SECONDS,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
    stack.enter_context(client)
    return WayOut(client)


def current_way_out(request: Request) -> WayOut:
    return request.app.state.outside


Outside = Annotated[WayOut, Depends(current_way_out)]
