"""DynamoDB: one client per process, opened and closed with the application.

boto3 clients are safe to share between threads (resources are not), so the
plain handlers share `Store.client`; the asynchronous ones share `Store.aio`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any

import aioboto3
import boto3
from aiobotocore.config import AioConfig
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from fastapi import Depends, Request

from .config import settings

TIMEOUTS = {"connect_timeout": 2, "read_timeout": 5, "retries": {"max_attempts": 3, "mode": "standard"}}

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """An item with plain values instead of attribute value maps."""
    return {key: _deserialise(value) for key, value in item.items()}


def typed(item: dict[str, Any]) -> dict[str, Any]:
    """The opposite of `plain`."""
    return {key: _serialise(value) for key, value in item.items()}


@dataclass
class Page:
    """Some plain items, and the key after which the next page starts."""

    items: list[dict[str, Any]]
    next_key: dict[str, Any] | None


@dataclass
class Store:
    """The process's connections to DynamoDB."""

    client: Any
    streams: Any
    aio: Any

    def item(self, table: str, key: dict[str, Any], fields: list[str]) -> dict[str, Any] | None:
        """One item with only the named attributes, or None."""
        found = self.client.get_item(TableName=table, Key=typed(key), **_projection(fields)).get("Item")
        return plain(found) if found else None

    def items(self, table: str, keys: list[dict[str, Any]], fields: list[str]) -> list[dict[str, Any]]:
        """At most 500 items by key, in batches of 100; absent ones are left out."""
        if len(keys) > 500:
            raise ValueError("at most 500 keys")
        found: list[dict[str, Any]] = []
        for start in range(0, len(keys), 100):
            pending = {table: {"Keys": [typed(key) for key in keys[start:start + 100]], **_projection(fields)}}
            for _ in range(5):
                answer = self.client.batch_get_item(RequestItems=pending)
                found.extend(plain(item) for item in answer["Responses"].get(table, []))
                pending = answer.get("UnprocessedKeys") or {}
                if not pending:
                    break
        return found

    def scan(self, table: str, fields: list[str], limit: int, after: dict | None, keys: list[str]) -> Page:
        """One page of a table. `keys` are the attributes of its key."""
        return _read(self.client.scan, {"TableName": table, **_projection(fields, keys)}, limit, after, keys)

    def query(self, request: dict[str, Any], fields: list[str], limit: int, after: dict | None, keys: list[str]) -> Page:
        """One page of a query. `keys` are the attributes of the table's and the index's key."""
        projected = _projection(fields, keys)
        projected["ExpressionAttributeNames"] |= request.get("ExpressionAttributeNames", {})
        return _read(self.client.query, {**request, **projected}, limit, after, keys)


def _projection(fields: list[str], keys: list[str] = ()) -> dict[str, Any]:
    # Every name goes through an alias: a good many are reserved words.
    names = list(dict.fromkeys([*fields, *keys]))
    aliases = {f"#f{number}": name for number, name in enumerate(names)}
    return {"ProjectionExpression": ", ".join(aliases), "ExpressionAttributeNames": aliases}


def _read(call: Callable[..., dict], request: dict, limit: int, after: dict | None, keys: list[str]) -> Page:
    """Read until `limit` items are there, at most eight rounds.

    One item more than asked for is read, so that a cursor is given only when a
    next page holds something; with a filter, rounds that match nothing do not
    end up as empty pages.
    """
    filtered = "FilterExpression" in request
    rows: list[dict[str, Any]] = []
    start = typed(after) if after else None
    for _ in range(8):
        position = {"ExclusiveStartKey": start} if start else {}
        size = 200 if filtered else limit + 1 - len(rows)
        answer = call(**request, **position, Limit=size)
        rows.extend(plain(item) for item in answer["Items"])
        start = answer.get("LastEvaluatedKey")
        if len(rows) > limit or start is None:
            break
    if len(rows) > limit:
        rows = rows[:limit]
        return Page(rows, {key: rows[-1][key] for key in keys})
    return Page(rows, plain(start) if start else None)


async def open_store(stack: AsyncExitStack) -> Store:
    """Open all clients; `stack` closes them."""
    options = {"region_name": settings.region, "endpoint_url": settings.endpoint}
    config = Config(max_pool_connections=16, **TIMEOUTS)
    client = boto3.client("dynamodb", config=config, **options)
    stack.callback(client.close)
    streams = boto3.client("dynamodbstreams", config=config, **options)
    stack.callback(streams.close)
    aio = await stack.enter_async_context(
        aioboto3.Session().client("dynamodb", config=AioConfig(max_pool_connections=8, **TIMEOUTS), **options)
    )
    return Store(client, streams, aio)


def current_store(request: Request) -> Store:
    return request.app.state.store


Database = Annotated[Store, Depends(current_store)]
