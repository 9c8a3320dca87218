"""All products, however many there are."""

import boto3
from fastapi import FastAPI

app = FastAPI()
client = boto3.client("dynamodb")


@app.get("/products")
def products():
    pages = client.get_paginator("scan").paginate(TableName="catalog")
    items = []
    for page in pages:
        items += page["Items"]
    return {"items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in items]}
