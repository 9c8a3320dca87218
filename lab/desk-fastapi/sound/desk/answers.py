"""How answers may be cached: a route class for public data, one for the rest.

Public answers carry a validator and answer 304; everything else says no-store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PublicRoute(APIRoute):
    """For answers that are the same for everybody."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response = await inner(request)
            if request.method not in ("GET", "HEAD") or response.status_code != 200:
                return response
            response.headers.setdefault("cache-control", "public, max-age=30")
            if isinstance(response, StreamingResponse):
                return response
            # Weak: the same entity may travel compressed or not.
            tag = f'W/"{hashlib.blake2b(response.body, digest_size=12).hexdigest()}"'
            response.headers["etag"] = tag
            known = [part.strip() for part in request.headers.get("if-none-match", "").split(",")]
            if tag in known:
                kept = {name: response.headers[name] for name in ("etag", "cache-control")}
                return Response(status_code=304, headers=kept)
            return response

        return handler


class PrivateRoute(APIRoute):
    """For answers that depend on who asks."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            response = await inner(request)
            response.headers.setdefault("cache-control", "no-store")
            return response

        return handler
