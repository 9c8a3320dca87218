"""Counters in the Prometheus text format."""

from collections import defaultdict

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

router = APIRouter()
_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_seconds: dict[str, float] = defaultdict(float)


def count(request: Request, status: int, seconds: float) -> None:
    route = getattr(request.scope.get("route"), "path", "other")
    _requests[request.method, route, status] += 1
    _seconds[route] += seconds


@router.get("/metrics", include_in_schema=False)
def metrics():
    lines = ["# HELP http_requests_total Requests by route.", "# TYPE http_requests_total counter"]
    for (method, route, status), number in sorted(_requests.items()):
        lines.append(f'http_requests_total{{method="{method}",route="{route}",status="{status}"}} {number}')
    lines += ["# HELP http_request_seconds_total Time by route.", "# TYPE http_request_seconds_total counter"]
    for route, seconds in sorted(_seconds.items()):
        lines.append(f'http_request_seconds_total{{route="{route}"}} {seconds:.6f}')
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
