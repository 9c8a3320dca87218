"""The sound Django shop does what its remedies promise: pages, bounds, refusals, credentials, checkpoints."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx
import jsonschema
import pytest

import emulator as emulators
import seed
from conftest import EMULATOR, LAB
from django_faults import Asked
from django_shop import VALID, shops

__all__ = ["shops"]  # the fixture

ODD = ["", "abc", "-1", "0", "1.5", "99999999999999999999", "%00", "%0a", "[]", "{}", "*", "'\"", "%C3%A9", "y" * 3000]


def walk(shop: Asked, path: str, auth: bool = False) -> list:
    """Every row of a paged list."""
    rows, cursor = [], None
    for _ in range(200):
        body = shop.json(path + (f"&cursor={cursor}" if cursor else ""), auth)
        rows += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            return rows
        assert body["items"], "a page with a cursor holds something"
    raise AssertionError("the cursor never ends")


@pytest.mark.parametrize(
    ("path", "key", "count"),
    [
        ("/products?limit=100", "id", seed.PRODUCTS),
        ("/customers?limit=100", "id", seed.CUSTOMERS),
        ("/customers/cust-001/orders?limit=100", "order_id", seed.WHOLESALE[1]),
        ("/admin/users?limit=5", "username", 12),
    ],
)
def test_sound_pages_hold_every_row_once(shops: dict[str, Asked], path: str, key: str, count: int) -> None:
    keys = [row[key] for row in walk(shops["sound"], path, auth=True)]
    assert len(keys) == len(set(keys)) == count


def test_sound_pages_of_filtered_lists_are_complete(shops: dict[str, Asked]) -> None:
    sound, faulty = shops["sound"], shops["faulty"]
    everything = faulty.items("/products")
    beds = {item["id"] for item in everything if item["category"] == "beds"}
    assert {item["id"] for item in walk(sound, "/categories/beds/products?limit=30")} == beds
    assert {item["id"] for item in walk(sound, "/products?category=beds&limit=30")} == beds
    related = {item["id"] for item in walk(sound, "/products/prod-00001/related?limit=12")}
    assert related == beds - {"prod-00001"}
    oak = {item["id"] for item in everything if "oak" in item["name"].lower()}
    assert {item["id"] for item in walk(sound, "/search?q=oak&limit=25")} == oak
    names = walk(sound, "/suggest?prefix=o&limit=10")
    assert names == sorted({item["name"] for item in everything if item["name"].lower().startswith("o")}, key=str.lower)


@pytest.mark.parametrize("path", ["/export/products.csv", "/export/orders"])
def test_sound_exports_come_in_portions_that_add_up(shops: dict[str, Asked], path: str) -> None:
    rows: list[str] = []
    cursor = None
    for _ in range(30):
        answer = shops["sound"].ask(path, auth=True, params={"limit": 500, **({"cursor": cursor} if cursor else {})})
        lines = answer.text.splitlines()
        if path.endswith("csv"):
            rows += lines[1:]
            cursor = answer.headers.get("X-Next-Cursor")
        else:
            rows += lines[:-1]
            cursor = re.fullmatch(r'\{"next_cursor": (?:null|"(.+)")\}', lines[-1])[1]
        assert len(lines) <= 501
        if cursor is None:
            break
    assert len(rows) == len(set(rows)) == (seed.PRODUCTS if path.endswith("csv") else seed.ORDERS)


def test_sound_cursors_cannot_be_made_up_or_moved(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    cursor = sound.json("/products?limit=5")["next_cursor"]
    assert sound.ask(f"/products?limit=5&cursor={cursor}").status_code == 200
    for wrong in (cursor[:-2] + "AA", "A" * 40, cursor + "AAAA", "%20", "e30"):
        assert sound.ask(f"/products?limit=5&cursor={wrong}").status_code == 400, wrong
    assert sound.ask(f"/customers?limit=5&cursor={cursor}", auth=True).status_code == 400
    assert sound.ask(f"/products?limit=5&category=beds&cursor={cursor}").status_code == 400


def odd_requests(contract: dict) -> list[tuple[str, str, str]]:
    """(parameter, value, URL): each parameter of each GET with each odd value, the others as in the examples."""
    good = {"product_id": "prod-00001", "customer_id": "cust-001", "order_id": "ord-000001", "category": "beds"}
    good["partner_id"] = "loftwerk"
    found = []
    for path, methods in contract["paths"].items():
        declared = [p for p in methods.get("get", {}).get("parameters", []) if p["in"] in ("path", "query")]
        for odd in declared:
            for value in ODD:
                query = [f"{odd['name']}={value}"] if odd["in"] == "query" else []
                others = [p for p in declared if "example" in p and p["name"] != odd["name"]]
                query += [f"{p['name']}={p['example']}" for p in others]
                url = path
                for name, example in good.items():
                    url = url.replace(f"{{{name}}}", value or "%20" if name == odd["name"] else example)
                found.append((odd["name"], value, url + "?" + "&".join(query)))
    return found


def test_sound_refuses_odd_values_politely(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    # Odd, and yet within the declared bounds.
    within = {"depth": {"0"}, "prefix": {"abc"}, "q": {"abc", "-1", "99999999999999999999"}}
    asked = odd_requests(sound.contract())
    assert len(asked) > 300
    for name, value, url in asked:
        answer = sound.ask(url, auth=True)
        if value in within.get(name, ()):
            assert answer.status_code == 200, url[:120]
            continue
        assert 400 <= answer.status_code < 500, url[:120]
        assert answer.headers["Content-Type"] == "application/problem+json", url[:120]
        assert not re.search(r"Exception|Traceback|arn:aws|/shop/|Table", answer.text), url[:120]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"\xff", b'{"lines": NaN}', b"[" * 20_000,
        b'{"customer_id": 1, "lines": {}, "username": [], "password": {}}',
        b'{"customer_id": "cust-001", "lines": [null], "status": null, "username": "a\\u0000", "password": "b"}',
        b'{"customer_id": "cust-001", "lines": [{"product_id": "prod-99999", "quantity": 1}], "status": "x"}',
        b'{"customer_id": "cust-001", "lines": [{"product_id": "prod-00001", "quantity": 1e99}]}',
    ],
)  # fmt: skip
def test_sound_refuses_odd_bodies_politely(shops: dict[str, Asked], body: bytes) -> None:
    sound = shops["sound"]
    for method, path in (("POST", "/orders"), ("PATCH", "/orders/cust-001/ord-000001"), ("POST", "/auth/token")):
        # Sign-in is limited to twenty a minute, so it is asked once for each body.
        for kind in ("application/json", "text/xml")[: 1 if path == "/auth/token" else 2]:
            answer = sound.ask(path, auth=True, method=method, content=body, headers={"Content-Type": kind})
            assert 400 <= answer.status_code < 500, (method, path, kind)
            assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("target", [
    "/orders?to=0", "/orders?to=", "/orders?to=20261101", "/orders?from=2026-W44-1", "/orders?from=2026-10-25T00:00:00",
    "/orders?to=2026-11-1", "/products?limit=1_0", "/products?limit=%2B5", "/products?limit=%205", "/products?limit=5.0",
    "/products?limit=%D9%A3", "/products/by-ids?ids=prod-00001%0A", "/search?q=%20%20", "/search?q=oak%0A",
    "/suggest?prefix=%20oa", "/reports/daily?days=0x7", "/export/orders?limit=1e1",
])
def test_sound_takes_parameters_only_as_they_are_declared(shops: dict[str, Asked], target: str) -> None:
    assert shops["sound"].ask(target, auth=True).status_code == 400


def test_sound_range_may_end_on_the_first_day_of_the_calendar(shops: dict[str, Asked]) -> None:
    assert shops["sound"].json("/orders?to=0001-01-01", auth=True) == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("change", [
    {"note": 0}, {"note": 1.5}, {"note": {}}, {"note": []}, {"note": None}, {"note": True}, {"note": " " * 201},
    {"customer_id": 7}, {"customer_id": " cust-042"}, {"customer_id": "cust-042\n"}, {"lines": {}}, {"lines": []},
    {"lines": [{"product_id": "prod-00010", "quantity": "2"}]},
    {"lines": [{"product_id": "prod-00010", "quantity": True}]},
    {"lines": [{"product_id": "prod-00010", "quantity": 1.5}]},
    {"lines": [{"product_id": "prod-00010 ", "quantity": 1}]},
])
def test_sound_orders_are_taken_only_as_they_are_declared(shops: dict[str, Asked], change: dict) -> None:
    order = {"customer_id": "cust-042", "lines": [{"product_id": "prod-00010", "quantity": 2}], **change}
    assert shops["sound"].ask("/orders", auth=True, method="POST", json=order).status_code == 400


@pytest.mark.parametrize("change", [{"note": 0}, {"note": {}}, {"note": None}, {"status": 1}, {"status": ["paid"]}, []])
def test_sound_changes_are_taken_only_as_they_are_declared(shops: dict[str, Asked], change: object) -> None:
    answer = shops["sound"].ask("/orders/cust-001/ord-000001", auth=True, method="PATCH", json=change)
    assert answer.status_code == 400


def test_sound_orders_take_whole_numbers_however_json_writes_them(shops: dict[str, Asked]) -> None:
    body = b'{"customer_id": "cust-042", "lines": [{"product_id": "prod-00010", "quantity": 2.0}]}'
    kind = {"Content-Type": "application/json"}
    made = shops["sound"].ask("/orders", auth=True, method="POST", content=body, headers=kind)
    assert made.status_code == 201
    assert made.json()["lines"][0]["quantity"] == 2
    path = f"/orders/cust-042/{made.json()['order_id']}"
    assert shops["sound"].ask(path, auth=True, method="DELETE").status_code == 204


def test_sound_orders_that_are_sent_again_are_made_once(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    order = {"customer_id": "cust-042", "lines": [{"product_id": "prod-00010", "quantity": 2}], "note": "again"}
    named = {"Idempotency-Key": "sent-again-0000001"}

    def place(body: dict, headers: dict[str, str]) -> httpx.Response:
        return sound.ask("/orders", auth=True, method="POST", json=body, headers=headers)

    first, again, unnamed = place(order, named), place(order, named), place(order, {})
    assert (first.status_code, again.status_code, unnamed.status_code) == (201, 201, 201)
    assert first.json() == again.json()
    refused = place({**order, "note": "another"}, named)
    assert (refused.status_code, refused.json()["invalid"]) == (400, ["Idempotency-Key"])
    assert place(order, {"Idempotency-Key": "short"}).status_code == 400
    made = {first.json()["order_id"], unnamed.json()["order_id"]}
    assert len(made) == 2
    for order_id in made:
        assert sound.ask(f"/orders/cust-042/{order_id}", auth=True, method="DELETE").status_code == 204


@pytest.mark.parametrize("path", ["/admin/users", "/admin/config", "/metrics"])
def test_sound_administration_names_its_role(shops: dict[str, Asked], path: str) -> None:
    assert shops["sound"].operation(path, "get")["security"] == [{"bearerAuth": ["admin"]}]
    assert shops["sound"].operation("/orders", "post")["security"] == [{"bearerAuth": []}]


def test_sound_orders_are_json_only(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    assert sound.operation("/orders", "post")["requestBody"]["content"].keys() == {"application/json"}
    assert sound.ask("/orders", auth=True, method="POST", data={"customer_id": "cust-042"}).status_code == 415


def closed(schema: dict) -> dict:
    """The schema with every object closed, so that undeclared fields are errors."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: closed(part) for name, part in schema.items()}
    if changed.get("nullable"):
        changed["type"] = [changed["type"], "null"]
    if "properties" in changed:
        changed.setdefault("additionalProperties", False)
    return changed


