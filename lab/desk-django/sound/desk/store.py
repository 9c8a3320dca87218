"""Access to DynamoDB: one client per process, made by AppConfig.ready and shared by all threads."""
from decimal import Decimal
from typing import NamedTuple

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from django.conf import settings

client = None

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class Index(NamedTuple):
    """A list that is read page by page: table, index, its hash key, and the attributes of both keys."""

    table: str
    name: str
    hash_key: str
    keys: tuple


USERS = Index("desk-users", "by_tenant", "tenant_id", ("id", "tenant_id"))
MY_TICKETS = Index("desk-tickets", "by_requester", "requester_id", ("id", "requester_id", "number"))
TICKETS = Index("desk-tickets", "by_tenant", "tenant_id", ("id", "tenant_id", "number"))
SHARED = Index("desk-tickets", "by_reader", "shared_with", ("id", "shared_with", "number"))
POSTS = Index("desk-posts", "by_board", "board", ("id", "board"))
COMMENTS = Index("desk-comments", "by_ticket", "ticket_id", ("id", "ticket_id", "created_at"))
ATTACHMENTS = Index("desk-attachments", "by_owner", "owner_id", ("id", "owner_id", "created_at"))
INVOICES = Index("desk-invoices", "by_tenant", "tenant_id", ("number", "tenant_id"))
ANNOUNCEMENTS = Index("desk-announcements", "by_tenant", "tenant_id", ("id", "tenant_id"))
CONTACTS = Index("desk-contacts", "by_tenant", "tenant_id", ("id", "tenant_id"))
BY_EMAIL = Index("desk-users", "by_email", "email", ("id", "email", "created_at"))


def open_client():
    global client
    session = boto3.session.Session()
    client = session.client(
        "dynamodb",
        region_name=settings.AWS_REGION,
        endpoint_url=settings.DYNAMODB_ENDPOINT,
        config=Config(
            max_pool_connections=8, connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}
        ),
    )


def to_store(values):
    return {name: _serialize(value) for name, value in values.items()}


def _number(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def from_store(item):
    """An item as plain values, in a fixed order so that equal answers have equal ETags."""
    return {name: _number(_deserialize(item[name])) for name in sorted(item)}


def projection(fields):
    """Ask for these attributes only; aliases because many names are reserved words."""
    fields = list(dict.fromkeys(fields))
    return {
        "ProjectionExpression": ", ".join(f"#p{n}" for n in range(len(fields))),
        "ExpressionAttributeNames": {f"#p{n}": name for n, name in enumerate(fields)},
    }


def one(table, key, fields):
    """One item, or None."""
    answer = client.get_item(TableName=table, Key=to_store(key), **projection(fields))
    return from_store(answer["Item"]) if "Item" in answer else None


def page(index, owner, fields, limit, after=None, equal=None):
    """Up to `limit` items of `owner`, the newest first, and the key of the next page (None at the end).

    With `equal` (attribute, value) only those. One item more than asked for is read, so that
    the last page is known as such.
    """
    request = {
        "TableName": index.table,
        "IndexName": index.name,
        "KeyConditionExpression": "#owner = :owner",
        "ScanIndexForward": False,
        **projection([*fields, *index.keys]),
    }
    request["ExpressionAttributeNames"]["#owner"] = index.hash_key
    values = {":owner": owner}
    if equal:
        request["FilterExpression"] = "#wanted = :wanted"
        request["ExpressionAttributeNames"]["#wanted"] = equal[0]
        values[":wanted"] = equal[1]
    request["ExpressionAttributeValues"] = to_store(values)
    rows, start = [], to_store(after) if after else None
    for _ in range(6):
        position = {"ExclusiveStartKey": start} if start else {}
        answer = client.query(**request, **position, Limit=120 if equal else limit + 1 - len(rows))
        rows += map(from_store, answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if len(rows) > limit or start is None:
            break
    if len(rows) > limit:
        rows = rows[:limit]
        return rows, {key: rows[-1][key] for key in index.keys}
    return rows, from_store(start) if start else None


def put_new(table, item):
    client.put_item(TableName=table, Item=to_store(item), ConditionExpression="attribute_not_exists(id)")


def change(table, key, values):
    """Set these attributes of an item that exists."""
    names = {f"#n{n}": name for n, name in enumerate(values)}
    client.update_item(
        TableName=table,
        Key=to_store(key),
        UpdateExpression="SET " + ", ".join(f"#n{n} = :v{n}" for n in range(len(values))),
        ExpressionAttributeNames={**names, "#key": next(iter(key))},
        ExpressionAttributeValues=to_store({f":v{n}": value for n, value in enumerate(values.values())}),
        ConditionExpression="attribute_exists(#key)",
    )
