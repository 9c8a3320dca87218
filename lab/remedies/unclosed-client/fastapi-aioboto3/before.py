"""A client is entered by hand, and nobody leaves it: its connection waits for the collector."""

import aioboto3
from fastapi import FastAPI, HTTPException

app = FastAPI()
session = aioboto3.Session()


@app.get("/products/{product_id}")
async def product(product_id: str):
    client = await session.client("dynamodb").__aenter__()
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