def test_sound_answers_are_as_declared(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    contract = sound.contract()
    judged = 0
    for path in VALID:
        answer = sound.ask(path, auth=True)
        template = next((t for t in contract["paths"] if _matches(t, path)), None)
        if template is None or answer.headers["Content-Type"] != "application/json":
            continue
        declared = contract["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        schema = closed({**declared, "components": contract["components"]})
        jsonschema.Draft202012Validator(schema).validate(answer.json())
        judged += 1
    assert judged >= 20


def _matches(template: str, path: str) -> bool:
    pattern = re.sub(r"\{\w+\}", "[^/]+", template)
    return re.fullmatch(pattern, path.partition("?")[0]) is not None and ("{" not in template or "by-ids" not in path)


def test_sound_contract_bounds_what_callers_may_ask(shops: dict[str, Asked]) -> None:
    for path, methods in shops["sound"].contract()["paths"].items():
        for operation in methods.values():
            assert "429" in operation["responses"], path
            for parameter in operation.get("parameters", []):
                schema = parameter["schema"]
                bound = "maximum" if schema["type"] == "integer" else "maxLength"
                assert bound in schema or "enum" in schema or schema.get("format") == "date", (path, parameter["name"])


@pytest.mark.parametrize(
    "path", [path for path in VALID if re.match(r"/(me|metrics|customers|orders|export/orders|admin)\b", path)]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_sound_asks_for_credentials_whatever_the_method(shops: dict[str, Asked], method: str, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer abc"}, {"Authorization": "Basic abc"}):
        answer = shops["sound"].ask(path, method=method, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_sound_answers_carry_the_headers(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    for path in ("/products", "/customers", "/no-such-page", "/products?limit=0", "/v1/products", "/partners"):
        headers = sound.ask(path, auth=True).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert int(headers["RateLimit-Remaining"]) < int(headers["RateLimit-Limit"])
        assert not {"server", "x-powered-by"} & set(headers)
    assert sound.ask("/customers", auth=True).headers["Cache-Control"] == "no-store"
    fresh = sound.ask("/products")
    assert sound.ask("/products", headers={"If-None-Match": fresh.headers["ETag"]}).status_code == 304
    retired = sound.ask("/v1/products")
    assert retired.status_code == 410 and {"sunset", "deprecation", "link"} <= set(retired.headers)


def test_sound_limits_sizes_origins_and_hosts(shops: dict[str, Asked]) -> None:
    sound = shops["sound"]
    assert sound.ask("/search?q=oak&x=" + "y" * 5000).status_code == 414
    assert sound.ask("/search?q=oak&x=" + "y" * 9000).status_code == 414
    assert sound.ask("/health", headers={"X-Long": "y" * 9000}).status_code == 431
    assert sound.ask("/health", headers={"X-Long": "y" * 17_000}).status_code == 431
    assert sound.ask("/health", headers={"Host": "other.example"}).status_code == 400
    asks = {"Origin": "https://plank-and-tide.shop", "Access-Control-Request-Method": "GET"}
    assert sound.ask("/products", method="OPTIONS", headers=asks).status_code == 204
    assert sound.ask("/products", method="OPTIONS", headers={**asks, "Origin": "https://x.example"}).status_code == 403
    json_body = {"Content-Type": "application/json"}
    large = sound.ask("/orders", auth=True, method="POST", content=b" " * 70_000, headers=json_body)
    assert large.status_code in (400, 413)


def test_sound_sign_in_is_limited(shops: dict[str, Asked]) -> None:
    client = shops["sound"].clients[False]
    wrong = {"username": "nobody", "password": "wrong"}
    codes = [client.post("/auth/token", json=wrong) for _ in range(22)]
    assert codes[-1].status_code == 429
    assert int(codes[-1].headers["Retry-After"]) > 0


CONSUME = """
import time
from shop.wsgi import consumer
for _ in range(100):
    time.sleep(0.1)
    if consumer.consumer.status == "running" and consumer.consumer.processed >= int({expected}):
        break
time.sleep({settle})
consumer.consumer.stop.set()
print(consumer.consumer.processed, consumer.consumer.queue.maxsize)
"""


def test_sound_consumer_goes_on_after_the_last_handled_event() -> None:
    with emulators.start(EMULATOR) as emulator:
        seed.seed(emulator.endpoint)

        def consume(expected: int, settle: float) -> list[int]:
            done = subprocess.run(
                [sys.executable, "-c", CONSUME.format(expected=expected, settle=settle)],
                cwd=LAB / "shop-django" / "sound",
                env={**emulators.aws_environment(emulator.endpoint), "PYTHONPATH": "."},
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            return [int(word) for word in done.stdout.split()]

        processed, size = consume(expected=seed.EVENTS, settle=0.5)
        assert processed == seed.EVENTS
        assert size > 0
        processed, _ = consume(expected=0, settle=3)
        assert processed == 0
