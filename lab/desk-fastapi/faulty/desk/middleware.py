"""What happens around every request."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .security import identify

GATED = ("/api/v2/admin/export", "/api/v2/admin/audit")


class AdminGate:
    """Exports and the audit trail are for administrators."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in GATED:
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
            user = identify(headers.get("authorization", ""))
            if user is not None and user["role"] not in ("admin", "operator"):
                await JSONResponse({"detail": "For administrators"}, 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


class OldBookmarks:
    """Addresses were not case-sensitive once and could end in a slash; links of that time still work."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.known: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if not self.known:
                paths = scope["app"].openapi()["paths"]
                self.known = {path.lower(): path for path in paths if "{" not in path}
            path = scope["path"].rstrip("/").lower() or "/"
            scope["path"] = self.known.get(path, scope["path"])
        await self.app(scope, receive, send)
