"""Search the catalogue by category, page by page.

A page has at most `limit` rows, and `next_cursor` says whether there are more:
nothing is cut off silently. The cursor is opaque and signed, and bound to the
query that it was made for, so that a caller cannot choose where reading starts.

Run: uvicorn sound:app
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from typing import Annotated, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from fastapi import FastAPI, HTTPException, Query

TABLE = "Catalog"
SECRET = os.environ.get("SAMPLE_SECRET_KEY", "").encode() or secrets.token_bytes(32)

app = FastAPI(title="search")
client = boto3.client(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)


def signature(query: str, position: bytes) -> bytes:
    return hmac.digest(SECRET, json.dumps([query, position.decode()]).encode(), hashlib.sha256)


def to_cursor(query: str, key: dict[str, Any]) -> str:
    position = json.dumps(key, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(signature(query, position) + position).decode()


def from_cursor(query: str, cursor: str) -> dict[str, Any]:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        mac, position = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, signature(query, position)):
            raise ValueError("signature")
        return json.loads(position)
    except (binascii.Error, ValueError):
        raise HTTPException(status_code=400, detail="the cursor is not one of ours") from None


@app.get("/search")
def search(
    query: Annotated[str, Query(min_length=2, max_length=64)],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=1024)] = None,
) -> dict[str, Any]:
    start = {"ExclusiveStartKey": from_cursor(query, cursor)} if cursor else {}
    page = client.query(
        TableName=TABLE,
        KeyConditionExpression="category = :category",
        ExpressionAttributeValues={":category": {"S": query}},
        Limit=limit,
        **start,
    )
    plain = TypeDeserializer()
    rows = [{name: plain.deserialize(value) for name, value in item.items()} for item in page["Items"]]
    last = page.get("LastEvaluatedKey")
    return {"items": rows, "next_cursor": to_cursor(query, last) if last else None}
