"""How each wire-visible fault of the Django shop shows itself. Not a test itself.

Every entry asks a running shop one to a few questions and says whether the fault is
there: it has to be there in the faulty variant and must not be in the sound one.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Callable

import httpx
import jwt

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


class Asked:
    """A shop with and without the token; waits when the shop says that it is too much."""

    def __init__(self, anonymous: httpx.Client, signed_in: httpx.Client, token: str) -> None:
        self.clients = {False: anonymous, True: signed_in}
        self.token = token

    def ask(self, path: str, auth: bool = False, method: str = "GET", **options) -> httpx.Response:
        for _ in range(5):
            answer = self.clients[auth].request(method, path, **options)
            if answer.status_code != 429:
                return answer
            time.sleep(float(answer.headers["Retry-After"]))
        return answer

    def json(self, path: str, auth: bool = False) -> dict:
        answer = self.ask(path, auth)
        return answer.json() if answer.headers["Content-Type"].endswith("json") else {}

    def items(self, path: str, auth: bool = False) -> list:
        return self.json(path, auth).get("items", [])

    def contract(self) -> dict:
        return self.ask("/api/schema/?format=json").json()

    def operation(self, path: str, method: str = "get") -> dict:
        return self.contract()["paths"].get(path, {}).get(method, {})

    def parameter(self, path: str, name: str) -> dict:
        found = [p for p in self.operation(path).get("parameters", []) if p["name"] == name]
        return found[0]["schema"] if found else {"maximum": 0}


Shows = Callable[[Asked], bool]


def breaks(path: str, auth: bool = False, method: str = "GET", **options) -> Shows:
    return lambda shop: shop.ask(path, auth, method, **options).status_code == 500


def answers(path: str, auth: bool = False, status: int = 200, method: str = "GET") -> Shows:
    return lambda shop: shop.ask(path, auth, method).status_code == status


def says(path: str, pattern: str, auth: bool = False) -> Shows:
    def shows(shop: Asked) -> bool:
        return re.search(pattern, shop.ask(path, auth).text) is not None

    return shows


def more_than(path: str, count: int, auth: bool = False) -> Shows:
    return lambda shop: len(shop.items(path, auth)) > count


def grows(path: str) -> Shows:
    def shows(shop: Asked) -> bool:
        sizes = [len(shop.ask(path).content) for _ in range(4)]
        return sizes[0] < sizes[1] < sizes[2] < sizes[3]

    return shows


def size_follows(low: str, high: str, factor: float, auth: bool = False) -> Shows:
    """More than `factor` times the bytes for the higher value."""

    def shows(shop: Asked) -> bool:
        return len(shop.ask(high, auth).content) > factor * len(shop.ask(low, auth).content)

    return shows


def cut_without_cursor(path: str, auth: bool = False) -> Shows:
    def shows(shop: Asked) -> bool:
        body = shop.json(path, auth)
        return len(body.get("items", [])) == 100 and "next_cursor" not in body

    return shows


def undeclared(shop: Asked) -> bool:
    declared = shop.contract()["components"]["schemas"]["Product"]["properties"]
    return bool(shop.json("/products/prod-00001").keys() - declared.keys())


def outlier(shop: Asked) -> bool:
    sizes = sorted(len(shop.ask(f"/products/{n}").content) for n in ["prod-00500", "prod-00001", "prod-00002"])
    return sizes[-1] > 15_000


def empty_page_with_cursor(shop: Asked) -> bool:
    body = shop.json("/orders?from=2026-10-25&to=2026-11-01&limit=5", auth=True)
    return not body["items"] and body["next_cursor"] is not None


def cursor_is_key(shop: Asked) -> bool:
    cursor = shop.json("/categories/beds/products?limit=5")["next_cursor"]
    return b'"category"' in base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def limit_without_effect(shop: Asked) -> bool:
    remaining = [
        next((v for k, v in shop.ask("/suggest?prefix=oa").headers.items() if k.endswith("ratelimit-remaining")), None)
        for _ in range(3)
    ]
    return remaining[0] is not None and len(set(remaining)) == 1


def declared_not_enforced(path: str, template: str) -> Shows:
    def shows(shop: Asked) -> bool:
        return shop.operation(template).get("security") == [{"bearerAuth": []}] and shop.ask(path).status_code == 200

    return shows


def feed_token(shop: Asked) -> str | None:
    return next((partner["feed_token"] for partner in shop.items("/partners") if partner.get("feed_token")), None)


def unsigned(shop: Asked) -> bool:
    token = feed_token(shop)
    return token is not None and jwt.get_unverified_header(token)["alg"] == "none"


def claims(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def weak_secret(shop: Asked) -> bool:
    signed, _, signature = shop.token.rpartition(".")
    wanted = hmac.digest(b"secret", signed.encode(), "sha256")
    return base64.urlsafe_b64encode(wanted).decode().rstrip("=") == signature


def head_is_open(shop: Asked) -> bool:
    return shop.ask("/admin/users").status_code == 401 and shop.ask("/admin/users", method="HEAD").status_code == 200


def no_challenge(shop: Asked) -> bool:
    return "WWW-Authenticate" not in shop.ask("/admin/users").headers


def unlisted(shop: Asked) -> bool:
    paths = shop.contract()["paths"]
    templates = ("/events/poll", "/metrics", "/partners/{partner_id}/status")
    hidden = [path for path in templates if path not in paths]
    return bool(hidden) and all(shop.ask(path.format(partner_id="nordhus")).status_code == 200 for path in hidden)


def any_method(shop: Asked) -> bool:
    return any(shop.ask("/health", method=method).status_code == 200 for method in ("POST", "DELETE", "TRACE"))


def debug_page(shop: Asked) -> bool:
    return "DEBUG = True" in shop.ask("/no-such-page").text


def no_limit_headers(shop: Asked) -> bool:
    answer = shop.ask("/health")
    return not any("ratelimit" in name.lower() for name in answer.headers)


def no_security_headers(shop: Asked) -> bool:
    headers = shop.ask("/customers", auth=True).headers
    return not {"X-Content-Type-Options", "X-Frame-Options", "Cache-Control"} <= {k.title() for k in headers}


def not_compressed(shop: Asked) -> bool:
    headers = shop.ask("/products?limit=50", headers={"Accept-Encoding": "gzip"}).headers
    return "Content-Encoding" not in headers and "ETag" not in headers


def reflects_origin(shop: Asked) -> bool:
    headers = shop.ask("/health", headers={"Origin": "https://other.example"}).headers
    return headers.get("Access-Control-Allow-Origin") == "https://other.example"


def banner(shop: Asked) -> bool:
    headers = shop.ask("/health").headers
    return "X-Powered-By" in headers or "Server" in headers


def oversized(shop: Asked) -> bool:
    return shop.ask("/search?q=oak&x=" + "y" * 5000).status_code == 200


def drifts(shop: Asked) -> bool:
    """The quickest of some requests, and again after 600 more; the quickest is least disturbed by the machine, and what drifts stays slow."""

    def quickest() -> float:
        spent = []
        for _ in range(60):
            began = time.perf_counter()
            shop.ask("/health")
            spent.append(time.perf_counter() - began)
        return min(spent)

    first = quickest()
    for _ in range(3):
        for _ in range(600):
            shop.ask("/health")
        if quickest() <= 1.3 * first:
            return False
    return True


def open_redirect(shop: Asked) -> bool:
    return shop.ask("/go?url=https://other.example/").headers.get("Location") == "https://other.example/"


def plain_http(shop: Asked) -> bool:
    return any(partner["site"].startswith("http://") for partner in shop.items("/partners"))


def raw_order_cursor(shop: Asked) -> bool:
    return isinstance(shop.json("/orders?limit=5", auth=True)["next_cursor"], dict)


def callback(shop: Asked) -> bool:
    return "callbacks" in shop.operation("/orders", "post")


def with_an_odd_order(shop: Asked) -> tuple[httpx.Response, list]:
    """Place an order whose note is an object: the answer, and the customer's orders before it is removed again."""
    body = {"customer_id": "cust-299", "lines": [{"product_id": "prod-00010", "quantity": 1}], "note": {}}
    answer = shop.ask("/orders", auth=True, method="POST", json=body)
    orders = shop.items("/customers/cust-299/orders", auth=True)
    if answer.status_code == 201:
        shop.ask(f"/orders/cust-299/{answer.json()['order_id']}", auth=True, method="DELETE")
    return answer, orders


