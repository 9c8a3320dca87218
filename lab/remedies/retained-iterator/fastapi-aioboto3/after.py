"""The position is handed out, signed, and taken back: any process can go on from there, and nothing waits."""

import os
from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException, Request
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


@app.get("/orders/{customer_id}")
async def orders(customer_id: str, request: Request, cursor: str | None = None):
    page = await request.app.state.dynamodb.query(
        TableName="orders",
        KeyConditionExpression="customer_id = :c",
        ExpressionAttributeValues={":c": {"S": customer_id}},
        Limit=25,
        **({"ExclusiveStartKey": unseal(cursor, customer_id)} if cursor else {}),
    )
    return {
        "items": [{"order_id": item["order_id"]["S"], "total": item["total"]["N"]} for item in page["Items"]],
        "next_cursor": seal(page.get("LastEvaluatedKey"), customer_id),
    }
