"""What the tests of the FastAPI shop share: its two variants, odd requests, and how each fault shows.

Not a test itself. `SHOWS` holds one predicate per fault that the wire or the
contract shows: true where the fault is, false where it is not.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import httpx
import jwt
import seed
from fastapi_orders import LONG_KEY, refused_order_key, takes, unknown_product_breaks_the_list

SHOP = "fastapi"
HIDDEN = {"GET /metrics", "GET /partners/{partner_id}/status"}
DOCUMENTS = {"GET /docs", "GET /redoc", "GET /openapi.json"}
IBAN = re.compile(r"\bDE\d{20}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}")


@dataclass
class Side:
    """One variant, asked without and with the administrator's token."""

    plain: httpx.Client
    signed: httpx.Client
    contract: dict
    pid: int

    def operation(self, name: str) -> dict:
        method, path = name.split(" ", 1)
        return self.contract["paths"].get(path, {}).get(method.lower(), {})

    def parameter(self, operation: str, name: str) -> dict:
        found = [p for p in self.operation(operation).get("parameters", []) if p["name"] == name]
        return found[0]["schema"] if found else {}

    def size(self, path: str) -> int:
        """Bytes of a successful answer, 0 of a refusal."""
        answer = self.signed.get(path)
        return len(answer.content) if answer.status_code == 200 else 0

    def rows(self, path: str, signed: bool = False) -> list:
        """The items of a successful list, else none."""
        answer = (self.signed if signed else self.plain).get(path)
        return answer.json()["items"] if answer.status_code == 200 else []

    def fails(self, path: str, signed: bool = False) -> bool:
        return (self.signed if signed else self.plain).get(path).status_code >= 500


def operations(contract: dict) -> set[str]:
    return {f"{method.upper()} {path}" for path, item in contract["paths"].items() for method in item}


NORMAL = [
    "/health", "/me", "/products", "/products?limit=5&category=beds", "/products/prod-00001",
    "/products/by-ids?ids=prod-00001,prod-00002", "/products/prod-00001/related", "/categories",
    "/categories/beds/products", "/search?q=oak&limit=5", "/suggest?prefix=oa", "/customers", "/customers/cust-001",
    "/customers/cust-001/orders", "/customers/cust-001/orders?expand=product", "/orders",
    "/orders?from=2026-10-25&to=2026-11-01&limit=20", "/orders/cust-001/ord-000001", "/export/products.csv",
    "/export/orders", "/reports/sales", "/reports/sales?group_by=day", "/reports/daily?days=7", "/recent",
    "/events/poll", "/admin/users", "/admin/config", "/go?url=https://northwood-timber.net/", "/partners",
    "/partners/lumo/status", "/metrics",
]


def weird_values() -> Iterator[str]:
    yield from ("", "0", "-1", "1.5", "abc", "null", "true", "[]", "{}", "99999999999999999999", "1e9", "NaN")
    yield from ("%00", "%ff%fe", "%F0%9F%90%9F", "../../etc/passwd", "'", '"', "*", "%25", "x" * 300, "x" * 3500)
    yield from ("2026-13-45", "0001-01-01", "9999-12-31", "__proto__", "prod-00001,", "cust-1")


GOOD = {
    "product_id": "prod-00001", "customer_id": "cust-001", "order_id": "ord-000001", "category": "beds",
    "partner_id": "lumo", "ids": "prod-00001", "q": "oak", "prefix": "oa", "url": "https://northwood-timber.net/",
}
PARAMETERISED = [
    "GET /products", "GET /products/by-ids", "GET /products/{product_id}", "GET /products/{product_id}/related",
    "GET /inventory/{product_id}", "GET /v1/products", "GET /categories/{category}/products", "GET /search",
    "GET /suggest", "GET /customers", "GET /customers/{customer_id}", "HEAD /customers/{customer_id}",
    "GET /customers/{customer_id}/orders", "GET /orders", "GET /orders/{customer_id}/{order_id}",
    "GET /export/products.csv", "GET /export/orders", "GET /reports/sales", "GET /reports/daily",
    "GET /partners/{partner_id}/status", "GET /go", "GET /admin/users",
]


def odd_requests(side: Side, operation: str) -> Iterator[tuple[str, str]]:
    """(method, target) with one parameter after the other odd, the rest good."""
    method, path = operation.split(" ", 1)
    parameters = side.operation(operation).get("parameters", [])
    for odd in parameters:
        for value in weird_values():
            filled, query = path, []
            for parameter in parameters:
                name = parameter["name"]
                given = value if name == odd["name"] else GOOD.get(name)
                if parameter["in"] == "path":
                    filled = filled.replace(f"{{{name}}}", given or "-")
                elif given is not None:
                    query.append(f"{name}={given}")
            yield method, f"{filled}?{'&'.join(query)}"


