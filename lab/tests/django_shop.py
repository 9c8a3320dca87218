"""What the tests of the Django shop share: operations, requests that work, running shops. Not a test itself."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from conftest import StartShop
from django_faults import Asked

VARIANTS = ("faulty", "sound")

# What the shop serves; the parameters are those of the contracts.
OPERATIONS = """
    GET /health | GET /metrics | POST /auth/token | GET /me
    GET /products | GET /products/by-ids | GET /products/{product_id} | GET /products/{product_id}/related
    GET /inventory/{product_id} | GET /categories | GET /categories/{category}/products | GET /search | GET /suggest
    GET /customers | GET /customers/{customer_id} | GET /customers/{customer_id}/orders
    GET /orders | POST /orders | GET /orders/{customer_id}/{order_id}
    PATCH /orders/{customer_id}/{order_id} | DELETE /orders/{customer_id}/{order_id}
    GET /export/products.csv | GET /export/orders | GET /reports/sales | GET /reports/daily | GET /recent
    GET /events/poll | GET /admin/users | GET /admin/config | GET /v1/products | GET /go | GET /partners
    GET /partners/{partner_id}/status
"""
SERVED = {operation.strip() for line in OPERATIONS.splitlines() for operation in line.split("|")} - {""}
UNDOCUMENTED = {"GET /metrics", "GET /events/poll", "GET /partners/{partner_id}/status"}

RETURNS = "https://help.plank-and-tide.shop/returns"

# Requests that work, with the token: path → status in both variants.
VALID: dict[str, int] = {
    "/health": 200,
    "/metrics": 200,
    "/me": 200,
    "/products": 200,
    "/products?limit=10&category=beds": 200,
    "/products/prod-00001": 200,
    "/products/prod-99999": 404,
    "/products/by-ids?ids=prod-00001,prod-00002": 200,
    "/products/prod-00001/related?limit=4": 200,
    "/inventory/prod-00001": 200,
    "/inventory/prod-99999": 404,
    "/categories": 200,
    "/categories/beds/products?limit=5": 200,
    "/search?q=oak&limit=5": 200,
    "/suggest?prefix=oa": 200,
    "/customers": 200,
    "/customers/cust-001": 200,
    "/customers/cust-007/orders?depth=2&expand=customer": 200,
    "/orders?from=2026-10-25&to=2026-10-31&limit=10": 200,
    "/orders/cust-001/ord-000001": 200,
    "/orders/cust-001/ord-999999": 404,
    "/export/products.csv": 200,
    "/export/orders": 200,
    "/reports/sales": 200,
    "/reports/daily?days=7": 200,
    "/recent": 200,
    "/events/poll": 200,
    "/admin/users": 200,
    "/admin/config": 200,
    f"/go?url={RETURNS}": 302,
    "/partners": 200,
    "/partners/loftwerk/status": 200,
    "/partners/nobody/status": 404,
    "/no-such-page": 404,
}


@pytest.fixture(scope="session")
def shops(start_shop: StartShop, connect: Callable[..., httpx.Client]) -> dict[str, Asked]:
    return {
        variant: Asked(
            connect("django", variant), connect("django", variant, token=True), start_shop("django", variant).token
        )
        for variant in VARIANTS
    }
