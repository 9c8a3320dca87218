"""The cells of the catalogue of remedies: what `remedy.toml` says of them, and the data that they are asked about."""

from __future__ import annotations

import itertools
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LAB = Path(__file__).resolve().parent.parent
# Where the cells are; tests measure folders of their own.
REMEDIES = Path(os.environ.get("REMEDIES", LAB / "remedies"))
PRODUCTS = 1_500
CUSTOMERS, ORDERS_EACH = 20, 60


def cells() -> list[str]:
    """Every cell, as in `unbounded-cache/fastapi-boto3`."""
    return sorted(str(path.parent.relative_to(REMEDIES)) for path in REMEDIES.glob("*/*/before.py"))


@dataclass
class Cell:
    """What `remedy.toml` says of one cell; keys of `[FRAMEWORK-STORE]` go before those of the weakness."""

    name: str
    request: str
    measure: str
    checks: list[str]
    same: str = "body"
    method: str = "GET"
    warm: int = 40
    batch: int = 12
    settings: dict[str, Any] = field(default_factory=dict)
    body: str | None = None

    @classmethod
    def read(cls, name: str) -> Cell:
        weakness, variant = name.split("/")
        described = tomllib.loads((REMEDIES / weakness / "remedy.toml").read_text())
        common = {key: value for key, value in described.items() if not isinstance(value, dict) or key == "settings"}
        prose = ("title", "wrong", "remedy")
        if "aioboto3" in variant:
            common.setdefault("batch", 25)  # Event loops and their connections come and go by steps of some kilobytes.
        return cls(name=name, **{key: value for key, value in {**common, **described.get(variant, {})}.items() if key not in prose})

    def target(self, n: int) -> str:
        ids = "&".join(f"ids=item-{(n + step) % PRODUCTS:05d}" for step in range(40))
        return self.request.format(n=n, ids=ids, product=f"item-{n % 500:05d}", customer=f"cust-{n % CUSTOMERS:03d}")

    def text(self, n: int) -> bytes:
        return (self.body or "").replace("{n}", str(n)).encode()


def seed(endpoint: str) -> None:
    """`catalog` (1,500 rows of 1 KB, index by category) and `orders` (20 customers with 60 each)."""
    import boto3

    client = boto3.client("dynamodb", endpoint_url=endpoint)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    client.create_table(
        TableName="catalog",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "category")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_category",
                "KeySchema": [{"AttributeName": "category", "KeyType": "HASH"}, {**key, "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.create_table(
        TableName="orders",
        KeySchema=[
            {"AttributeName": "customer_id", "KeyType": "HASH"},
            {"AttributeName": "order_id", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("customer_id", "order_id")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.create_table(
        TableName="views",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    products = (
        {
            "id": {"S": f"item-{n:05d}"},
            "name": {"S": f"Lamp {n}"},
            "category": {"S": f"category-{n % 30:02d}"},
            "price": {"N": str(10 + n % 90)},
            "note": {"S": f"{n:05d} " + "of brass and linen " * 48},
        }
        for n in range(PRODUCTS)
    )
    orders = (
        {
            "customer_id": {"S": f"cust-{n // ORDERS_EACH:03d}"},
            "order_id": {"S": f"ord-{n % ORDERS_EACH:04d}"},
            "total": {"N": str(20 + n % 300)},
            "note": {"S": "by parcel " * 20},
        }
        for n in range(CUSTOMERS * ORDERS_EACH)
    )
    for table, rows in (("catalog", products), ("orders", orders)):
        for chunk in itertools.batched(rows, 25) if hasattr(itertools, "batched") else batched(rows, 25):
            client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": row}} for row in chunk]})
    client.close()


def batched(rows: Iterator[dict], size: int) -> Iterator[list[dict]]:
    """`itertools.batched`, which Python has from 3.12 on."""
    while chunk := list(itertools.islice(rows, size)):
        yield chunk
