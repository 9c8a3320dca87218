"""One page, with its end as a cursor."""

import os
from typing import Annotated

import boto3
from fastapi import FastAPI, HTTPException, Query
from itsdangerous import BadSignature, URLSafeSerializer

app = FastAPI()
client = boto3.client("dynamodb")
signed = URLSafeSerializer(os.environ["CURSOR_SECRET"])


def seal(key, purpose):
    return signed.dumps(key, salt=purpose) if key else None


def unseal(cursor, purpose):
    try:
        return signed.loads(cursor, salt=purpose)
    except BadSignature:
        raise HTTPException(400, "unknown cursor") from None


@app.get("/products")
def products(limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None):
    page = client.scan(
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
