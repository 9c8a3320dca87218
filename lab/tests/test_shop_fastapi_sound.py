"""The sound shop on FastAPI: the remedies hold, and its contract says what it does."""

from __future__ import annotations

import json
import re
import time
from contextlib import ExitStack

import emulator as emulators
import httpx
import jsonschema
import jwt
import pytest
import run
import seed
from conftest import EMULATOR
from fastapi_faults import GOOD, NORMAL, PARAMETERISED, SHOP, Side, claims, odd_requests, operations, walk
from openapi_spec_validator import validate


def test_sound_contract_is_valid_and_bounded(sides: dict[str, Side]) -> None:
    contract = sides["sound"].contract
    validate(contract)
    for path, item in contract["paths"].items():
        for method, operation in item.items():
            assert {"422", "429"} <= operation["responses"].keys(), (method, path)
            if operation.get("security"):
                assert "401" in operation["responses"], (method, path)
            for parameter in operation.get("parameters", []):
                for schema in parameter["schema"].get("anyOf", [parameter["schema"]]):
                    bounds = {"integer": {"minimum", "maximum"}, "string": {"maxLength"}}.get(schema["type"], set())
                    closed = "enum" in schema or schema.get("format") == "date"
                    assert closed or bounds <= schema.keys(), (method, path, parameter["name"])


