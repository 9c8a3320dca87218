"""Limits on what one request may carry and how many requests one client may send."""
import re
import threading
import time
from collections import OrderedDict

from django.conf import settings

from desk.problems import problem

MAX_PATH = 1024
MAX_QUERY = 4096
MAX_HEADERS = 8192
# What somebody could want to do very often: guess passwords, make accounts, vote, try codes.
SENSITIVE = re.compile(r"/api/v2/(auth/(token|register|reset)|coupons/redeem|articles/\d+/vote|webhooks/test)")


class RequestSize:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if len(request.META.get("QUERY_STRING", "")) > MAX_QUERY or len(request.path) > MAX_PATH:
            return problem(414, "URI too long")
        if sum(len(name) + len(value) for name, value in request.headers.items()) > MAX_HEADERS:
            return problem(431, "Request header fields too large")
        return self.get_response(request)


class Window:
    """Requests per client in fixed windows; the oldest clients are forgotten first."""

    def __init__(self, limit, seconds, clients=10_000):
        self.limit = limit
        self.seconds = seconds
        self.clients = clients
        self.counts = OrderedDict()
        self.lock = threading.Lock()

    def take(self, client):
        """Count a request; returns (allowed, remaining, seconds until the window ends)."""
        now = time.monotonic()
        with self.lock:
            began, count = self.counts.pop(client, (now, 0))
            if now - began >= self.seconds:
                began, count = now, 0
            count += 1
            self.counts[client] = (began, count)
            while len(self.counts) > self.clients:
                self.counts.popitem(last=False)
        reset = max(1, round(began + self.seconds - now))
        return count <= self.limit, max(0, self.limit - count), reset


class RateLimit:
    everything = Window(limit=settings.REQUESTS_PER_WINDOW, seconds=10)
    sensitive = Window(limit=settings.SENSITIVE_PER_MINUTE, seconds=60)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        window, counted = self.everything, request.META.get("REMOTE_ADDR", "")
        if request.method == "POST" and SENSITIVE.fullmatch(request.path):
            window, counted = self.sensitive, f"{counted} {request.path}"
        allowed, remaining, reset = window.take(counted)
        response = self.get_response(request) if allowed else problem(429, "Too many requests")
        response.headers["RateLimit-Limit"] = str(window.limit)
        response.headers["RateLimit-Remaining"] = str(remaining)
        response.headers["RateLimit-Reset"] = str(reset)
        if not allowed:
            response.headers["Retry-After"] = str(reset)
        return response
