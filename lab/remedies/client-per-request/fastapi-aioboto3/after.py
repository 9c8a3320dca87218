"""One client for the process, entered and left by the lifespan."""

from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request):
    answer = await request.app.state.dynamodb.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
