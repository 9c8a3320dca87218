"""Orders."""

import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import BaseModel

from . import config
from .db import client, json_answer, plain, table
from .security import current_user

router = APIRouter(tags=["orders"])
shipping_callbacks = APIRouter()


class Line(BaseModel):
    product_id: str
    quantity: int
    price: float


class NewOrder(BaseModel):
    customer_id: str
    lines: list[Line]
    note: str = ""
    callback_url: str | None = None


class OrderChange(BaseModel):
    status: str | None = None
    note: str | None = None


class Shipment(BaseModel):
    order_id: str
    status: str


@shipping_callbacks.post("{$request.body.callback_url}/shipments")
def shipment_update(shipment: Shipment):
    pass


@router.get("/orders", dependencies=[Depends(current_user)])
def list_orders(
    date_from: str | None = Query(None, alias="from", examples=["2026-10-25"]),
    date_to: str | None = Query(None, alias="to", examples=["2026-11-01"]),
    limit: int = 50,
):
    start = date_from or (config.today() - timedelta(days=7)).isoformat()
    end = (date_to or config.today().isoformat()) + "T23:59:59Z"
    rows = []
    try:
        for page in client.get_paginator("query").paginate(
            TableName="orders",
            IndexName="by_created",
            KeyConditionExpression="kind = :kind AND created_at BETWEEN :start AND :end",
            ProjectionExpression="customer_id, order_id, #s, #t, created_at",
            ExpressionAttributeNames={"#s": "status", "#t": "total"},
            ExpressionAttributeValues={":kind": {"S": "order"}, ":start": {"S": start}, ":end": {"S": end}},
        ):
            rows.extend(plain(item) for item in page["Items"])
    except Exception as error:
        raise HTTPException(500, detail=f"could not read orders: {error}")
    items = rows[:limit]
    return json_answer({"items": items, "count": len(items)})


@router.get("/orders/{customer_id}/{order_id}")
def order_detail(
    customer_id: str = Path(examples=["cust-001"]),
    order_id: str = Path(examples=["ord-000001"]),
):
    order = table("orders").get_item(Key={"customer_id": customer_id, "order_id": order_id})["Item"]
    customer = table("customers").get_item(Key={"id": customer_id})["Item"]
    order["contact"] = {k: customer.get(k) for k in ("name", "email", "phone", "address")}
    return order


@router.post(
    "/orders",
    status_code=201,
    dependencies=[Depends(current_user)],
    callbacks=shipping_callbacks.routes,
)
def create_order(order: NewOrder):
    lines = [{**line.model_dump(), "price": Decimal(str(line.price))} for line in order.lines]
    item = {
        "customer_id": order.customer_id,
        "order_id": f"ord-{uuid.uuid4().hex[:12]}",
        "status": "new",
        "lines": lines,
        "total": sum(line["price"] * line["quantity"] for line in lines),
        "note": order.note,
        "created_at": datetime.utcnow().isoformat() + "Z",
        "kind": "order",
    }
    table("orders").put_item(Item=item)
    return item


@router.patch("/orders/{customer_id}/{order_id}", dependencies=[Depends(current_user)])
def change_order(customer_id: str, order_id: str, change: OrderChange):
    key = {"customer_id": customer_id, "order_id": order_id}
    order = table("orders").get_item(Key=key).get("Item")
    if order is None:
        raise HTTPException(404, "No such order")
    order.update(change.model_dump(exclude_none=True))
    table("orders").put_item(Item=order)
    return order


@router.delete("/orders/{customer_id}/{order_id}", status_code=204, dependencies=[Depends(current_user)])
def delete_order(customer_id: str, order_id: str):
    table("orders").delete_item(Key={"customer_id": customer_id, "order_id": order_id})
