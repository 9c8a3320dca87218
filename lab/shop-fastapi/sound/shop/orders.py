"""Orders, for signed-in staff."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from botocore.exceptions import ClientError
from fastapi import APIRouter, Depends, Header, HTTPException, Query

from . import config
from .answers import PrivateRoute
from .cursors import Cursor, seal, unseal
from .customers import ORDER
from .inputs import Day
from .models import (
    Contact,
    CustomerId,
    Limit,
    NewOrder,
    Order,
    OrderChange,
    OrderDetail,
    OrderId,
    OrderSummary,
    OrderSummaryPage,
    contact,
)
from .problems import answers
from .security import SignedIn, User, current_user
from .store import Database, Store, plain, typed

router = APIRouter(tags=["orders"], route_class=PrivateRoute, dependencies=[Depends(current_user)])

# First and last day included, a range covers at most 31 days.
MAX_RANGE = timedelta(days=30)
SUMMARY = ["customer_id", "order_id", "status", "total", "created_at"]
KEYS = ["customer_id", "order_id", "kind", "created_at"]
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        max_length=64,
        description="A name that the caller gives this order: sent again under it, the order is not made twice.",
        examples=["b7c1f0d2-5a34-4f0e-9d0b-6c1f2a8e4d55"],
    ),
]


@router.get("/orders", responses=answers(400, 401))
def list_orders(
    store: Database,
    date_from: Annotated[
        Day | None, Query(alias="from", description="First day; default a week before `to`.", examples=["2026-10-25"])
    ] = None,
    date_to: Annotated[
        Day | None,
        Query(
            alias="to",
            description="Last day, so that at most 31 days are covered; default today.",
            examples=["2026-11-01"],
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> OrderSummaryPage:
    """One page of the orders of at most 31 days."""
    end = date_to or config.today()
    if date_from is None and end - date.min < timedelta(days=7):
        raise HTTPException(422)
    start = date_from or end - timedelta(days=7)
    if not timedelta(0) <= end - start <= MAX_RANGE:
        raise HTTPException(422)
    scope = f"orders/{start}/{end}"
    request = {
        "TableName": "orders",
        "IndexName": "by_created",
        "KeyConditionExpression": "kind = :kind AND created_at BETWEEN :start AND :end",
        "ExpressionAttributeValues": {
            ":kind": {"S": "order"},
            ":start": {"S": start.isoformat()},
            ":end": {"S": f"{end.isoformat()}T23:59:59Z"},
        },
    }
    page = store.query(request, SUMMARY, limit, unseal(cursor, scope, KEYS), KEYS)
    rows = [OrderSummary(**row) for row in page.items]
    return OrderSummaryPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, scope))


@router.get("/orders/{customer_id}/{order_id}", responses=answers(401, 404))
def order_detail(customer_id: CustomerId, order_id: OrderId, store: Database) -> OrderDetail:
    """One order with masked contact data."""
    row = store.item("orders", {"customer_id": customer_id, "order_id": order_id}, ORDER)
    person = store.item("customers", {"id": customer_id}, ["name", "email", "phone"])
    if row is None or person is None:
        raise HTTPException(404)
    return OrderDetail(**row, contact=Contact(**contact(person)))


@router.post("/orders", status_code=201, responses=answers(401, 413))
def create_order(
    order: NewOrder, store: Database, user: SignedIn, idempotency_key: IdempotencyKey = None
) -> Order:
    """Place an order for an existing customer."""
    if store.item("customers", {"id": order.customer_id}, ["id"]) is None:
        raise HTTPException(422)
    lines = [{**line.model_dump(), "price": line.cents} for line in order.lines]
    item = {
        "customer_id": order.customer_id,
        "order_id": f"ord-{_number(user, idempotency_key)}",
        "status": "new",
        "lines": lines,
        "total": order.total,
        "note": order.note,
        "created_at": datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "kind": "order",
        "asked": hashlib.sha256(order.model_dump_json().encode()).hexdigest(),
    }
    try:
        store.client.put_item(
            TableName="orders", Item=typed(item), ConditionExpression="attribute_not_exists(order_id)"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException" or idempotency_key is None:
            raise
        return _made_before(store, item)
    return Order(**item)


def _number(user: User, key: str | None) -> str:
    """Of a new order; the same one for the same key of the same caller."""
    return (uuid.uuid4().hex if key is None else hashlib.sha256(f"{user.username}/{key}".encode()).hexdigest())[:12]


def _made_before(store: Store, item: dict) -> Order:
    """The order that was made under this key, or 422 when it was another one that was asked for."""
    row = store.item("orders", {name: item[name] for name in ("customer_id", "order_id")}, [*ORDER, "asked"])
    if row is None or row.get("asked") != item["asked"]:
        raise HTTPException(422)
    return Order(**row)


@router.patch("/orders/{customer_id}/{order_id}", responses=answers(401, 404, 413))
def change_order(customer_id: CustomerId, order_id: OrderId, change: OrderChange, store: Database) -> Order:
    """Change the status or the note."""
    changes = change.model_dump(exclude_none=True)
    if not changes:
        raise HTTPException(422)
    names = {f"#{name}": name for name in changes}
    try:
        answer = store.client.update_item(
            TableName="orders",
            Key=typed({"customer_id": customer_id, "order_id": order_id}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
            ConditionExpression="attribute_exists(order_id)",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=typed({f":{name}": value for name, value in changes.items()}),
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        raise _not_found(error) from None
    return Order(**plain(answer["Attributes"]))


@router.delete("/orders/{customer_id}/{order_id}", status_code=204, responses=answers(401, 404))
def delete_order(customer_id: CustomerId, order_id: OrderId, store: Database) -> None:
    """Remove an order."""
    try:
        store.client.delete_item(
            TableName="orders",
            Key=typed({"customer_id": customer_id, "order_id": order_id}),
            ConditionExpression="attribute_exists(order_id)",
        )
    except ClientError as error:
        raise _not_found(error) from None


def _not_found(error: ClientError) -> Exception:
    if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        return HTTPException(404)
    return error
