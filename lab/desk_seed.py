"""Create the desk's tables and fill them with deterministic data.

Usage: ``DYNAMODB_ENDPOINT=http://127.0.0.1:8000 python lab/desk_seed.py``

The desk is a help desk with two customers of its own (tenants), `kestrel` and
`lumen`, whose people must not see each other's tickets. Idempotent, loopback
only, nothing in it is a real person; see `seed.py`.
"""

from __future__ import annotations

import os
import random
import string
import sys
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from seed import FIRST_NAMES, LAST_NAMES, connect, password_hash, put_all, text

USERS = 60
TICKETS = 420
LAST = datetime(2026, 11, 1, 18, 0, 0)

TENANTS = {"kestrel": "Kestrel Freight", "lumen": "Lumen Studios"}
HOSTS = {"kestrel": "kestrel-freight.eu", "lumen": "lumen-studios.net", "platform": "harbourdesk.io"}

# name: (user id, e-mail, tenant, role, password). run.py signs in as each of them.
IDENTITIES: dict[str, tuple[int, str, str, str, str]] = {
    "alice": (1001, "alice.moreau@kestrel-freight.eu", "kestrel", "member", "quiet-harbour-4410"),
    "bob": (1002, "bob.lindqvist@lumen-studios.net", "lumen", "member", "paper-lantern-9072"),
    "agent": (1003, "carol.dekker@kestrel-freight.eu", "kestrel", "agent", "amber-signal-3318"),
    "admin": (1004, "dora.keller@kestrel-freight.eu", "kestrel", "admin", "north-pier-5527"),
    "operator": (1005, "erin.novak@harbourdesk.io", "platform", "operator", "winter-beacon-8163"),
}

TOPICS = [
    "Password reset", "Printer on floor two", "VPN drops after lunch", "Invoice is missing", "New laptop",
    "Access to the archive", "Scanner does not pair", "Calendar is empty", "Phone forwarding", "Licence expired",
]
STATUSES = ["open", "pending", "solved", "closed"]
PRIORITIES = ["low", "normal", "high", "urgent"]
ARTICLES = [
    ("reset-a-password", "Reset a password"), ("connect-to-the-vpn", "Connect to the VPN"),
    ("pair-a-scanner", "Pair a scanner"), ("share-a-calendar", "Share a calendar"),
    ("forward-a-phone", "Forward a phone"), ("order-a-laptop", "Order a laptop"),
    ("read-an-invoice", "Read an invoice"), ("renew-a-licence", "Renew a licence"),
    ("print-from-a-phone", "Print from a phone"), ("request-access", "Request access"),
    ("leave-a-team", "Leave a team"), ("export-your-data", "Export your data"),
    ("set-working-hours", "Set working hours"), ("add-a-signature", "Add a signature"),
    ("report-an-incident", "Report an incident"), ("change-a-language", "Change a language"),
]
COUPONS = [("WELCOME10", 10), ("HARBOUR25", 25), ("QUAY5", 5)]


def _stamp(rng: random.Random, days: int = 80) -> str:
    return (LAST - timedelta(seconds=rng.randrange(days * 86_400))).isoformat() + "Z"


def _opaque(rng: random.Random, length: int) -> str:
    return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(length))


def _user(rng: random.Random, number: int, email: str, tenant: str, role: str, password: str) -> dict:
    name = email.partition("@")[0].replace(".", " ").title()
    return {
        "id": number,
        "email": email,
        "name": name,
        "title": rng.choice(["Dispatcher", "Editor", "Accountant", "Planner", "Producer"]),
        "phone": f"+44 7700 900{rng.randrange(1000):03d}",
        "tenant_id": tenant,
        "role": role,
        "is_admin": role == "admin",
        "plan": "standard",
        "credit_cents": 0,
        "hourly_cost": Decimal(rng.randrange(2800, 7200)) / 100,
        "password_hash": password_hash(password, f"desk{number}", rounds=4_000),
        "language": rng.choice(["en", "de", "fr"]),
        "created_at": _stamp(rng, 700),
    }


