"""Each listing leaves a half-read page iterator behind; who does not come back for the rest leaves it for ever."""

from contextlib import asynccontextmanager
from uuid import uuid4

import aioboto3
from fastapi import FastAPI, HTTPException, Request

parked = {}


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/orders/{customer_id}")
async def orders(customer_id: str, request: Request, cursor: str | None = None):
    if cursor is not None and cursor not in parked:
        raise HTTPException(400, "unknown cursor")
    if cursor is None:
        cursor = str(uuid4())
        paginator = request.app.state.dynamodb.get_paginator("query")
        parked[cursor] = aiter(
            paginator.paginate(
                TableName="orders",
                KeyConditionExpression="customer_id = :c",
                ExpressionAttributeValues={":c": {"S": customer_id}},
                PaginationConfig={"PageSize": 25},
            )
        )
    page = await anext(parked[cursor])
    items = [{"order_id": item["order_id"]["S"], "total": item["total"]["N"]} for item in page["Items"]]
    return {"items": items, "next_cursor": cursor if "LastEvaluatedKey" in page else None}
