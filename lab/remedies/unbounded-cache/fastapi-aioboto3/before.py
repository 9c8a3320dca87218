"""Names of products, remembered for ever: one entry for each id that anybody asks for."""

from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException, Request

known = {}


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request):
    if product_id not in known:
        answer = await request.app.state.dynamodb.get_item(TableName="catalog", Key={"id": {"S": product_id}})
        known[product_id] = answer.get("Item")
    item = known[product_id]
    if item is None:
        raise HTTPException(404)
    return {"id": product_id, "name": item["name"]["S"]}
