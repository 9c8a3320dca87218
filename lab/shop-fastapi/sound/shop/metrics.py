"""Counters in the Prometheus text format, by route template: their number is bounded by the routes."""

from __future__ import annotations

import threading
from collections import Counter

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.types import Scope

from .answers import PrivateRoute
from .problems import answers
from .security import admin


class Metrics:
    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._seconds: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS") else "other"
        with self._lock:
            self._requests[method, route, status] += 1
            self._seconds[route] += seconds

    def text(self) -> str:
        with self._lock:
            requests, seconds = sorted(self._requests.items()), sorted(self._seconds.items())
        lines = ["# HELP http_requests_total Requests by route.", "# TYPE http_requests_total counter"]
        lines += [
            f'http_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}'
            for (method, route, status), number in requests
        ]
        lines += ["# HELP http_request_seconds_total Time by route.", "# TYPE http_request_seconds_total counter"]
        lines += [f'http_request_seconds_total{{route="{route}"}} {spent:.6f}' for route, spent in seconds]
        return "\n".join(lines) + "\n"


METRICS = Metrics()

router = APIRouter(tags=["operations"], route_class=PrivateRoute)


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    dependencies=[admin],
    responses=answers(401, 403),
)
async def metrics() -> PlainTextResponse:
    """Counters for the monitoring system."""
    return PlainTextResponse(METRICS.text(), media_type="text/plain; version=0.0.4")
