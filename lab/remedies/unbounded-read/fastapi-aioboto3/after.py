"""One page, with its end as a cursor."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

import aioboto3
from fastapi import FastAPI, HTTPException, Query, Request
from itsdangerous import BadSignature, URLSafeSerializer


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)
signed = URLSafeSerializer(os.environ["CURSOR_SECRET"])


def seal(key, purpose):
    return signed.dumps(key, salt=purpose) if key else None


def unseal(cursor, purpose):
    try:
        return signed.loads(cursor, salt=purpose)
    except BadSignature:
        raise HTTPException(400, "unknown cursor") from None


@app.get("/products")
async def products(
    request: Request, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None
):
    page = await request.app.state.dynamodb.scan(
        TableName="catalog",
        ProjectionExpression="id, #n",
        ExpressionAttributeNames={"#n": "name"},
        Limit=limit,
        **({"ExclusiveStartKey": unseal(cursor, "products")} if cursor else {}),
    )
    return {
        "items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in page["Items"]],
        "next_cursor": seal(page.get("LastEvaluatedKey"), "products"),
    }
