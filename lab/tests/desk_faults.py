"""How each fault of a desk shows by real requests, and each near miss holds. Not a test itself.

`SHOWS` has a predicate for every fault: true where the fault is, false where it
is not. `HOLDS` has one for every near miss: true in both variants.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import jwt
from desk import API, EMAIL, TICKETS, Desk, listening

Predicate = Callable[[Desk], bool]
WEAK = ("changeme", "supersecret")
HASH = r"pbkdf2_sha256\$"


def gives(path: str, who: str | None = None) -> Predicate:
    return lambda d: d.gives(d.filled(path), who)


def shows(path: str, text: str, who: str | None = None) -> Predicate:
    return lambda d: d.shows(d.filled(path), text, who)


def comment_below_another_ticket(d: Desk) -> bool:
    own = d.first(TICKETS, "id", "bob")
    return d.gives(f"{TICKETS}/{own}/comments/{d.comment['id']}", "bob")


def written(method: str, path: str, key: str, value: object, back: object, who: str) -> Predicate:
    """Whether a property that is nobody's to set stays set; it is put back."""

    def check(d: Desk) -> bool:
        target = d.filled(path)
        answer = d.ask(method, target, who, json={key: value})
        kept = answer.status_code == 200 and d.get(target, who).json().get(key) == value
        if kept:
            d.ask(method, target, who, json={key: back})
        return kept

    return check


def accepted(path: str, body: dict, key: str, value: object, who: str | None = None) -> Predicate:
    """Whether an answer to a POST shows the property that was smuggled in."""

    def check(d: Desk) -> bool:
        fresh = {"email": f"{uuid.uuid4().hex}@lumen-studios.net"} if "password" in body else {}
        answer = d.ask("POST", path, who, json={**body, **fresh, key: value})
        return answer.status_code == 201 and answer.json().get(key) == value

    return check


def calls(method: str, path: str, name: str, goal: str = "/here") -> Predicate:
    """Whether the service asks an address that only the caller has named."""

    def check(d: Desk) -> bool:
        with listening() as listener:
            target = listener.url + ("/away" if goal == "/arrived" else goal)
            options = {"json": {name: target}} if method == "POST" else {"params": {name: target}}
            d.ask(method, path, "alice", **options)
            return goal in listener.seen

    return check


def seconds(d: Desk, ref: str) -> float:
    return d.get(f"{API}/articles/seen", params={"ref": ref}).elapsed.total_seconds()


def slow_statement(d: Desk) -> bool:
    heavy = "x' OR hex(randomblob(30000000)) = '"
    return seconds(d, heavy) > 0.15 + 3 * seconds(d, "search")


def found(d: Desk, **query: str) -> list[dict]:
    answer = d.get(f"{TICKETS}/find", "alice", params=query)
    return answer.json()["items"] if answer.status_code == 200 else []


def unsigned(d: Desk) -> bool:
    claims = jwt.decode(d.tokens["bob"], options={"verify_signature": False})
    token = jwt.encode(claims, None, algorithm="none")
    return d.get(f"{API}/me", headers={"authorization": f"Bearer {token}"}).status_code == 200


