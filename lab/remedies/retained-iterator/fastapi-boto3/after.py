"""The position is handed out, signed, and taken back: any process can go on from there, and nothing waits."""

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


@app.get("/orders/{customer_id}")
def orders(customer_id: str, cursor: str | None = None):
    page = client.query(
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