def test_sound_answers_hold_what_the_contract_declares_and_nothing_else(sides: dict[str, Side]) -> None:
    side = sides["sound"]
    strict = json.loads(json.dumps(side.contract))
    for schema in strict["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    templates = {
        re.compile(re.sub(r"\{\w+\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))): path
        for path in sorted(strict["paths"], key=lambda path: path.count("{"), reverse=True)
    }
    checked = 0
    for target in NORMAL:
        path = next(known for pattern, known in reversed(templates.items()) if pattern.fullmatch(target.split("?")[0]))
        answer = side.signed.get(target)
        declared = strict["paths"][path]["get"]["responses"][str(answer.status_code)].get("content", {})
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind == "application/json":
            schema = {**declared[kind]["schema"], "components": strict["components"]}
            jsonschema.Draft202012Validator(schema).validate(answer.json())
            checked += 1
    assert checked >= 25


def test_sound_asks_for_credentials_exactly_where_the_contract_does(sides: dict[str, Side]) -> None:
    side = sides["sound"]
    secured = 0
    for name in operations(side.contract):
        method, path = name.split(" ", 1)
        for parameter, value in GOOD.items():
            path = path.replace(f"{{{parameter}}}", value)
        query = {p["name"]: GOOD[p["name"]] for p in side.operation(name).get("parameters", []) if p["name"] in GOOD}
        answer = side.plain.request(method, path, params=query, json={} if method in ("POST", "PATCH") else None)
        wanted = bool(side.operation(name).get("security"))
        assert (answer.status_code == 401) == wanted, name
        secured += wanted
    assert secured >= 12


WALKS = [
    ("/products?limit=100", "id", seed.PRODUCTS),
    ("/products?limit=7&category=beds", "id", None),
    ("/categories/beds/products?limit=3&featured=false", "id", None),
    ("/search?q=oak&limit=9", "id", None),
    ("/customers?limit=50", "id", seed.CUSTOMERS),
    ("/customers/cust-001/orders?limit=13", "order_id", seed.WHOLESALE[1]),
    ("/orders?from=2026-10-25&to=2026-11-01&limit=30", "order_id", None),
    ("/admin/users?limit=5", "username", 12),
]


@pytest.mark.parametrize(("path", "key", "total"), WALKS)
def test_sound_pages_cover_everything_once(sides: dict[str, Side], path: str, key: str, total: int | None) -> None:
    pages = walk(sides["sound"], path, "next_cursor", "cursor", pages=100)
    ids = [row[key] for page in pages for row in page]
    assert all(pages)
    assert len(ids) == len(set(ids))
    assert len(pages) > 1
    if total is not None:
        assert len(ids) == total


def test_sound_featured_pages_agree_with_the_whole_category(sides: dict[str, Side]) -> None:
    small = walk(sides["sound"], "/categories/beds/products?limit=2", "next_cursor", "cursor", pages=100)
    whole = sides["sound"].rows("/categories/beds/products?limit=100")
    assert [row["id"] for page in small for row in page] == [row["id"] for row in whole]


@pytest.mark.parametrize(("path", "rows"), [("/export/products.csv", seed.PRODUCTS), ("/export/orders", seed.ORDERS)])
def test_sound_exports_go_slice_by_slice(sides: dict[str, Side], path: str, rows: int) -> None:
    seen: set[str] = set()
    following: str | None = path
    slices = 0
    while following and slices < 50:
        answer = sides["sound"].signed.get(following)
        assert answer.status_code == 200
        assert len(answer.content) < 250_000
        found = re.findall(r"^prod-\d{5}|ord-[0-9a-f]+", answer.text, re.MULTILINE)
        assert not seen & set(found)
        seen |= set(found)
        slices += 1
        cursor = answer.headers.get("x-next-cursor")
        following = f"{path}?cursor={cursor}" if cursor else None
    assert slices >= rows // 200
    assert len(seen) == rows


def test_sound_cursors_cannot_be_changed_or_moved(sides: dict[str, Side]) -> None:
    signed = sides["sound"].signed
    cursor = signed.get("/products?limit=2").json()["next_cursor"]
    assert signed.get(f"/products?cursor={cursor}").status_code == 200
    for broken in (cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB"), cursor[1:], "A", "zzz", "A" * 400):
        assert signed.get(f"/products?cursor={broken}").status_code == 400
    assert signed.get(f"/customers?cursor={cursor}").status_code == 400
    assert signed.get(f"/products?category=beds&cursor={cursor}").status_code == 400


@pytest.mark.parametrize("operation", PARAMETERISED)
def test_sound_variant_never_fails_on_odd_input(sides: dict[str, Side], operation: str) -> None:
    for method, target in odd_requests(sides["sound"], operation):
        answer = sides["sound"].signed.request(method, target)
        assert answer.status_code < 500, target
        if answer.status_code >= 400 and method != "HEAD":
            assert answer.json().keys() == {"title", "status"}


@pytest.mark.parametrize("target", [
    "/orders?to=0", "/orders?to=", "/orders?from=1761350400", "/orders?from=20261025", "/orders?from=2026-10-25T00:00:00",
    "/orders?to=2026-11-1", "/products?limit=1_0", "/products?limit=%2B5", "/products?limit=%205", "/products?limit=5.0",
    "/products?limit=%D9%A3", "/categories/beds/products?featured=yes", "/categories/beds/products?featured=1",
    "/products/prod-00001/related?depth=2.0", "/reports/daily?days=0x7", "/export/orders?limit=1e1",
])
def test_sound_takes_parameters_only_as_they_are_declared(sides: dict[str, Side], target: str) -> None:
    assert sides["sound"].signed.get(target).status_code == 422


GOOD_LINE = {"product_id": "prod-00001", "quantity": 2, "price": 10.5}


@pytest.mark.parametrize("change", [
    {"price": False}, {"price": True}, {"price": "10.5"}, {"price": 0}, {"price": 0.001}, {"price": 10_000.01},
    {"quantity": True}, {"quantity": "2"}, {"quantity": 1.5}, {"quantity": 101}, {"product_id": 1},
])
def test_sound_order_lines_are_taken_only_as_they_are_declared(sides: dict[str, Side], change: dict) -> None:
    order = {"customer_id": "cust-007", "lines": [{**GOOD_LINE, **change}]}
    assert sides["sound"].signed.post("/orders", json=order).status_code == 422


@pytest.mark.parametrize("change", [{"note": 0}, {"note": {}}, {"note": None}, {"customer_id": 7}, {"lines": {}}])
def test_sound_orders_are_taken_only_as_they_are_declared(sides: dict[str, Side], change: dict) -> None:
    order = {"customer_id": "cust-007", "lines": [GOOD_LINE], **change}
    assert sides["sound"].signed.post("/orders", json=order).status_code == 422


def test_sound_orders_stay_within_the_total_that_answers_may_hold(sides: dict[str, Side]) -> None:
    signed = sides["sound"].signed
    dear = {"product_id": "prod-00001", "quantity": 100, "price": 10_000}
    placed = signed.post("/orders", json={"customer_id": "cust-007", "lines": [dear]})
    assert placed.status_code == 201
    order = placed.json()
    assert order["total"] == 1_000_000
    assert signed.delete(f"/orders/cust-007/{order['order_id']}").status_code == 204
    for lines in ([dear, {**GOOD_LINE, "quantity": 1, "price": 0.01}], [dear] * 50, [GOOD_LINE] * 51):
        assert signed.post("/orders", json={"customer_id": "cust-007", "lines": lines}).status_code == 422


def test_sound_orders_that_are_sent_again_are_made_once(sides: dict[str, Side]) -> None:
    side = sides["sound"]
    order = {"customer_id": "cust-007", "lines": [GOOD_LINE], "note": "again"}
    named = {"idempotency-key": "sent-again-0000001"}
    first, again = (side.signed.post("/orders", json=order, headers=named) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert side.signed.post("/orders", json={**order, "note": "another"}, headers=named).status_code == 422
    assert side.signed.post("/orders", json=order, headers={"idempotency-key": "short"}).status_code == 422
    clerk = {"authorization": f"Bearer {run.sign_in(str(side.plain.base_url).rstrip('/'), seed.CLERK)}"}
    others = [side.plain.post("/orders", json=order, headers={**clerk, **named}), side.signed.post("/orders", json=order)]
    made = {answer.json()["order_id"] for answer in [first, *others]}
    assert len(made) == 3
    for order_id in made:
        assert side.signed.delete(f"/orders/cust-007/{order_id}").status_code == 204


SECURITY_HEADERS = {"x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer"}


@pytest.mark.parametrize(("method", "path", "expected"), [
    ("GET", "/products", 200), ("GET", "/nothing", 404), ("POST", "/products", 405), ("TRACE", "/products", 405),
    ("GET", "/me", 401), ("GET", "/products?limit=0", 422), ("GET", "/health?x=" + "y" * 5000, 414),
    ("GET", "/v1/products", 410), ("GET", "/go?url=https://elsewhere.example/", 400),
])
def test_sound_headers_are_on_every_answer(sides: dict[str, Side], method: str, path: str, expected: int) -> None:
    answer = sides["sound"].plain.request(method, path)
    assert answer.status_code == expected
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers
    assert {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= answer.headers.keys()
    if expected == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_sound_limits_headers_and_bodies(sides: dict[str, Side]) -> None:
    side = sides["sound"]
    assert side.plain.get("/health", headers={"x-filler": "y" * 9000}).status_code == 431
    body = json.dumps({"customer_id": "cust-007", "note": "n" * 70_000})
    headers = {"content-type": "application/json"}
    assert side.signed.post("/orders", content=body, headers=headers).status_code == 413
    assert side.signed.post("/orders", content=iter([body.encode()]), headers=headers).status_code == 413


def test_sound_answers_can_be_cached_and_are_compressed(sides: dict[str, Side]) -> None:
    plain = sides["sound"].plain
    first = plain.get("/products?limit=100")
    assert first.headers["content-encoding"] == "gzip"
    again = plain.get("/products?limit=100", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert sides["sound"].signed.get("/customers").headers["cache-control"] == "no-store"


def test_sound_tokens_are_checked(sides: dict[str, Side]) -> None:
    side = sides["sound"]
    good = claims(side)
    assert {"exp", "aud", "iss", "sub"} <= good.keys()
    secret = "x" * 48
    forged = [
        jwt.encode(good, None, algorithm="none"),
        jwt.encode(good, secret, algorithm="HS256"),
        side.signed.headers["authorization"].split()[1][:-8] + "tampered",
        "not.a.token",
    ]
    for token in forged:
        answer = side.plain.get("/me", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("path", ["/admin/users", "/admin/config", "/metrics"])
def test_sound_administration_is_for_administrators(sides: dict[str, Side], path: str) -> None:
    side = sides["sound"]
    assert side.operation(f"GET {path}")["security"] == [{"HTTPBearer": ["admin"]}]
    clerk = run.sign_in(str(side.plain.base_url).rstrip("/"), seed.CLERK)
    assert side.plain.get(path).status_code == 401
    assert side.plain.get(path, headers={"authorization": f"Bearer {clerk}"}).status_code == 403
    assert side.signed.get(path).status_code == 200


def test_sound_consumer_keeps_its_position_over_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """120 records are handled once; a second process on the same tables handles none again."""
    with emulators.start(EMULATOR) as emulator:
        monkeypatch.setenv("DYNAMODB_ENDPOINT", emulator.endpoint)
        latest: list[dict | None] = []
        last = f"evt-{seed.EVENTS:06d}"
        for _ in range(2):
            with ExitStack() as stack:
                shop = run.start_shop(stack, SHOP, "sound")
                client = stack.enter_context(httpx.Client(base_url=shop.url, trust_env=False))
                deadline = time.monotonic() + 20
                while not latest and time.monotonic() < deadline:
                    state = client.get("/events/poll").json()["latest"]
                    if state and state["id"] == last:
                        break
                    time.sleep(0.1)
                # Two idle rounds of the reader, so that a second reading would show.
                time.sleep(2.5)
                latest.append(client.get("/events/poll").json()["latest"])
                positions = _positions(emulator.endpoint)
        assert latest[0] is not None
        assert latest[0]["id"] == last
        assert latest[1] is None
        assert len(positions) == 1


def _positions(endpoint: str) -> list[str]:
    rows = seed.connect(endpoint).scan(TableName=seed.CHECKPOINTS_TABLE)["Items"]
    return [row["sequence"]["S"] for row in rows]


def test_sound_rate_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_RATE_LIMIT", "40")
    with ExitStack() as stack:
        shop = run.start_shop(stack, SHOP, "sound", emulator=EMULATOR)
        client = stack.enter_context(httpx.Client(base_url=shop.url, trust_env=False))
        answers = [client.get("/health") for _ in range(60)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert 15 <= len(refused) <= 25
        assert all(1 <= int(answer.headers["retry-after"]) <= 10 for answer in refused)
        left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
        assert left == sorted(left, reverse=True)
        login = {"username": seed.ADMIN[0], "password": "wrong"}
        attempts = [client.post("/auth/token", json=login).status_code for _ in range(12)]
        assert attempts[:9] == [401] * 9
        assert attempts[-1] == 429