def users(rng: random.Random) -> list[dict]:
    rows = [_user(rng, *identity) for identity in IDENTITIES.values()]
    for number in range(1006, 1001 + USERS):
        tenant = "kestrel" if number % 2 else "lumen"
        first, last = rng.choice(FIRST_NAMES).lower(), rng.choice(LAST_NAMES).lower()
        role = "agent" if number % 9 == 0 else "member"
        rows.append(_user(rng, number, f"{first}.{last}{number}@{HOSTS[tenant]}", tenant, role, text(rng, 14)))
    return rows


def _people() -> dict[str, list[dict]]:
    rows = users(random.Random(4100))
    return {tenant: [row for row in rows if row["tenant_id"] == tenant] for tenant in TENANTS}


def tickets(rng: random.Random) -> list[dict]:
    people = _people()
    items = []
    for n in range(1, TICKETS + 1):
        tenant = "kestrel" if n % 2 else "lumen"
        members = [row for row in people[tenant] if row["role"] == "member"]
        # The first member of each tenant, alice and bob, asks more often than the rest.
        requester = members[0] if n % 7 < 2 else rng.choice(members[1:])
        agents = [row for row in people[tenant] if row["role"] == "agent"]
        items.append({
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "number": 2000 + n,
            "tenant_id": tenant,
            "requester_id": requester["id"],
            "requester_name": requester["name"],
            "assignee_id": rng.choice(agents)["id"],
            "subject": f"{rng.choice(TOPICS)} ({n})",
            "body": text(rng, rng.choice([80, 160, 320, 600])),
            "status": rng.choice(STATUSES),
            "priority": rng.choice(PRIORITIES),
            "internal_notes": text(rng, 60),
            "cost_eur": Decimal(rng.randrange(500, 24_000)) / 100,
            "created_at": _stamp(rng),
        })
    # One of the newest tickets of the first member is shared with somebody of the other company.
    [row for row in items if row["requester_id"] == 1001][-2]["shared_with"] = 1002
    return items


def _tickets() -> list[dict]:
    return tickets(random.Random(4101))


def comments(rng: random.Random) -> list[dict]:
    items = []
    for ticket in _tickets():
        for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 2, 3, 4, 6])):
            items.append({
                "id": f"cmt_{_opaque(rng, 14)}",
                "ticket_id": ticket["id"],
                "tenant_id": ticket["tenant_id"],
                "author_id": ticket["requester_id"],
                "author_name": ticket["requester_name"],
                "text": text(rng, 90),
                "created_at": _stamp(rng),
            })
    return items


def attachments(rng: random.Random) -> list[dict]:
    return [
        {
            "id": _opaque(rng, 22),
            "ticket_id": ticket["id"],
            "tenant_id": ticket["tenant_id"],
            "owner_id": ticket["requester_id"],
            "name": f"{rng.choice(['screen', 'scan', 'letter', 'log'])}-{ticket['number']}.{rng.choice(['png', 'pdf', 'txt'])}",
            "size": rng.randrange(2_000, 900_000),
            "created_at": ticket["created_at"],
        }
        for ticket in _tickets()[::3]
    ]


def invoices(rng: random.Random) -> list[dict]:
    return [
        {
            "number": 70_000 + n,
            "tenant_id": "kestrel" if rng.random() < 0.5 else "lumen",
            "period": f"2026-{1 + n % 10:02d}",
            "seats": rng.randrange(5, 60),
            "total_eur": Decimal(rng.randrange(9_000, 180_000)) / 100,
            "status": rng.choice(["paid", "due"]),
            "purchase_order": f"PO-{rng.randrange(10_000, 99_999)}",
        }
        for n in range(1, 61)
    ]


def articles(rng: random.Random) -> list[dict]:
    return [
        {"id": n, "slug": slug, "title": title, "body": text(rng, 400), "votes": rng.randrange(2, 90), "published": True}
        for n, (slug, title) in enumerate(ARTICLES, start=1)
    ]


def announcements(rng: random.Random) -> list[dict]:
    return [
        {
            "id": 300 + n,
            "tenant_id": tenant,
            "title": f"{rng.choice(['Maintenance', 'New hours', 'Office move', 'Holiday cover'])} in week {10 + n}",
            "text": text(rng, 120),
            "created_at": _stamp(rng),
        }
        for n in range(1, 25)
        for tenant in ["kestrel" if n % 2 else "lumen"]
    ]


