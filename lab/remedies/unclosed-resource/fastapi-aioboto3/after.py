"""One for the process, opened and closed by the lifespan."""

import os
from contextlib import asynccontextmanager

import aioboto3
import httpx
from fastapi import FastAPI, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client, httpx.AsyncClient(timeout=5) as rates:
        app.state.dynamodb, app.state.rates = client, rates
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}/price")
async def price(product_id: str, request: Request):
    answer = await request.app.state.dynamodb.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    rate = await request.app.state.rates.get(os.environ["RATES_URL"])
    return {"id": product_id, "known": "Item" in answer, "rates": rate.status_code}
