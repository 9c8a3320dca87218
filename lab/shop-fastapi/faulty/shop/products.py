"""The product catalogue."""

from boto3.dynamodb.conditions import Key
from fastapi import APIRouter, Query
from pydantic import BaseModel

from .db import client, json_answer, new_client, plain, table

router = APIRouter(tags=["products"])

_details: dict[str, dict] = {}
_catalogue: list[dict] = []

SORTS = {
    "name": lambda row: row["name"],
    "price": lambda row: row["price"],
    "-price": lambda row: -row["price"],
}


class Product(BaseModel):
    id: str
    name: str
    category: str
    price: float
    stock: int
    description: str
    tags: list[str]


def catalogue() -> list[dict]:
    if not _catalogue:
        response = table("products").scan()
        _catalogue.extend(response["Items"])
        while "LastEvaluatedKey" in response:
            response = table("products").scan(ExclusiveStartKey=response["LastEvaluatedKey"])
            _catalogue.extend(response["Items"])
    return _catalogue


@router.get("/products")
def list_products(
    limit: int = 50,
    category: str | None = None,
    sort: str = Query("name", json_schema_extra={"enum": list(SORTS)}),
):
    rows = []
    for page in client.get_paginator("scan").paginate(
        TableName="products",
        ProjectionExpression="id, #n, category, price, stock",
        ExpressionAttributeNames={"#n": "name"},
    ):
        rows.extend(plain(item) for item in page["Items"])
    if category:
        rows = [row for row in rows if row["category"] == category]
    rows.sort(key=SORTS.get(sort, SORTS["name"]))
    return json_answer({"items": rows, "count": len(rows)})


@router.get("/products/by-ids")
def products_by_ids(ids: str = Query(examples=["prod-00001,prod-00002"])):
    db = new_client()
    items = []
    for product_id in ids.split(","):
        product_id = product_id.strip()
        if product_id and product_id not in _details:
            response = db.get_item(TableName="products", Key={"id": {"S": product_id}})
            if "Item" in response:
                _details[product_id] = plain(response["Item"])
        if product_id in _details:
            items.append(_details[product_id])
    return json_answer({"items": items, "count": len(items)})


@router.get("/products/{product_id}", responses={200: {"model": Product}})
def product_detail(product_id: str):
    if product_id not in _details:
        response = table("products").get_item(Key={"id": product_id})
        _details[product_id] = response["Item"]
    return _details[product_id]


@router.get("/products/{product_id}/related")
def related_products(product_id: str, depth: int = 1):
    products = table("products")
    item = products.get_item(Key={"id": product_id}).get("Item")
    if item is None:
        return {"items": [], "count": 0}
    items = []
    after = product_id
    for _ in range(depth):
        neighbours = products.query(
            IndexName="by_category",
            KeyConditionExpression=Key("category").eq(item["category"]) & Key("id").gt(after),
            ProjectionExpression="id, #n, category, price",
            ExpressionAttributeNames={"#n": "name"},
            Limit=3,
        )["Items"]
        if not neighbours:
            break
        items.extend(neighbours)
        after = neighbours[-1]["id"]
    return {"items": items, "count": len(items)}


@router.get("/v1/products", deprecated=True)
def products_v1(page: int = 0, per_page: int = 20):
    start = page * per_page
    rows = catalogue()[start:start + per_page + 1]
    more = len(rows) > per_page
    items = [{k: row[k] for k in ("id", "name", "category", "price")} for row in rows]
    return json_answer({"items": items, "count": len(items), "next_page": page + 1 if more else None})
