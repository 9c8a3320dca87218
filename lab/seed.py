"""Create the lab's tables and fill them with deterministic data.

Usage: ``DYNAMODB_ENDPOINT=http://127.0.0.1:8000 python lab/seed.py``

Idempotent: a table that exists is left alone. The same program gives the same
items on every run (one seeded generator, a fixed last day). Nothing in it is a
real person: phone numbers come from the ranges that regulators keep free for
fiction, bank accounts are made up with valid check digits.

Refuses to run against anything but a loopback endpoint.
"""

from __future__ import annotations

import base64
import hashlib
import os
import random
import string
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config

PRODUCTS = 2_000
CUSTOMERS = 300
# The first customers are wholesale accounts with long order histories.
WHOLESALE = {1: 260, 2: 190, 3: 175, 4: 160}
ORDERS = 2_500
EVENTS = 120
LAST_DAY = date(2026, 11, 1)
FIRST_DAY = LAST_DAY - timedelta(days=89)

# Names of the tables. The stream's table has a long name on purpose: dynoxide
# builds shard ids from it, and botocore refuses shard ids below 28 characters.
PRODUCTS_TABLE = "products"
CUSTOMERS_TABLE = "customers"
ORDERS_TABLE = "orders"
STAFF_TABLE = "staff"
EVENTS_TABLE = "order-events"
# Where a consumer of the stream keeps its position per shard; starts empty.
CHECKPOINTS_TABLE = "stream-checkpoints"

# Sign-in of the lab's two staff accounts; run.py takes its token with ADMIN.
ADMIN = ("maren.holt", "harbour-light-2291")
CLERK = ("tobias.wren", "low-tide-7714")

CATEGORIES = [
    "armchairs", "beds", "bookcases", "chairs", "cushions", "desks",
    "lamps", "mirrors", "rugs", "sofas", "stools", "tables",
]
MATERIALS = [
    "Oak", "Walnut", "Ash", "Beech", "Birch", "Pine", "Linen", "Wool", "Steel", "Brass",
    "Rattan", "Bamboo", "Marble", "Velvet", "Leather", "Cotton", "Teak", "Maple", "Elm", "Cane",
]
RANGES = [
    "Alder", "Brine", "Cove", "Dune", "Ebb", "Fjord", "Gale", "Haven", "Isle", "Jetty",
    "Keel", "Lagoon", "Mast", "Narrows", "Oar", "Pier", "Quay", "Reef", "Strand", "Tide",
]
NOUNS = {
    "armchairs": "Armchair", "beds": "Bed", "bookcases": "Bookcase", "chairs": "Chair",
    "cushions": "Cushion", "desks": "Desk", "lamps": "Lamp", "mirrors": "Mirror",
    "rugs": "Rug", "sofas": "Sofa", "stools": "Stool", "tables": "Table",
}
WORDS = (
    "hand finished frame with soft edges made to last seat height suits most dining tables "
    "easy to clean cover removable washable sturdy joints solid wood from managed forests "
    "flat packed assembly takes about twenty minutes tools included felt pads protect the floor "
    "warm light dimmable cable length two metres woven in small batches slight colour variation "
    "natural grain visible oiled surface resists stains wipe with a damp cloth keep out of direct sun "
    "fits narrow hallways stacks up to four high tested for daily use in cafes and offices"
).split()
FIRST_NAMES = [
    "Anna", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hamza", "Ines", "Jonas",
    "Katja", "Liam", "Mara", "Nils", "Olga", "Pavel", "Rosa", "Samir", "Tilda", "Yusuf",
]
LAST_NAMES = [
    "Albrecht", "Barlow", "Castell", "Dekker", "Ericsen", "Fontaine", "Garrow", "Hollis",
    "Ivanova", "Jansen", "Keller", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov",
    "Quist", "Rossi", "Sandoval", "Thorne", "Ulrich", "Vasquez", "Whitlock", "Zeman",
]
MAIL_HOSTS = ["northmere-mail.net", "harbourpost.eu", "inlet-mail.com", "saltbox.email"]
STREETS = ["Mill Lane", "Station Road", "Kirchweg", "Rue des Lilas", "Hafenstrasse", "Church Street"]
CITIES = [("Leeds", "LS1 4DY"), ("Bremen", "28195"), ("Nantes", "44000"), ("Utrecht", "3511 LX"), ("Bristol", "BS1 5TR")]
STATUSES = ["new", "paid", "packed", "sent", "delivered", "returned"]
NOTES = ["", "", "", "Leave with the neighbour", "Ring twice, the bell is quiet", "Delivery after 17:00 only"]


