"""A client for each request: service models are read, and a connection is opened, every time."""

import boto3
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/products/{product_id}")
def product(product_id: str):
    client = boto3.client("dynamodb")
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
