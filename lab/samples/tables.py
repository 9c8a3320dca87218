"""Tables and data of the sample cases.

    DYNAMODB_ENDPOINT=http://127.0.0.1:8000 python lab/samples/tables.py [TABLE...]

Creates the named tables (default: all) and fills them with the same items on
every run; a table that exists is left alone. Which case reads which table is
said by `tables` in its CASE.toml. Refuses anything but a loopback endpoint.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

# dynoxide builds shard ids from the table's name, and botocore refuses shard
# ids of fewer than 28 characters: a short name would cut boto3 off from Streams.
EVENTS = "user-events"

CATALOG_ROWS = 250
READING_ROWS = 4_000
USERS = 80
ACTIVE_USERS = 50
# An active user who never gave an address: the row has no `email` at all.
WITHOUT_EMAIL = "user-017"
# A user with every attribute, one of them a string set.
WITH_GROUPS = "user-003"


def items() -> Iterator[dict]:
    """`Items`: one row per key, for lookups."""
    for n in range(20):
        yield {"id": {"S": f"item-{n:03d}"}, "name": {"S": f"Lamp {n}"}, "price": {"N": str(20 + n)}}


def catalog() -> Iterator[dict]:
    """`Catalog`: one partition with more rows than a page of 100, one small one."""
    for n in range(CATALOG_ROWS):
        yield {"category": {"S": "lamps"}, "id": {"S": f"item-{n:03d}"}, "name": {"S": f"Lamp {n}"}}
    for n in range(3):
        yield {"category": {"S": "rugs"}, "id": {"S": f"item-{n:03d}"}, "name": {"S": f"Rug {n}"}}


def readings() -> Iterator[dict]:
    """`Readings`: about 8 MB in rows of 2 KB, so that a full read takes several pages."""
    for n in range(READING_ROWS):
        yield {
            "id": {"S": f"reading-{n:05d}"},
            "status": {"S": "ok"},
            "email": {"S": f"sensor-{n:05d}@example.org"},
            "body": {"S": f"{n:05d} " + "x" * 1_980},
        }


def users() -> Iterator[dict]:
    """`Users`: sparse rows, as a table without a schema has them."""
    for n in range(USERS):
        key = f"user-{n:03d}"
        row = {"id": {"S": key}, "name": {"S": f"User {n}"}}
        if n < ACTIVE_USERS:
            row["status"] = {"S": "active"}
        if key != WITHOUT_EMAIL:
            row["email"] = {"S": f"user{n}@example.org"}
        if key == WITH_GROUPS:
            row["groups"] = {"SS": ["buyers", "staff"]}
        yield row


def events() -> Iterator[dict]:
    """`user-events`: enough records for a buffer of 100 to overflow; each put is a stream record."""
    for n in range(250):
        yield {"id": {"S": f"event-{n:03d}"}, "seq": {"N": str(n)}}


TABLES: dict[str, tuple[tuple[str, ...], Callable[[], Iterator[dict]]]] = {
    "Items": (("id",), items),
    "Catalog": (("category", "id"), catalog),
    "Readings": (("id",), readings),
    "Users": (("id",), users),
    EVENTS: (("id",), events),
}


def create(endpoint: str, *names: str) -> None:
    """Create and fill the named tables (all without names) at `endpoint`."""
    if urlsplit(endpoint).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError(f"{endpoint} is not a loopback endpoint")
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="lab",
        aws_secret_access_key="lab-not-a-secret",
        config=Config(proxies={}),
    )
    existing = set(client.list_tables()["TableNames"])
    for name in names or TABLES:
        if name not in existing:
            keys, rows = TABLES[name]
            _create(client, name, keys)
            _fill(client, name, list(rows()))


def _create(client, name: str, keys: tuple[str, ...]) -> None:
    options = {}
    if name == EVENTS:
        options["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )


def _fill(client, name: str, rows: list[dict]) -> None:
    for start in range(0, len(rows), 25):
        pending = {name: [{"PutRequest": {"Item": row}} for row in rows[start : start + 25]]}
        for _ in range(10):
            pending = client.batch_write_item(RequestItems=pending).get("UnprocessedItems")
            if not pending:
                break
        else:
            raise RuntimeError(f"{name}: the emulator keeps leaving writes unprocessed")


if __name__ == "__main__":
    create(os.environ["DYNAMODB_ENDPOINT"], *sys.argv[1:])