def iban(rng: random.Random) -> str:
    """A made-up German IBAN with valid ISO 7064 check digits."""
    account = "".join(rng.choice(string.digits) for _ in range(18))
    check = 98 - int(account + "131400") % 97  # "DE00" as digits
    return f"DE{check:02d}{account}"


def password_hash(password: str, salt: str, rounds: int = 12_000) -> str:
    """`pbkdf2_sha256$rounds$salt$base64`, the format that Django reads too."""
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(digest).decode()}"


def text(rng: random.Random, length: int) -> str:
    words: list[str] = []
    size = 0
    while size < length:
        word = rng.choice(WORDS)
        words.append(word)
        size += len(word) + 1
    return " ".join(words).capitalize() + "."


def products(rng: random.Random) -> list[dict]:
    items = []
    for n in range(1, PRODUCTS + 1):
        category = CATEGORIES[rng.randrange(len(CATEGORIES))]
        material, line = rng.choice(MATERIALS), rng.choice(RANGES)
        name = f"{material} {NOUNS[category]} {line}"
        # Mostly short rows, a long tail, and now and then a whole manual.
        size = 20_000 if n % 250 == 0 else rng.choice([120, 180, 240, 400, 700, 1200, 3000])
        item = {
            "id": f"prod-{n:05d}",
            "name": name,
            "name_lower": name.lower(),
            "initial": name[0].lower(),
            "category": category,
            "price": Decimal(rng.randrange(900, 240_000)) / 100,
            "stock": rng.randrange(0, 90),
            "tags": rng.sample(["new", "sale", "outdoor", "vegan", "handmade", "bestseller", material.lower()], 3),
            "description": text(rng, size),
            "supplier_id": f"sup-{rng.randrange(1, 41):03d}",
        }
        if rng.random() < 0.5:
            item["colour"] = rng.choice(["sand", "slate", "moss", "ivory", "navy"])
        items.append(item)
    return items


def customers(rng: random.Random) -> list[dict]:
    items = []
    for n in range(1, CUSTOMERS + 1):
        first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
        city, postcode = rng.choice(CITIES)
        item = {
            "id": f"cust-{n:03d}",
            "name": f"{first} {last}",
            "phone": rng.choice([f"+44 7700 900{rng.randrange(1000):03d}", f"+49 30 23125 {rng.randrange(1000):03d}"]),
            "address": f"{rng.randrange(1, 140)} {rng.choice(STREETS)}, {postcode} {city}",
            "city": city,
            "loyalty": {"tier": rng.choice(["blue", "silver", "gold"]), "points": rng.randrange(0, 9000)},
            "password_hash": "$".join((
                "pbkdf2_sha256",
                "870000",
                "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(22)),
                base64.b64encode(rng.randbytes(32)).decode(),
            )),
            "newsletter": rng.random() < 0.4,
        }
        if n % 17:  # some rows have no e-mail address: the table has no schema
            item["email"] = f"{first.lower()}.{last.lower()}{n}@{rng.choice(MAIL_HOSTS)}"
        if n % 3 == 0:
            item["iban"] = iban(rng)
        items.append(item)
    return items