def grows_with(side: Side, low: str, high: str, factor: float = 5) -> bool:
    small, large = side.size(low), side.size(high)
    return small > 0 and large > factor * small


def walk(side: Side, path: str, cursor: str, parameter: str, pages: int = 30) -> list[list]:
    """The pages of a list, following what it gives as its cursor."""
    found, step = [], ""
    for _ in range(pages):
        answer = side.signed.get(f"{path}{'&' if '?' in path else '?'}{step}")
        if answer.status_code != 200:
            return found
        found.append(answer.json()["items"])
        following = answer.json().get(cursor)
        if following is None:
            return found
        text = following if isinstance(following, str) else json.dumps(following)
        step = str(httpx.QueryParams({parameter: text}))
    return found


def page_overlap(side: Side) -> bool:
    ids = [row["id"] for page in walk(side, "/v1/products", "next_page", "page", 4) for row in page]
    return len(ids) != len(set(ids))


def empty_page(side: Side) -> bool:
    for cursor, parameter in (("last_key", "last_key"), ("next_cursor", "cursor")):
        pages = walk(side, "/categories/beds/products?limit=5", cursor, parameter)
        if any(not page for page in pages[:-1]):
            return True
    return False


def bad_category_input(side: Side) -> bool:
    return side.fails("/categories/beds/products?limit=0") and side.fails("/categories/beds/products?last_key=zz")


def raw_values(side: Side) -> bool:
    return bool(re.search(r'\{"S": ?"', side.plain.get("/categories/beds/products?limit=100").text))


def raw_cursor(side: Side) -> bool:
    key = side.plain.get("/categories/beds/products?limit=5").json().get("last_key")
    return isinstance(key, dict) and key.keys() == {"id", "category"} and "S" in key["id"]


def burst(side: Side) -> bool:
    """Thirty requests where ten are announced: served all, and none of them counted."""
    answers = [side.plain.get("/suggest?prefix=oa") for _ in range(30)]
    limits = {answer.headers.get("x-ratelimit-limit") for answer in answers}
    left = {answer.headers.get("x-ratelimit-remaining") for answer in answers}
    return all(answer.status_code == 200 for answer in answers) and limits == {"10"} and left == {"9"}


def no_limit_anywhere(side: Side) -> bool:
    answers = [side.plain.get("/health") for _ in range(30)]
    quiet = not any("ratelimit" in name for answer in answers for name in answer.headers)
    return quiet and all(answer.status_code == 200 for answer in answers)


def claims(side: Side) -> dict:
    return jwt.decode(side.signed.headers["authorization"].split()[1], options={"verify_signature": False})


def signed_with(side: Side, secret: str) -> bool:
    try:
        jwt.decode(
            side.signed.headers["authorization"].split()[1],
            secret,
            algorithms=["HS256"],
            options={"verify_aud": False},
        )
    except jwt.InvalidSignatureError:
        return False
    return True


def partner_tokens(side: Side) -> list[str]:
    return [row["feed_token"] for row in side.rows("/partners") if "feed_token" in row]


def grows_by_itself(side: Side) -> bool:
    sizes = [side.size("/recent") for _ in range(4)]
    return all(after > before for before, after in pairwise(sizes))


