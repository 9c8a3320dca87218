"""What the desk talks to: an exchange-rate service and a page server, as a stand-in on 127.0.0.1.

`start(stack)` runs it in a thread of the caller. It answers like services of
the kind do, its error page included.
"""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

RATES = {"EUR": "1.0000", "USD": "1.0842", "GBP": "0.8611", "CHF": "0.9413"}
PAGE = "<!doctype html><html><head><title>Release notes</title></head><body><p>Faster search.</p></body></html>"
FAILURE = """<html><head><title>Error 500 Server Error</title></head><body><h2>HTTP ERROR 500</h2><pre>
java.lang.NullPointerException: rate table for requested currency
    at com.quoteworks.rates.RateTable.lookup(RateTable.java:118)
    at com.quoteworks.rates.RateServlet.doGet(RateServlet.java:64)
    at org.eclipse.jetty.servlet.ServletHolder.handle(ServletHolder.java:764)
</pre><hr>jdbc:postgresql://10.40.7.12:5432/rates</body></html>"""


class Upstream(BaseHTTPRequestHandler):
    server_version = "Jetty(9.4.11.v20180605)"
    sys_version = ""

    def _answer(self, status: int, kind: str, text: str, **headers: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/rates/"):
            currency = path.removeprefix("/rates/")
            if currency in RATES:
                self._answer(200, "application/json", json.dumps({"currency": currency, "rate": RATES[currency]}))
            else:
                self._answer(500, "text/html", FAILURE)
        elif path == "/pages/release-notes":
            self._answer(200, "text/html", PAGE)
        elif path == "/pages/latest":
            self._answer(302, "text/plain", "moved", Location="/pages/release-notes")
        else:
            self._answer(404, "text/plain", "no such page")

    def do_HEAD(self) -> None:
        self._answer(200, "text/html", "")

    def do_POST(self) -> None:
        self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65_536))
        self._answer(202, "application/json", "{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


def start(stack: ExitStack) -> str:
    """The address of a running stand-in; `stack` ends it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    stack.callback(thread.join, 5)
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    return f"http://127.0.0.1:{server.server_address[1]}"
