"""The requests of the last visitors, for a page that only shows when who asked for what. There is no last one."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aioboto3
from fastapi import FastAPI, HTTPException, Request

visits = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request):
    answer = await request.app.state.dynamodb.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    request.state.item = answer.get("Item")
    visits.append((datetime.now(UTC), request))
    if request.state.item is None:
        raise HTTPException(404)
    return {"id": product_id, "name": request.state.item["name"]["S"]}


@app.get("/visits")
async def shown():
    return [{"at": at, "path": request.url.path} for at, request in visits[-50:]]