def posts(rng: random.Random) -> list[dict]:
    """The community's board, which everybody who is signed in reads."""
    people = [row for rows in _people().values() for row in rows if row["role"] == "member"]
    items = []
    for n in range(1, 31):
        author = rng.choice(people)
        items.append({
            "id": 500 + n,
            "board": "all",
            "author_id": author["id"],
            "author_name": author["name"],
            "title": f"{rng.choice(TOPICS)}: what helped",
            "text": text(rng, 140),
            "created_at": _stamp(rng),
        })
    return items


def contacts(rng: random.Random) -> list[dict]:
    return [
        {
            "id": f"con-{n:04d}",
            "tenant_id": "kestrel" if n % 2 else "lumen",
            "company": f"{rng.choice(LAST_NAMES)} & {rng.choice(LAST_NAMES)}",
            "city": rng.choice(["Leeds", "Bremen", "Nantes", "Utrecht"]),
            "code": f"{rng.randrange(100_000, 999_999)}",
        }
        for n in range(1, 81)
    ]


def coupons(_: random.Random) -> list[dict]:
    return [{"code": code, "percent": percent} for code, percent in COUPONS]


Index = tuple[str, str, str]
# Table: (hash key, its type, indexes as (name, hash key, range key), what makes its items).
TABLES: dict[str, tuple[str, str, list[Index], Callable[[random.Random], list[dict]]]] = {
    "desk-users": ("id", "N", [("by_email", "email", "created_at"), ("by_tenant", "tenant_id", "id")], users),
    "desk-tickets": (
        "id", "S", [("by_tenant", "tenant_id", "number"), ("by_requester", "requester_id", "number"),
                 ("by_reader", "shared_with", "number")], tickets,
    ),
    "desk-comments": ("id", "S", [("by_ticket", "ticket_id", "created_at")], comments),
    "desk-attachments": ("id", "S", [("by_owner", "owner_id", "created_at")], attachments),
    "desk-invoices": ("number", "N", [("by_tenant", "tenant_id", "number")], invoices),
    "desk-articles": ("id", "N", [], articles),
    "desk-announcements": ("id", "N", [("by_tenant", "tenant_id", "id")], announcements),
    "desk-contacts": ("id", "S", [("by_tenant", "tenant_id", "id")], contacts),
    "desk-posts": ("id", "N", [("by_board", "board", "id")], posts),
    "desk-coupons": ("code", "S", [], coupons),
}
# Attributes in keys that are numbers: everywhere (None) or in these tables; the rest are strings.
NUMBERS: dict[str, set[str] | None] = {
    "id": {"desk-users", "desk-articles", "desk-announcements", "desk-posts"},
    "number": None, "requester_id": None, "owner_id": None, "shared_with": None,
}


def _type(table: str, attribute: str) -> str:
    places = NUMBERS.get(attribute, set())
    return "N" if places is None or table in places else "S"


def create_table(db, table: str) -> None:
    hash_key, kind, indexes, _ = TABLES[table]
    attributes = {hash_key: kind}
    for _, first, second in indexes:
        attributes |= {name: _type(table, name) for name in (first, second)}
    options: dict = {}
    if indexes:
        options["GlobalSecondaryIndexes"] = [
            {
                "IndexName": name,
                "KeySchema": [
                    {"AttributeName": first, "KeyType": "HASH"},
                    {"AttributeName": second, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, first, second in indexes
        ]
    db.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": hash_key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in sorted(attributes.items())],
        BillingMode="PAY_PER_REQUEST",
        **options,
    )
    db.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def fill(endpoint: str) -> dict[str, int]:
    """Create and fill what is missing; returns the items written per table."""
    db = connect(endpoint)
    existing = set(db.list_tables()["TableNames"])
    written: dict[str, int] = {}
    for number, (table, (*_, make)) in enumerate(TABLES.items()):
        if table in existing:
            continue
        items = make(random.Random(4100 + number))
        create_table(db, table)
        put_all(db, table, items)
        written[table] = len(items)
    return written


if __name__ == "__main__":
    try:
        target = os.environ["DYNAMODB_ENDPOINT"]
    except KeyError:
        sys.exit("DYNAMODB_ENDPOINT is not set")
    print(fill(target) or "all tables exist, nothing written")
