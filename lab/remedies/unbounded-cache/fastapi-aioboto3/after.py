"""The last 128 names, each for a minute. Decorators of caches know nothing of `await`, so the cache is used by hand."""

from contextlib import asynccontextmanager

import aioboto3
from cachetools import TTLCache
from fastapi import FastAPI, HTTPException, Request

known = TTLCache(maxsize=128, ttl=60)


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request):
    name = known.get(product_id)
    if name is None:
        answer = await request.app.state.dynamodb.get_item(
            TableName="catalog",
            Key={"id": {"S": product_id}},
            ProjectionExpression="#n",
            ExpressionAttributeNames={"#n": "name"},
        )
        if "Item" not in answer:
            raise HTTPException(404)
        name = known[product_id] = answer["Item"]["name"]["S"]
    return {"id": product_id, "name": name}
