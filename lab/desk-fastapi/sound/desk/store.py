"""DynamoDB: one client per process, opened and closed with the application."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from fastapi import Depends, Request

from .config import settings

_serialise = TypeSerializer().serialize
_deserialise = TypeDeserializer().deserialize


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """An item with plain values instead of attribute value maps."""
    return {key: _number(_deserialise(value)) for key, value in item.items()}


def typed(item: dict[str, Any]) -> dict[str, Any]:
    """The opposite of `plain`."""
    return {key: _serialise(value) for key, value in item.items()}


@dataclass
class Page:
    """Some plain items, and the key after which the next page starts."""

    items: list[dict[str, Any]]
    next_key: dict[str, Any] | None


@dataclass(frozen=True)
class Index:
    """A list that is read page by page: table, index, and the attributes of both keys."""

    table: str
    name: str
    hash_key: str
    keys: tuple[str, ...]


@dataclass
class Store:
    """The process's connection to DynamoDB."""

    client: Any

    def item(self, table: str, key: dict[str, Any], fields: list[str]) -> dict[str, Any] | None:
        """One item with only the named attributes, or None."""
        found = self.client.get_item(TableName=table, Key=typed(key), **_projection(fields)).get("Item")
        return plain(found) if found else None

    def page(
        self, index: Index, owner: Any, fields: list[str], limit: int, after: dict | None = None,
        equal: tuple[str, str] | None = None,
    ) -> Page:
        """One page of the items of `owner`, the newest first; with `equal` those whose attribute has the value.

        One item more than asked for is read, so that a cursor is given only when a next page holds something.
        """
        request: dict[str, Any] = {
            "TableName": index.table,
            "IndexName": index.name,
            "KeyConditionExpression": "#owner = :owner",
            "ScanIndexForward": False,
            **_projection(fields, list(index.keys)),
        }
        request["ExpressionAttributeNames"]["#owner"] = index.hash_key
        values = {":owner": owner}
        if equal:
            request["FilterExpression"] = "#wanted = :wanted"
            request["ExpressionAttributeNames"]["#wanted"] = equal[0]
            values[":wanted"] = equal[1]
        request["ExpressionAttributeValues"] = typed(values)
        rows: list[dict[str, Any]] = []
        start = typed(after) if after else None
        for _ in range(6):
            position = {"ExclusiveStartKey": start} if start else {}
            answer = self.client.query(**request, **position, Limit=120 if equal else limit + 1 - len(rows))
            rows.extend(plain(item) for item in answer["Items"])
            start = answer.get("LastEvaluatedKey")
            if len(rows) > limit or start is None:
                break
        if len(rows) > limit:
            rows = rows[:limit]
            return Page(rows, {key: rows[-1][key] for key in index.keys})
        return Page(rows, plain(start) if start else None)

    def put_new(self, table: str, key: str, item: dict[str, Any]) -> None:
        self.client.put_item(TableName=table, Item=typed(item), ConditionExpression=f"attribute_not_exists({key})")

    def change(self, table: str, key: dict[str, Any], values: dict[str, Any]) -> None:
        """Set these attributes of an item that exists."""
        names = {f"#n{n}": name for n, name in enumerate(values)}
        self.client.update_item(
            TableName=table,
            Key=typed(key),
            UpdateExpression="SET " + ", ".join(f"#n{n} = :v{n}" for n in range(len(values))),
            ExpressionAttributeNames={**names, "#key": next(iter(key))},
            ExpressionAttributeValues=typed({f":v{n}": value for n, value in enumerate(values.values())}),
            ConditionExpression="attribute_exists(#key)",
        )

    def remove(self, table: str, key: dict[str, Any]) -> None:
        self.client.delete_item(TableName=table, Key=typed(key))


def _projection(fields: list[str], keys: list[str] = ()) -> dict[str, Any]:
    # Every name goes through an alias: a good many are reserved words.
    aliases = {f"#f{number}": name for number, name in enumerate(dict.fromkeys([*fields, *keys]))}
    return {"ProjectionExpression": ", ".join(aliases), "ExpressionAttributeNames": aliases}


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


def open_store(stack: ExitStack) -> Store:
    """Open the client; `stack` closes it."""
    config = Config(
        max_pool_connections=16, connect_timeout=2, read_timeout=5, retries={"max_attempts": 3, "mode": "standard"}
    )
    client = boto3.client("dynamodb", config=config, region_name=settings.region, endpoint_url=settings.endpoint)
    stack.callback(client.close)
    return Store(client)


def current_store(request: Request) -> Store:
    return request.app.state.store


Database = Annotated[Store, Depends(current_store)]
