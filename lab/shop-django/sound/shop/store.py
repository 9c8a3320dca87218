"""Access to DynamoDB: one client per process, made by AppConfig.ready and shared by all threads."""
from decimal import Decimal

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from django.conf import settings

PRODUCTS = "products"
CUSTOMERS = "customers"
ORDERS = "orders"
STAFF = "staff"
EVENTS = "order-events"
CHECKPOINTS = "order-events-checkpoints"

client = None
streams = None

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def open_clients():
    global client, streams
    options = {
        "region_name": settings.AWS_REGION,
        "endpoint_url": settings.DYNAMODB_ENDPOINT,
        "config": Config(
            max_pool_connections=8, connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}
        ),
    }
    session = boto3.session.Session()
    client = session.client("dynamodb", **options)
    streams = session.client("dynamodbstreams", **options)


def to_store(values):
    return {name: _serialize(value) for name, value in values.items()}


def _number(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _number(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_number(part) for part in value]
    return value


def from_store(item):
    """An item as plain values that JSON can carry, in a fixed order so that equal answers have equal ETags."""
    return {name: _number(_deserialize(item[name])) for name in sorted(item)}


def projection(fields):
    """Ask for these attributes only; aliases because many names are reserved words."""
    return {
        "ProjectionExpression": ", ".join(f"#p{n}" for n in range(len(fields))),
        "ExpressionAttributeNames": {f"#p{n}": name for n, name in enumerate(fields)},
    }


def one(table, key, fields):
    """One item, or None."""
    answer = client.get_item(TableName=table, Key=to_store(key), **projection(fields))
    return from_store(answer["Item"]) if "Item" in answer else None


def some(table, name, values, fields):
    """The items with these values of the hash key, by value; at most 100 values."""
    values = list(dict.fromkeys(values))
    pending = {table: {"Keys": [to_store({name: value}) for value in values], **projection(fields)}} if values else {}
    found = {}
    for _ in range(5):
        if not pending:
            break
        answer = client.batch_get_item(RequestItems=pending)
        for item in map(from_store, answer["Responses"].get(table, [])):
            found[item[name]] = item
        pending = answer.get("UnprocessedKeys")
    return found