def orders(rng: random.Random) -> list[dict]:
    owners = [n for n, count in WHOLESALE.items() for _ in range(count)]
    owners += [rng.randrange(5, CUSTOMERS + 1) for _ in range(ORDERS - len(owners))]
    rng.shuffle(owners)
    days = (LAST_DAY - FIRST_DAY).days + 1
    items = []
    for n, owner in enumerate(owners, start=1):
        # Order numbers rise with time, as they do in a shop.
        day = FIRST_DAY + timedelta(days=(n - 1) * days // ORDERS)
        created = datetime(day.year, day.month, day.day) + timedelta(seconds=rng.randrange(86_400))
        lines = [
            {
                "product_id": f"prod-{rng.randrange(1, PRODUCTS + 1):05d}",
                "quantity": rng.randrange(1, 5),
                "price": Decimal(rng.randrange(900, 60_000)) / 100,
            }
            for _ in range(rng.choice([1, 1, 2, 3, 5]))
        ]
        items.append({
            "customer_id": f"cust-{owner:03d}",
            "order_id": f"ord-{n:06d}",
            "status": rng.choice(STATUSES),
            "total": sum((line["price"] * line["quantity"] for line in lines), Decimal(0)),
            "lines": lines,
            "note": rng.choice(NOTES),
            "created_at": created.isoformat() + "Z",
            "kind": "order",
        })
    return items


def staff(rng: random.Random) -> list[dict]:
    rows = [(ADMIN, "admin"), (CLERK, "clerk")]
    rows += [((f"{rng.choice(FIRST_NAMES)}.{rng.choice(LAST_NAMES)}".lower(), text(rng, 12)), "clerk") for _ in range(10)]
    return [
        {
            "username": name,
            "name": name.replace(".", " ").title(),
            "role": role,
            "email": f"{name}@plank-and-tide.shop",
            "password_hash": password_hash(password, f"salt{n:04d}"),
            "api_key": "ptk_live_" + "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(32)),
        }
        for n, ((name, password), role) in enumerate(rows)
    ]


def events(rng: random.Random) -> list[dict]:
    return [
        {
            "id": f"evt-{n:06d}",
            "type": rng.choice(["order.created", "order.paid", "order.sent"]),
            "order_id": f"ord-{rng.randrange(1, ORDERS + 1):06d}",
            "detail": text(rng, 160),
        }
        for n in range(1, EVENTS + 1)
    ]


def _key(name: str, kind: str) -> dict:
    return {"AttributeName": name, "KeyType": kind}


def _index(name: str, hash_key: str, range_key: str, include: list[str] | None = None) -> dict:
    projection: dict = {"ProjectionType": "ALL"}
    if include:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": include}
    return {
        "IndexName": name,
        "KeySchema": [_key(hash_key, "HASH"), _key(range_key, "RANGE")],
        "Projection": projection,
    }


# Table → (hash key, range key, indexes). Attributes in keys are all strings.
SCHEMAS: dict[str, tuple[str, str | None, list[dict]]] = {
    PRODUCTS_TABLE: ("id", None, [
        _index("by_category", "category", "id"),
        _index("by_initial", "initial", "name_lower", ["name", "category", "price"]),
    ]),
    CUSTOMERS_TABLE: ("id", None, []),
    ORDERS_TABLE: ("customer_id", "order_id", [
        _index("by_created", "kind", "created_at"),
        _index("by_status", "status", "created_at", ["total"]),
    ]),
    STAFF_TABLE: ("username", None, []),
    EVENTS_TABLE: ("id", None, []),
    CHECKPOINTS_TABLE: ("shard_id", None, []),
}


def create_table(db, name: str) -> None:
    hash_key, range_key, indexes = SCHEMAS[name]
    keys = [_key(hash_key, "HASH")] + ([_key(range_key, "RANGE")] if range_key else [])
    attributes = {k["AttributeName"] for schema in [keys] + [i["KeySchema"] for i in indexes] for k in schema}
    options: dict = {"GlobalSecondaryIndexes": indexes} if indexes else {}
    if name == EVENTS_TABLE:
        options["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    db.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in sorted(attributes)],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def put_all(db, table: str, items: list[dict]) -> None:
    serialise = TypeSerializer().serialize
    rows = [{"PutRequest": {"Item": {k: serialise(v) for k, v in item.items()}}} for item in items]

    # One batch after the other: the order of a stream's records is part of the data.
    for start in range(0, len(rows), 25):
        pending = {table: rows[start:start + 25]}
        for _ in range(10):
            pending = db.batch_write_item(RequestItems=pending).get("UnprocessedItems")
            if not pending:
                break
        else:
            raise RuntimeError(f"{table}: {len(pending[table])} items were not accepted")


def connect(endpoint: str):
    """A low-level client for `endpoint`, which has to be on this machine."""
    if urlsplit(endpoint).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SystemExit(f"refusing to seed {endpoint}: only loopback endpoints are lab targets")
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=os.environ.get("AWS_REGION", "eu-west-1"),
        aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "lab"),
        aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "lab-not-a-secret"),
        # Checking thousands of our own rows against the API's model would take a third of the time.
        config=Config(retries={"max_attempts": 5}, proxies={}, read_timeout=30, parameter_validation=False),
    )


def seed(endpoint: str) -> dict[str, int]:
    """Create and fill what is missing; returns the items written per table."""
    db = connect(endpoint)
    existing = set(db.list_tables()["TableNames"])
    written: dict[str, int] = {}
    makers = {
        PRODUCTS_TABLE: products,
        CUSTOMERS_TABLE: customers,
        ORDERS_TABLE: orders,
        STAFF_TABLE: staff,
        EVENTS_TABLE: events,
        CHECKPOINTS_TABLE: lambda _: [],
    }
    for number, (table, make) in enumerate(makers.items()):
        if table in existing:
            continue
        # One generator per table: a change to one does not shift the others.
        items = make(random.Random(2026 + number))
        create_table(db, table)
        put_all(db, table, items)
        written[table] = len(items)
    return written


if __name__ == "__main__":
    try:
        target = os.environ["DYNAMODB_ENDPOINT"]
    except KeyError:
        sys.exit("DYNAMODB_ENDPOINT is not set")
    print(seed(target) or "all tables exist, nothing written")
