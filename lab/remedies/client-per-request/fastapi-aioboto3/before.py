"""A client for each request: service models are read, and a connection is opened, every time."""

import aioboto3
from fastapi import FastAPI, HTTPException

app = FastAPI()
session = aioboto3.Session()


@app.get("/products/{product_id}")
async def product(product_id: str):
    async with session.client("dynamodb") as client:
        answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
