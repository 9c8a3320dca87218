"""The whole table is in memory before the first line goes out."""

import json
from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, Request, Response


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/export")
async def export(request: Request):
    items = []
    async for page in request.app.state.dynamodb.get_paginator("scan").paginate(TableName="catalog"):
        items.extend(page["Items"])
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in items]
    return Response("\n".join(lines) + "\n", media_type="application/x-ndjson")