def weakly_signed(d: Desk) -> bool:
    for word in WEAK:
        try:
            jwt.decode(d.tokens["alice"], word, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.InvalidSignatureError:
            continue
        return True
    return False


def endless(d: Desk) -> bool:
    return not {"exp", "aud"} & jwt.decode(d.tokens["alice"], options={"verify_signature": False}).keys()


def foreign_origin(d: Desk) -> bool:
    headers = d.get("/health", headers={"origin": "https://elsewhere.example"}).headers
    return headers.get("access-control-allow-origin") == "https://elsewhere.example"


def bare_cookie(answer) -> bool:
    return "httponly" not in answer.headers["set-cookie"].lower()


def sign_in(d: Desk):
    import desk_seed

    _, email, _, _, password = desk_seed.IDENTITIES["alice"]
    return d.ask("POST", f"{API}/auth/token", json={"email": email, "password": password})


def unlimited(path: str) -> Predicate:
    """Neither a word about a limit in the answer, nor 429 in the contract."""

    def check(d: Desk) -> bool:
        answer = d.ask("POST", d.filled(path), json={})
        responses = d.operation(f"POST {path}").get("responses", {})
        assert responses, path
        return "ratelimit-limit" not in answer.headers and "429" not in responses

    return check


def tells_accounts(d: Desk) -> bool:
    known, unknown = ("alice.moreau@kestrel-freight.eu", "nobody.at.all@kestrel-freight.eu")
    answers = [d.ask("POST", f"{API}/auth/reset", json={"email": email}).status_code for email in (known, unknown)]
    return answers[0] != answers[1]


def deep(d: Desk) -> bool:
    query = "{ tickets(first: 1) { id " + "requester { tickets(first: 1) { id " * 6 + "} } " * 6 + "} }"
    return d.graph(query, "alice").status_code == 200


def aliased(d: Desk) -> bool:
    many = " ".join(f"a{n}: article(id: 3) {{ id }}" for n in range(150))
    return len(d.data(f"{{ {many} }}")) == 150


def graph_batch(d: Desk) -> bool:
    answer = d.ask("POST", "/graphql", json=[{"query": "{ __typename }"}] * 30)
    return answer.status_code == 200 and len(answer.json()) == 30


def changes_by_get(d: Desk) -> bool:
    answer = d.get("/graphql", "alice", params={"query": 'mutation { closeTicket(id: "none") { id } }'})
    return answer.status_code == 200 and "errors" not in answer.json()


def rpc(d: Desk, body: object) -> object:
    return d.ask("POST", "/rpc", "alice", json=body).json()


def rpc_batch(d: Desk) -> bool:
    calls = [{"jsonrpc": "2.0", "method": "desk.ping", "id": n} for n in range(60)]
    return len(rpc(d, calls)) == 60


def undeclared_kind(d: Desk) -> bool:
    name = f"{API}/invoices/{{number}}/text"
    kind = d.get(d.filled(name), "alice").headers["content-type"].split(";")[0]
    return kind not in d.operation(f"GET {name}")["responses"]["200"]["content"]


def wrong_figures(d: Desk) -> bool:
    body = d.get(f"{API}/reports/service-level", "alice").json()
    return body["state"] not in ("good", "at-risk", "broken") and not 0 <= body["share_in_time"] <= 1


def without_control(*names: str) -> Predicate:
    return lambda d: not any({"limit", "cursor"} & d.parameters(name) for name in names)


def by_override(d: Desk) -> bool:
    headers = {"x-http-method-override": "GET"}
    return d.ask("POST", f"{API}/admin/audit", "alice", headers=headers).status_code == 200


def compressed_or_validated(d: Desk) -> bool:
    return bool({"content-encoding", "etag"} & d.get(f"{API}/articles/search").headers.keys())


SHOWS: dict[str, Predicate] = {
    "user-of-anybody": gives(f"{API}/users/{{user_id}}", "bob"),
    "ticket-of-anybody": gives(f"{TICKETS}/{{ticket_id}}", "bob"),
    "comments-of-any-ticket": gives(f"{TICKETS}/{{ticket_id}}/comments", "bob"),
    "comment-of-another-ticket": comment_below_another_ticket,
    "attachment-of-anybody": gives(f"{API}/attachments/{{attachment_id}}", "bob"),
    "invoices-of-any-company": shows(f"{API}/invoices?tenant_id=kestrel", '"tenant_id": ?"kestrel"', "bob"),
    "invoice-of-anybody": gives(f"{API}/invoices/{{number}}", "bob"),
    "graphql-ticket-of-anybody": lambda d: bool(d.data(f'{{ ticket(id: "{d.ticket["id"]}") {{ subject }} }}', "bob").get("ticket")),
    "graphql-user-of-anybody": lambda d: bool(d.data("{ user(id: 1001) { name } }", "bob").get("user")),
    "admin-users-for-members": gives(f"{API}/admin/users", "alice"),
    "export-by-case": lambda d: not d.gives(f"{API}/admin/export", "alice") and d.gives(f"{API}/ADMIN/export", "alice"),
    "audit-by-slash": lambda d: not d.gives(f"{API}/admin/audit", "alice") and d.gives(f"{API}/admin/audit/", "alice"),
    "audit-by-override": by_override,
    "tenants-for-company-admins": gives(f"{API}/admin/tenants", "admin"),
    "role-change-for-members": lambda d: d.ask(
        "POST", f"{API}/admin/users/1007/role", "alice", json={"role": "member"}
    ).status_code == 200,
    "user-hash": shows(f"{API}/users/1001", HASH, "alice"),
    "user-internal": shows(f"{API}/users/1001", "hourly_cost", "alice"),
    "ticket-internal": shows(TICKETS, "internal_notes", "alice"),
    "comment-extra-field": shows(f"{TICKETS}/{{ticket_id}}/comments", '"tenant_id"', "alice"),
    "admin-users-hashes": shows(f"{API}/admin/users", HASH, "admin"),
    "admin-users-pii": lambda d: bool(EMAIL.search(d.get(f"{API}/admin/users", "admin").text)),
    "graphql-password-hash": lambda d: "passwordHash" in d.data("{ me { passwordHash } }", "alice").get("me", {}),
    "me-internal": shows(f"{API}/me", "is_admin", "alice"),
    "me-mass": written("PATCH", f"{API}/me", "credit_cents", 4, 0, "alice"),
    "register-mass": accepted(f"{API}/auth/register", {"name": "Una", "password": "long-enough-44"}, "role", "admin"),
    "ticket-mass": written("PATCH", f"{TICKETS}/{{ticket_id}}", "assignee_id", 7, 1003, "alice"),
    "new-ticket-mass": accepted(TICKETS, {"subject": "s", "body": "b"}, "requester_name", "Somebody", "alice"),
    "preview-fetches-anything": calls("GET", f"{API}/tools/link-preview", "url"),
    "avatar-fetches-anything": calls("GET", f"{API}/tools/avatar-check", "src"),
    "webhook-test-fetches-anything": calls("POST", f"{API}/webhooks/test", "url"),
    "preview-follows-redirects": calls("GET", f"{API}/tools/link-preview", "url", "/arrived"),
    "rate-error-passed-on": shows(f"{API}/billing/exchange-rate?currency=XXX", "quoteworks"),
    "rate-500": lambda d: d.get(f"{API}/billing/exchange-rate?currency=XXX").status_code == 500,
    "payment-unsigned": lambda d: d.ask(
        "POST", f"{API}/hooks/payments", json={"event": "paid", "invoice": 1}
    ).status_code == 202,
    "search-sql": lambda d: "Draft" in d.get(f"{API}/articles/search", params={"q": "zz%' OR published = 0 -- "}).text,
    "search-500": lambda d: d.get(f"{API}/articles/search", params={"q": "'"}).status_code == 500,
    "slug-sql": lambda d: "Reset" in d.get(f"{API}/articles/by-slug", params={"slug": "zz' OR '1'='1"}).text,
    "seen-sql": slow_statement,
    "find-expression": lambda d: any(
        row["requester_id"] != 1001 for row in found(d, field="priority <> :value OR priority", value="high")
    ),
    "find-error-text": lambda d: "FilterExpression" in d.get(f"{TICKETS}/find", "alice", params={"field": "'"}).text,
    "lookup-operators": lambda d: len(d.rows(f"{API}/contacts/lookup?code[$ne]=0", "alice")) > 5,
    "macro-template": lambda d: "1337" in d.get(f"{API}/macros/preview", "alice", params={"text": "{{ 7*191 }}"}).text,
    "help-reflects": lambda d: "<i>zz" in d.get("/help/search", params={"q": "<i>zz"}).text,
    "continue-anywhere": lambda d: d.get("/continue?next=https://elsewhere.example/").headers.get("location")
    == "https://elsewhere.example/",
    "jwt-none": unsigned,
    "jwt-weak-secret": weakly_signed,
    "jwt-no-expiry": endless,
    "cors-reflects": foreign_origin,
    "help-cookie": lambda d: bare_cookie(d.get("/help")),
    "token-cookie": lambda d: bare_cookie(sign_in(d)),
    "no-security-headers": lambda d: "x-content-type-options" not in d.get("/health").headers,
    "no-rate-limit": lambda d: not any("ratelimit" in name for name in d.get("/health").headers),
    "no-size-limits": lambda d: d.gives("/health?filler=" + "x" * 9000),
    "uncompressed": lambda d: not compressed_or_validated(d),
    "server-banner": lambda d: "server" in d.get("/health").headers,
    "v1-tickets": shows("/api/v1/tickets", "requester_name"),
    "internal-metrics": gives("/internal/metrics"),
    "env-file": shows("/.env", "MAIL_PASSWORD="),
    "git-config": shows("/.git/config", r"\[core\]"),
    "backup": shows("/backup.sql", "CREATE TABLE"),
    "source-map": shows("/static/app.js.map", '"mappings"'),
    "actuator": shows("/actuator/env", "propertySources"),
    "debug-toolbar": shows("/__debug__/", "djDebug"),
    "docs-open": lambda d: d.gives("/docs") or d.gives("/api/docs/"),
    "register-unlimited": unlimited(f"{API}/auth/register"),
    "reset-unlimited": unlimited(f"{API}/auth/reset"),
    "coupon-unlimited": unlimited(f"{API}/coupons/redeem"),
    "vote-unlimited": unlimited(f"{API}/articles/{{article_id}}/vote"),
    "sign-in-unlimited": unlimited(f"{API}/auth/token"),
    "reset-tells": tells_accounts,
    "graphql-introspection": lambda d: "__schema" in d.data("{ __schema { queryType { name } } }"),
    "graphql-suggestions": lambda d: "Did you mean" in d.graph("{ mee { id } }").text,
    "graphql-depth": deep,
    "graphql-aliases": aliased,
    "graphql-batch": graph_batch,
    "graphql-get-mutation": changes_by_get,
    "rpc-batch": rpc_batch,
    "rpc-methods": lambda d: "result" in rpc(d, {"jsonrpc": "2.0", "method": "system.listMethods", "id": 1}),
    "queue-status": lambda d: str(d.get(f"{API}/reports/queue", "alice").status_code)
    not in d.operation(f"GET {API}/reports/queue")["responses"],
    "invoice-text-type": undeclared_kind,
    "service-level-schema": wrong_figures,
    "usage-open": lambda d: bool(d.operation(f"GET {API}/reports/usage")["security"]) and d.gives(f"{API}/reports/usage"),
    "announcements-maximum": lambda d: len(d.rows(f"{API}/announcements?limit=100", "alice")) > 5,
    "announcements-cut": lambda d: "next_cursor" not in d.get(f"{API}/announcements", "alice").json(),
    "tickets-limit": lambda d: len(d.rows(f"{TICKETS}?limit=-1", "agent")) > 200,
    "tickets-cut": lambda d: "next_cursor" not in d.get(TICKETS, "alice").json(),
    "found-unbounded": lambda d: "next_cursor" not in d.get(f"{TICKETS}/find", "alice").json(),
    "comments-unbounded": without_control(f"GET {TICKETS}/{{ticket_id}}/comments"),
    "admin-users-unbounded": without_control(f"GET {API}/admin/users"),
    "lists-without-control": without_control(
        f"GET {API}/users", f"GET {API}/attachments", f"GET {API}/invoices"
    ),
    "export-at-once": lambda d: "x-next-cursor" not in d.get(f"{API}/admin/export", "admin").headers,
}


def colleagues_are_bare(d: Desk) -> bool:
    return all(row.keys() == {"id", "name", "title"} for row in d.rows(f"{API}/users", "alice"))


def shared_with_bob(d: Desk) -> bool:
    shared = d.first(f"{TICKETS}/shared", "id", "bob")
    owned = [row["id"] for row in d.rows(TICKETS, "alice")]
    return shared in owned and d.gives(f"{TICKETS}/{shared}", "bob") and not d.rows(f"{TICKETS}/shared", "alice")


HOLDS: dict[str, Predicate] = {
    "article-is-public": gives(f"{API}/articles/{{article_id}}"),
    "announcement-is-for-the-company": lambda d: [
        d.gives(d.filled(f"{API}/announcements/{{announcement_id}}"), who) for who in ("alice", "agent", "bob", None)
    ] == [True, True, False, False],
    "directory-is-for-the-company": colleagues_are_bare,
    "preferences-ignore-the-id": lambda d: d.get(f"{API}/users/1001/preferences", "bob").json()["user_id"] == 1002,
    "shared-ticket-is-for-its-reader": shared_with_bob,
    "posts-are-for-everybody": lambda d: d.rows(f"{API}/community/posts", "alice") == d.rows(f"{API}/community/posts", "bob")
    and d.gives(f"{API}/community/posts/501", "bob") and not d.gives(f"{API}/community/posts/501"),
    "card-differs-by-reader": lambda d: d.get(f"{API}/users/1001/card", "alice").json().keys() == {"id", "name", "title", "language"}
    and d.get(f"{API}/users/1001/card", "bob").json().keys() == {"id", "name", "title"},
    "invoice-text-is-checked": lambda d: not d.gives(d.filled(f"{API}/invoices/{{number}}/text"), "bob"),
    "settings-are-for-admins": lambda d: [
        d.get(f"{API}/admin/settings", who).status_code for who in (None, "alice", "agent", "admin")
    ] == [401, 403, 403, 200],
    "logo-has-an-allow-list": lambda d: not calls("GET", f"{API}/tools/logo", "url")(d)
    and d.get(f"{API}/tools/logo", "alice", params={"url": "https://logos.harbourdesk.io.elsewhere.example/"}).status_code == 400,
    "suggest-is-parametrised": lambda d: "Reset" not in d.get(f"{API}/articles/suggest", params={"prefix": "zz' OR '1'='1"}).text
    and d.get(f"{API}/articles/suggest", params={"prefix": "'"}).status_code < 500,
    "topic-is-escaped": lambda d: "&lt;i&gt;" in d.get("/help/topic", params={"name": "<i>"}).text,
    "greeting-is-escaped": lambda d: d.get(f"{API}/macros/greeting", params={"name": "{{ 7*191 }}<i>"}).json()["text"]
    == "Hello {{ 7*191 }}&lt;i&gt;,",
    "web-app-answers-everything": shows("/app/.env", '<div id="root">'),
}
