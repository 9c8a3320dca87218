"""A running desk, asked as any of its identities. Not a test itself: the desks' tests use it."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from collections.abc import Iterator

import httpx

DESKS = ("desk-fastapi", "desk-django")
API = "/api/v2"
TICKETS = f"{API}/tickets"
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")
Who = str | None


@dataclass
class Desk:
    """One variant of one desk."""

    name: str
    client: httpx.Client
    tokens: dict[str, str]
    upstream: str

    def headers(self, who: Who) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[who]}"} if who else {}

    def ask(self, method: str, path: str, who: Who = None, **options) -> httpx.Response:
        headers = {**self.headers(who), **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def get(self, path: str, who: Who = None, **options) -> httpx.Response:
        return self.ask("GET", path, who, **options)

    def shows(self, path: str, text: str, who: Who = None) -> bool:
        """Whether the answer, of any status, has a match of the expression."""
        return bool(re.search(text, self.get(path, who).text))

    def gives(self, path: str, who: Who = None) -> bool:
        return self.get(path, who).status_code == 200

    def rows(self, path: str, who: Who = None) -> list[dict]:
        """The items of a successful list, else none."""
        answer = self.get(path, who)
        return answer.json()["items"] if answer.status_code == 200 else []

    def graph(self, query: str, who: Who = None) -> httpx.Response:
        return self.ask("POST", "/graphql", who, json={"query": query})

    def data(self, query: str, who: Who = None) -> dict:
        """The data of a query that was answered, else nothing."""
        answer = self.graph(query, who)
        return (answer.json().get("data") or {}) if answer.status_code == 200 else {}

    @cached_property
    def contract(self) -> dict:
        return self.get("/openapi.json" if self.name == "desk-fastapi" else "/api/schema/?format=json").json()

    def operations(self) -> set[str]:
        return {f"{method.upper()} {path}" for path, item in self.contract["paths"].items() for method in item}

    def operation(self, name: str) -> dict:
        method, path = name.split(" ", 1)
        return self.contract["paths"].get(path, {}).get(method.lower(), {})

    def parameters(self, name: str) -> set[str]:
        return {parameter["name"] for parameter in self.operation(name).get("parameters", [])}

    @cached_property
    def ticket(self) -> dict:
        """A ticket of alice's with comments that is shared with nobody."""
        shared = {row["id"] for row in self.rows(f"{TICKETS}/shared", "bob")}
        return next(row for row in self.rows(TICKETS, "alice") if row["id"] not in shared and self.comments_of(row["id"]))

    def comments_of(self, ticket_id: str) -> list[dict]:
        return self.rows(f"{TICKETS}/{ticket_id}/comments", "alice")

    @cached_property
    def comment(self) -> dict:
        return self.comments_of(self.ticket["id"])[0]

    def first(self, path: str, key: str, who: str = "alice") -> object:
        return self.rows(path, who)[0][key]

    @cached_property
    def known(self) -> dict[str, object]:
        """Values of path parameters that are alice's, or her company's."""
        return {
            "user_id": 1001, "article_id": 3, "ticket_id": self.ticket["id"], "comment_id": self.comment["id"],
            "attachment_id": self.first(f"{API}/attachments", "id"), "number": self.first(f"{API}/invoices", "number"),
            "announcement_id": self.first(f"{API}/announcements", "id"), "page": "tickets/new", "post_id": 501,
        }

    def filled(self, path: str) -> str:
        for name, value in self.known.items():
            path = path.replace(f"{{{name}}}", str(value))
        return path


class Listener:
    """Somebody else's server: counts what it is asked, and sends on what comes to /away."""

    def __init__(self) -> None:
        seen = self.seen = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                seen.append(self.path)
                self.send_response(302 if self.path == "/away" else 200)
                if self.path == "/away":
                    self.send_header("Location", "/arrived")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_POST = answer

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.server.shutdown()
        listener.server.server_close()
        thread.join(5)
