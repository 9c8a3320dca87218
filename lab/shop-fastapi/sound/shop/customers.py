"""Customers, for signed-in staff: masked contact data, page by page."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response

from .answers import PrivateRoute
from .bounded import TtlCache
from .cursors import Cursor, seal, unseal
from .models import (
    CustomerId,
    CustomerPage,
    CustomerRecord,
    Limit,
    LineProduct,
    Order,
    OrderLimit,
    OrderPage,
    contact,
)
from .problems import answers
from .security import current_user
from .store import Database, Store

router = APIRouter(tags=["customers"], route_class=PrivateRoute, dependencies=[Depends(current_user)])

FIELDS = ["id", "name", "email", "phone", "city", "loyalty"]
ORDER = ["customer_id", "order_id", "status", "total", "lines", "note", "created_at"]

line_products: TtlCache[str, LineProduct] = TtlCache(entries=1024, seconds=60)


def record(row: dict) -> CustomerRecord:
    return CustomerRecord(id=row["id"], city=row["city"], loyalty=row["loyalty"], **contact(row))


@router.get("/customers", responses=answers(400, 401))
def list_customers(store: Database, limit: Limit = 50, cursor: Cursor = None) -> CustomerPage:
    """One page of customers."""
    page = store.scan("customers", FIELDS, limit, unseal(cursor, "customers", ["id"]), ["id"])
    rows = [record(row) for row in page.items]
    return CustomerPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, "customers"))


@router.get("/customers/{customer_id}", responses=answers(401, 404))
def customer(customer_id: CustomerId, store: Database) -> CustomerRecord:
    """One customer."""
    row = store.item("customers", {"id": customer_id}, FIELDS)
    if row is None:
        raise HTTPException(404)
    return record(row)


@router.head("/customers/{customer_id}", response_class=Response, responses=answers(401, 404))
def customer_exists(customer_id: CustomerId, store: Database) -> Response:
    """Whether the customer exists."""
    if store.item("customers", {"id": customer_id}, ["id"]) is None:
        raise HTTPException(404)
    return Response()


@router.get("/customers/{customer_id}/orders", responses=answers(400, 401))
def customer_orders(
    customer_id: CustomerId,
    store: Database,
    expand: Annotated[Literal["", "product"], Query(description="`product` adds name and price of each product.")] = "",
    limit: OrderLimit = 20,
    cursor: Cursor = None,
) -> OrderPage:
    """One page of a customer's orders."""
    scope, keys = f"customers/{customer_id}/orders", ["customer_id", "order_id"]
    request = {
        "TableName": "orders",
        "KeyConditionExpression": "customer_id = :customer",
        "ExpressionAttributeValues": {":customer": {"S": customer_id}},
    }
    page = store.query(request, ORDER, limit, unseal(cursor, scope, keys), keys)
    rows = [Order(**row) for row in page.items]
    if expand == "product":
        add_products(store, rows)
    return OrderPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, scope))


def add_products(store: Store, orders: list[Order]) -> None:
    """Fill in the products of a page's lines; at most 500 different ones, read in batches."""
    wanted = dict.fromkeys(line.product_id for order in orders for line in order.lines)
    products = {one: known for one in wanted if (known := line_products.find(one)) is not None}
    missing = [one for one in wanted if one not in products][:500]
    for row in store.items("products", [{"id": one} for one in missing], ["id", "name", "price"]):
        products[row["id"]] = LineProduct(**row)
        line_products.put(row["id"], products[row["id"]])
    for order in orders:
        for line in order.lines:
            line.product = products.get(line.product_id)
