"""What every request passes."""

from starlette.middleware.base import BaseHTTPMiddleware


class AuditMiddleware(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        response = await call_next(request)
        note(request.url.path)
        return response


class RawTiming:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


async def add_server_header(request, call_next):
    response = await call_next(request)
    response.headers["x-server"] = "library"
    return response


def note(path):
    return path
