"""Products of a small shop, kept in DynamoDB."""

import os

import boto3
from fastapi import FastAPI, HTTPException

app = FastAPI(title="shop")
client = boto3.client("dynamodb", endpoint_url=os.environ.get("DYNAMODB_ENDPOINT"))
viewed = []


@app.get("/products")
def products():
    items = []
    for page in client.get_paginator("scan").paginate(TableName="products"):
        items += page["Items"]
    return [{"id": item["id"]["S"], "price": int(item["price"]["N"])} for item in items]


@app.get("/products/{product_id}")
def product(product_id: str):
    item = client.get_item(TableName="products", Key={"id": {"S": product_id}}).get("Item")
    if item is None:
        raise HTTPException(404, "no such product")
    viewed.append(item)
    return {"id": product_id, "name": item["name"]["S"]}
