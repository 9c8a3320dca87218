"""One page at a time, and of it only what is answered."""

import json
from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


async def lines(client):
    async for page in client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    ):
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


@app.get("/export")
async def export(request: Request):
    return StreamingResponse(lines(request.app.state.dynamodb), media_type="application/x-ndjson")
