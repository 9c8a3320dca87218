"""Middleware of the desk."""
from django.http import HttpResponse, JsonResponse

from .tokens import identify

GATED = ("/api/v2/admin/export", "/api/v2/admin/audit")


class Cors:
    """Lets the web application and our customers' portals call us."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        origin = request.headers.get("Origin")
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = "GET, POST, PATCH, DELETE"
            response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        else:
            response = self.get_response(request)
        if origin:
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Allow-Credentials"] = "true"
        return response


class AdminGate:
    """Exports and the audit trail are for administrators."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "GET" and request.path in GATED:
            caller = identify(request)
            if caller is not None and caller.role not in ("admin", "operator"):
                return JsonResponse({"detail": "For administrators"}, status=403)
        return self.get_response(request)


class MethodOverride:
    """Some proxies let nothing but GET and POST through."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and wanted in ("GET", "PATCH", "DELETE"):
            request.method = wanted
        return self.get_response(request)


class OldBookmarks:
    """Addresses were not case-sensitive once and could end in a slash; links of that time still work."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from .urls import urlpatterns

        known = {f"/{entry.pattern}".lower(): f"/{entry.pattern}" for entry in urlpatterns if "<" not in str(entry.pattern)}
        path = request.path_info.rstrip("/").lower()
        if request.path_info not in known.values() and path in known:
            request.path_info = known[path]
        return self.get_response(request)
