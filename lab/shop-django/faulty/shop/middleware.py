"""Middleware of the shop."""
import logging
import time

import django
from django.core.signals import got_request_exception
from django.http import HttpResponse

logger = logging.getLogger(__name__)


class PoweredByMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["X-Powered-By"] = f"Django/{django.get_version()}"
        return response


class CorsMiddleware:
    """Lets the web shop and the mobile preview call us."""

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


class HistoryMiddleware:
    """Remembers what was asked, to notice clients that repeat themselves."""

    history = []

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        def note_error(sender, **kwargs):
            logger.error("failed: %s", request.get_full_path())

        got_request_exception.connect(note_error, weak=False)

        request.started = time.monotonic()
        address = request.build_absolute_uri()
        repeats = sum(1 for other in self.history if other.build_absolute_uri() == address)
        if repeats > 1000:
            logger.warning("%s asked %d times", address, repeats)
        self.history.append(request)
        return self.get_response(request)
