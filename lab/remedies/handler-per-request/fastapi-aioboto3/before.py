"""Each request registers a handler on the shared client, and none is taken away: all of them run at every call."""

from contextlib import asynccontextmanager
from typing import Annotated

import aioboto3
from fastapi import FastAPI, Header, HTTPException, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request, x_request_id: Annotated[str, Header()] = "-"):
    client = request.app.state.dynamodb

    def add_trace(request, **kwargs):
        request.headers["X-Trace"] = x_request_id

    client.meta.events.register("before-sign.dynamodb.GetItem", add_trace)
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
