"""The last 128 names, each for a minute; only the name is read."""

from threading import Lock

import boto3
from cachetools import TTLCache, cached
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")


@cached(TTLCache(maxsize=128, ttl=60), lock=Lock())
def name_of(product_id: str) -> str | None:
    answer = client.get_item(
        TableName="catalog",
        Key={"id": {"S": product_id}},
        ProjectionExpression="#n",
        ExpressionAttributeNames={"#n": "name"},
    )
    return answer["Item"]["name"]["S"] if "Item" in answer else None


@app.get("/products/{product_id}")
def product(product_id: str):
    name = name_of(product_id)
    if name is None:
        raise HTTPException(404)
    return {"id": product_id, "name": name}
