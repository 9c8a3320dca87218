"""What happens around every request."""

import time

from fastapi import Request
from fastapi.responses import PlainTextResponse

from .metrics import count

VISITS: list[Request] = []


def diagnostics(request: Request) -> PlainTextResponse:
    # Support asks for this when a proxy drops headers.
    lines = [f"{request.method} {request.url.path}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return PlainTextResponse("\n".join(lines), media_type="message/http")


async def visits(request: Request, call_next):
    started = time.perf_counter()
    if request.method == "TRACE":
        return diagnostics(request)
    response = await call_next(request)
    request.state.seen_at = time.time()
    VISITS.append(request)
    same_page = [visit for visit in VISITS if visit.url.path == request.url.path]
    response.headers["X-Visits"] = str(len(same_page))
    response.headers["X-Powered-By"] = "FastAPI 0.165.0"
    count(request, response.status_code, time.perf_counter() - started)
    return response
