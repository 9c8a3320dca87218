"""A middleware that keeps every request it has measured, with all that hangs on it."""

from time import perf_counter

import boto3
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
client = boto3.client("dynamodb")
timings = []


@app.middleware("http")
async def measure(request: Request, call_next):
    started = perf_counter()
    response = await call_next(request)
    timings.append((request, perf_counter() - started))
    return response


@app.get("/products/{product_id}")
def product(product_id: str, request: Request):
    request.state.item = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
    if request.state.item is None:
        raise HTTPException(404)
    return {"id": product_id, "name": request.state.item["name"]["S"]}
