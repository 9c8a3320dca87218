"""The index has the attribute as its key: what is read is what is answered."""

import os

import boto3
from fastapi import FastAPI, HTTPException
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


@app.get("/categories/{category}")
def products(category: str, cursor: str | None = None):
    page = client.query(
        TableName="catalog",
        IndexName="by_category",
        KeyConditionExpression="category = :c",
        ExpressionAttributeValues={":c": {"S": category}},
        Limit=100,
        **({"ExclusiveStartKey": unseal(cursor, category)} if cursor else {}),
    )
    return {
        "items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in page["Items"]],
        "next_cursor": seal(page.get("LastEvaluatedKey"), category),
    }
