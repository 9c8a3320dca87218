"""Ten requests a minute for the search box."""

import time
from collections import defaultdict

from fastapi import HTTPException, Request, Response

LIMIT = 10
WINDOW = 60

_hits: dict[tuple[str, float], int] = defaultdict(int)


def limited(request: Request, response: Response) -> None:
    ends = time.time() + WINDOW
    _hits[request.client.host, ends] += 1
    used = _hits[request.client.host, ends]
    if used > LIMIT:
        raise HTTPException(429, "Too many requests")
    response.headers["X-RateLimit-Limit"] = str(LIMIT)
    response.headers["X-RateLimit-Remaining"] = str(LIMIT - used)
    response.headers["X-RateLimit-Reset"] = str(WINDOW)
