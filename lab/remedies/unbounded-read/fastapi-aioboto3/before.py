"""All products, however many there are."""

from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products")
async def products(request: Request):
    pages = request.app.state.dynamodb.get_paginator("scan").paginate(TableName="catalog")
    items = []
    async for page in pages:
        items += page["Items"]
    return {"items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in items]}