def changes_to_a_list(shop: Asked) -> bool:
    first = shop.items("/customers/cust-002/orders", auth=True)[0]
    path = f"/orders/cust-002/{first['order_id']}"
    answer = shop.ask(path, auth=True, method="PATCH", json={"note": []})
    shop.ask(path, auth=True, method="PATCH", json={"note": first["note"]})
    return answer.status_code == 200 and answer.json()["note"] == []


def null_customer(shop: Asked) -> bool:
    body = shop.json("/customers/cust-999/orders?expand=customer", auth=True)
    return "customer" in body and body["customer"] is None


def unbounded_list(path: str) -> Shows:
    """The contract gives the answer's list no bound."""

    def shows(shop: Asked) -> bool:
        contract = shop.contract()
        schema = contract["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        return "maxItems" not in contract["components"]["schemas"][name]["properties"]["items"]

    return shows


def fields_of_sales(shop: Asked) -> bool:
    return EMAIL.search(json.dumps(shop.json("/reports/sales"))) is not None


LONG = "x" * 3000
HASH = r"pbkdf2_sha256\$"

SHOWS: dict[str, Shows] = {
    "products-unbounded": more_than("/products?limit=5", 1000),
    "products-limit-contract": lambda shop: "maximum" not in shop.parameter("/products", "limit"),
    "product-size-outlier": outlier,
    "product-extra-fields": undeclared,
    "product-long-id-500": breaks(f"/products/{LONG}"),
    "by-ids-unbounded": answers("/products/by-ids?ids=" + ",".join(["prod-00001"] * 60)),
    "by-ids-error-text": says("/products/by-ids?ids=prod-00001,,", "ValidationException"),
    "related-limit": more_than("/products/prod-00001/related?limit=100000", 100),
    "related-500": breaks("/products/prod-99999/related"),
    "inventory-table-parameter": says("/inventory/cust-001?table=customers", '"product_id": "cust-001"'),
    "inventory-error-text": says("/inventory/prod-00001?table=none", "ResourceNotFoundException"),
    "inventory-500": breaks("/inventory/prod-00001?table="),
    "v1-still-answers": answers("/v1/products"),
    "v1-raw-values": says("/v1/products", r'\{"S": "prod-'),
    "v1-cut": cut_without_cursor("/v1/products"),
    "categories-by-scan": unbounded_list("/categories"),
    "category-limit": more_than("/categories/beds/products?limit=100000", 100),
    "category-500": breaks("/categories/beds/products?cursor=abc"),
    "category-cursor": cursor_is_key,
    "search-everything": more_than("/search?q=", 1000),
    "search-limit": more_than("/search?q=oak&limit=100000", 90),
    "search-limit-negative": answers("/search?q=oak&limit=-1"),
    "search-500": breaks("/search?q=oak&limit=abc"),
    "suggest-everything": more_than("/suggest?prefix=", 1000),
    "suggest-limit-without-effect": limit_without_effect,
    "customers-unbounded": more_than("/customers", 100, auth=True),
    "customers-pii": says("/customers", EMAIL.pattern, auth=True),
    "customers-hashes": says("/customers", HASH, auth=True),
    "customer-open": declared_not_enforced("/customers/cust-001", "/customers/{customer_id}"),
    "customer-pii": says("/customers/cust-001", EMAIL.pattern),
    "customer-hash": says("/customers/cust-001", HASH),
    "customer-missing-500": breaks("/customers/cust-999"),
    "customer-orders-open": answers("/customers/cust-001/orders"),
    "customer-orders-cut": cut_without_cursor("/customers/cust-001/orders", auth=True),
    "customer-orders-depth": answers("/customers/cust-009/orders?depth=100000", auth=True),
    "customer-orders-cost": size_follows(
        "/customers/cust-001/orders?depth=0", "/customers/cust-001/orders?depth=100", 4, auth=True
    ),
    "customer-orders-500": breaks("/customers/cust-001/orders?depth=abc", auth=True),
    "customer-orders-expand": answers("/customers/cust-009/orders?expand=other", auth=True),
    "customer-orders-pii": says("/customers/cust-001/orders?expand=customer", EMAIL.pattern),
    "customer-orders-hash": says("/customers/cust-001/orders?expand=customer", HASH),
    "customer-orders-null-customer": null_customer,
    "orders-empty-pages": empty_page_with_cursor,
    "orders-raw-cursor": raw_order_cursor,
    "orders-limit": more_than("/orders?from=2026-10-15&limit=100000", 200, auth=True),
    "orders-range": answers("/orders?from=whenever", auth=True),
    "orders-range-unbounded": answers("/orders?from=2001-01-01", auth=True),
    "orders-500": breaks("/orders?cursor=abc", auth=True),
    "order-raw-values": says("/orders/cust-001/ord-000001", r'"order_id":\{"S":', auth=True),
    "order-long-key-500": breaks(f"/orders/cust-001/{LONG}", auth=True),
    "order-callback": callback,
    "order-create-500": breaks("/orders", auth=True, method="POST", json={}),
    "order-create-values": lambda shop: with_an_odd_order(shop)[0].status_code == 201,
    "orders-stored-values": lambda shop: any(order["note"] == {} for order in with_an_odd_order(shop)[1]),
    "order-change-types": changes_to_a_list,
    "order-delete-500": breaks(f"/orders/cust-001/{LONG}", auth=True, method="DELETE"),
    "order-change-anything": breaks(
        "/orders/cust-001/ord-000001", auth=True, method="PATCH", json={"status": "sent", "weight": 1.5}
    ),
    "export-products-whole": lambda shop: shop.ask("/export/products.csv").text.count("\n") > 1000,
    "export-orders-open": answers("/export/orders"),
    "export-orders-whole": lambda shop: shop.ask("/export/orders", auth=True).text.count("\n") > 1000,
    "sales-emails": fields_of_sales,
    "daily-days": more_than("/reports/daily?days=1000", 999),
    "daily-cost": size_follows("/reports/daily?days=10", "/reports/daily?days=2000", 50),
    "daily-negative": answers("/reports/daily?days=-1"),
    "daily-500": breaks("/reports/daily?days=1000000"),
    "events-hidden": unlisted,
    "events-grow": grows("/events/poll"),
    "events-internals": says("/events/poll", "arn:aws:dynamodb"),
    "recent-grows": grows("/recent"),
    "partner-http": plain_http,
    "partner-unsigned-token": unsigned,
    "partner-token-unbounded": lambda shop: (token := feed_token(shop)) is not None and "exp" not in claims(token),
    "go-anywhere": open_redirect,
    "go-missing-500": breaks("/go"),
    "me-secrets": says("/me", "ptk_live_|pbkdf2_", auth=True),
    "me-email": says("/me", EMAIL.pattern, auth=True),
    "token-500": breaks("/auth/token", method="POST", json={}),
    "admin-users-secrets": says("/admin/users", "ptk_live_", auth=True),
    "admin-users-pii": says("/admin/users", EMAIL.pattern, auth=True),
    "admin-users-unbounded": lambda shop: "next_cursor" not in shop.json("/admin/users", auth=True),
    "admin-users-head": head_is_open,
    "no-challenge": no_challenge,
    "config-open": declared_not_enforced("/admin/config", "/admin/config"),
    "config-keys": says("/admin/config", "sk_live_", auth=True),
    "config-internals": says("/admin/config", "/shop-django/", auth=True),
    "health-internals": says("/health", "http://127.0.0.1"),
    "metrics-open": answers("/metrics"),
    "jwt-weak-secret": weak_secret,
    "jwt-no-expiry": lambda shop: "exp" not in claims(shop.token),
    "jwt-claims": lambda shop: bool({"email", "password_hash"} & claims(shop.token).keys()),
    "debug-on": debug_page,
    "plain-views-any-method": any_method,
    "no-rate-limit": no_limit_headers,
    "no-security-headers": no_security_headers,
    "no-compression": not_compressed,
    "cors-reflects": reflects_origin,
    "powered-by": banner,
    "no-size-limits": oversized,
    "history-drift": drifts,
    "docs-open": answers("/api/docs/"),
    "docs-unlisted": answers("/api/docs/"),
}