def drift(side: Side) -> bool:
    """Whether a cheap request costs the server 0.4 ms more of CPU time after some 2,000 others.

    CPU time does not count what else the machine does, and the cheapest of three runs little of what that costs in caches.
    """

    def cost(requests: int = 100) -> float:
        before = cpu_seconds(side.pid)
        for _ in range(requests):
            side.plain.get("/nothing-here")
        return (cpu_seconds(side.pid) - before) / requests

    first = min(cost() for _ in range(3))
    for _ in range(1700):
        side.plain.get("/nothing-here")
    return min(cost() for _ in range(3)) - first > 0.0004


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (proc_pid_stat(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_to_all(side: Side, path: str) -> bool:
    return side.plain.get(path).status_code == 200


def documented(side: Side, operation: str) -> set[str]:
    """The properties that the contract declares for a successful answer."""
    schema = side.operation(operation)["responses"]["200"]["content"]["application/json"]["schema"]
    name = schema["$ref"].rsplit("/", 1)[-1]
    return set(side.contract["components"]["schemas"][name]["properties"])


def undocumented(side: Side, operation: str, path: str) -> bool:
    return bool(side.signed.get(path).json().keys() - documented(side, operation))


def refused_key(side: Side) -> bool:
    paths = [f"/products/{LONG_KEY}", f"/products/by-ids?ids={LONG_KEY}", f"/customers/{LONG_KEY}"]
    return all("ValidationException" in side.signed.get(path).text for path in paths)


def unbounded(side: Side, operation: str, name: str) -> bool:
    schema = side.parameter(operation, name)
    return schema.get("type") == "integer" and "maximum" not in schema


def cors(side: Side) -> bool:
    answer = side.plain.get("/health", headers={"origin": "https://elsewhere.example", "cookie": "a=b"})
    headers = answer.headers
    return (
        headers.get("access-control-allow-origin") in ("*", "https://elsewhere.example")
        and headers.get("access-control-allow-credentials") == "true"
    )


def public(path: str) -> Callable[[Side], bool]:
    return lambda side: open_to_all(side, path)


def text(path: str, pattern: str) -> Callable[[Side], bool]:
    return lambda side: bool(re.search(pattern, side.signed.get(path).text))


def status(path: str) -> Callable[[Side], bool]:
    return lambda side: side.fails(path, signed=True)


ORDER = "/orders/cust-001/ord-000001"
WHOLE_RANGE = "/orders?from=2026-01-01&to=2026-12-31&limit=5000"
BACKWARDS = "/orders?from=2026-11-01&to=2026-10-01"
MANY_IDS = "/products/by-ids?ids=" + ",".join(f"prod-{n:05d}" for n in range(1, 121))

SHOWS: dict[str, Callable[[Side], bool]] = {
    "products-unbounded": lambda s: len(s.rows("/products?limit=5")) > 100,
    "products-limit-contract": lambda s: unbounded(s, "GET /products", "limit"),
    "products-sort-not-checked": lambda s: open_to_all(s, "/products?sort=bogus"),
    "by-ids-unbounded": lambda s: len(s.rows(MANY_IDS)) == 120,
    "by-ids-cost": lambda s: grows_with(s, "/products/by-ids?ids=prod-00001", MANY_IDS),
    "product-missing-500": status("/products/prod-99999"),
    "product-extra-fields": lambda s: undocumented(s, "GET /products/{product_id}", "/products/prod-00001"),
    "product-size-outlier": lambda s: s.size("/products/prod-00250") > 5 * s.size("/products/prod-00002"),
    "related-depth": lambda s: open_to_all(s, "/products/prod-00001/related?depth=100"),
    "related-cost": lambda s: grows_with(
        s, "/products/prod-00001/related?depth=1", "/products/prod-00001/related?depth=40"
    ),
    "v1-still-answers": lambda s: s.operation("GET /v1/products")["deprecated"] and open_to_all(s, "/v1/products"),
    "v1-page-overlap": page_overlap,
    "v1-per-page": lambda s: len(s.rows("/v1/products?per_page=100000")) > 1000,
    "category-raw-values": raw_values,
    "category-raw-cursor": raw_cursor,
    "category-empty-pages": empty_page,
    "category-limit": lambda s: open_to_all(s, "/categories/beds/products?limit=100000"),
    "category-bad-input-500": bad_category_input,
    "category-error-text": text("/categories/beds/products?limit=0", "Parameter validation failed"),
    "search-everything": lambda s: len(s.rows("/search?q=")) > 1000 and len(s.rows("/search?q=*")) > 1000,
    "search-limit-ignored": lambda s: len(s.rows("/search?q=oak&limit=5")) > 50,
    "suggest-everything": lambda s: len(s.rows("/suggest?prefix=")) > 500,
    "suggest-limit-without-effect": burst,
    "customers-unbounded": lambda s: len(s.rows("/customers", signed=True)) == seed.CUSTOMERS,
    "customers-pii": lambda s: bool(EMAIL.search(s.signed.get("/customers").text)),
    "customers-hashes": text("/customers", r"pbkdf2_sha256\$"),
    "customer-pii": lambda s: bool(IBAN.search(s.signed.get("/customers/cust-003").text)),
    "customer-hash": text("/customers/cust-001", r"pbkdf2_sha256\$"),
    "customer-head-open": lambda s: s.plain.head("/customers/cust-001").status_code == 200
    and s.plain.get("/customers/cust-001").status_code == 401,
    "customer-orders-open": public("/customers/cust-001/orders"),
    "customer-orders-cut": lambda s: len(s.rows("/customers/cust-001/orders", signed=True)) == 100
    and "next" not in s.signed.get("/customers/cust-001/orders").text,
    "customer-orders-expand": lambda s: s.signed.get("/customers/cust-009/orders?expand=a,b,c").status_code == 200,
    "customer-orders-500": unknown_product_breaks_the_list,
    "orders-range": lambda s: len(s.rows(WHOLE_RANGE, signed=True)) >= seed.ORDERS - 10,
    "orders-limit": lambda s: s.signed.get("/orders?limit=-1").status_code == 200,
    "orders-cut": lambda s: len(s.rows("/orders", signed=True)) == 50 and "next" not in s.signed.get("/orders").text,
    "orders-error-text": text(BACKWARDS, "An error occurred"),
    "orders-range-500": status(BACKWARDS),
    "order-open": public(ORDER),
    "order-contact": lambda s: bool(EMAIL.search(s.signed.get(ORDER).text)),
    "order-missing-500": status("/orders/cust-001/ord-999999"),
    "order-callback": lambda s: "callbacks" in s.operation("POST /orders"),
    "order-price-500": lambda s: s.signed.post(
        "/orders",
        content=b'{"customer_id": "cust-007", "lines": [{"product_id": "prod-00001", "quantity": 1, "price": NaN}]}',
        headers={"content-type": "application/json"},
    ).status_code == 500,
    "order-numbers-coerced": lambda s: takes(price=False)(s) and takes(quantity=False)(s),
    "order-writes-store-errors": refused_order_key,
    "export-products-whole": lambda s: s.plain.get("/export/products.csv").text.count("prod-") >= seed.PRODUCTS,
    "export-orders-open": lambda s: bool(s.operation("GET /export/orders")["security"])
    and open_to_all(s, "/export/orders"),
    "export-orders-whole": lambda s: s.signed.get("/export/orders").text.count("\n") >= seed.ORDERS - 10,
    "sales-group-500": status("/reports/sales?group_by=colour"),
    "daily-days": lambda s: open_to_all(s, "/reports/daily?days=5000"),
    "daily-cost": lambda s: grows_with(s, "/reports/daily?days=5", "/reports/daily?days=2000"),
    "daily-negative": lambda s: open_to_all(s, "/reports/daily?days=-5"),
    "daily-trace": text("/reports/daily?days=1000000000", "Traceback"),
    "daily-overflow-500": status("/reports/daily?days=1000000000"),
    "events-raw-record": text("/events/poll", r'\{"S": ?"'),
    "recent-grows": grows_by_itself,
    "partner-http": text("/partners", r'"http://'),
    "partner-unsigned-token": lambda s: any(
        jwt.get_unverified_header(token)["alg"] == "none" for token in partner_tokens(s)
    ),
    "partner-token-unbounded": lambda s: any(
        "exp" not in jwt.decode(token, options={"verify_signature": False}) for token in partner_tokens(s)
    ),
    "partner-status-hidden": lambda s: open_to_all(s, "/partners/lumo/status")
    and not s.operation("GET /partners/{partner_id}/status"),
    "go-anywhere": lambda s: s.plain.get("/go?url=https://elsewhere.example/").headers.get("location")
    == "https://elsewhere.example/",
    "go-status": lambda s: "307" not in s.operation("GET /go")["responses"],
    "inventory-db-parameter": lambda s: any(
        parameter["name"] == "db" for parameter in s.operation("GET /inventory/{product_id}")["parameters"]
    ),
    "inventory-always-500": status("/inventory/prod-00001"),
    "me-secrets": text("/me", "ptk_live_"),
    "me-extra-fields": lambda s: undocumented(s, "GET /me", "/me"),
    "me-email": lambda s: bool(EMAIL.search(s.signed.get("/me").text)),
    "admin-users-secrets": text("/admin/users", "ptk_live_"),
    "admin-users-pii": lambda s: bool(EMAIL.search(s.signed.get("/admin/users").text)),
    "admin-users-unbounded": lambda s: not s.operation("GET /admin/users").get("parameters"),
    "config-open": public("/admin/config"),
    "config-keys": text("/admin/config", "AKIA[A-Z0-9]{16}"),
    "config-internals": text("/admin/config", r"\.compute\.internal"),
    "health-internals": text("/health", r"\.compute\.internal"),
    "jwt-weak-secret": lambda s: signed_with(s, "secret"),
    "jwt-no-expiry": lambda s: not {"exp", "aud"} & claims(s).keys(),
    "jwt-claims": lambda s: bool({"email", "api_key"} & claims(s).keys()),
    "no-challenge": lambda s: "www-authenticate" not in s.plain.get("/me").headers,
    "debug-on": lambda s: "Traceback" in s.plain.get("/inventory/prod-00001").text,
    "store-errors": refused_key,
    "no-rate-limit": no_limit_anywhere,
    "no-security-headers": lambda s: "x-content-type-options" not in s.plain.get("/products/prod-00001").headers,
    "cors-any-origin": cors,
    "trace-echo": lambda s: s.plain.request("TRACE", "/health", headers={"x-echo": "tide"}).text.count("tide") == 1,
    "banner": lambda s: "x-powered-by" in s.plain.get("/health").headers or "server" in s.plain.get("/health").headers,
    "docs-open": public("/docs"),
    "metrics-open": public("/metrics"),
    "metrics-hidden": lambda s: open_to_all(s, "/metrics") and not s.operation("GET /metrics"),
    "uncompressed": lambda s: not {"content-encoding", "etag"} & s.plain.get("/products?limit=100").headers.keys(),
    "long-queries": lambda s: s.plain.get("/health?filler=" + "x" * 9000).status_code == 200,
    "visits-drift": drift,
}
