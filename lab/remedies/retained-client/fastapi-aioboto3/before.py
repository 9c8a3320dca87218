"""Each request enters a client, and all of them wait for the end of the process to be left."""

from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException

session = aioboto3.Session()
entered = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    yield
    for client in entered:
        await client.__aexit__(None, None, None)


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str):
    client = await session.client("dynamodb").__aenter__()
    entered.append(client)
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
