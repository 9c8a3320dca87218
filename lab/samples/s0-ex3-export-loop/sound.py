"""Export a table as JSON lines, one bounded part per request.

One request costs one Scan of at most `limit` rows, whatever the size of the
table. `X-Next-Cursor` (opaque, signed) asks for the next part and is missing on
the last one. Only the exported attributes leave the store.

Run: uvicorn sound:app
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from typing import Annotated

import boto3
from boto3.dynamodb.types import TypeDeserializer
from fastapi import FastAPI, HTTPException, Query, Response

TABLE = "Readings"
SECRET = os.environ.get("SAMPLE_SECRET_KEY", "").encode() or secrets.token_bytes(32)

app = FastAPI(title="export")
client = boto3.client(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)


def to_cursor(key: str) -> str:
    mac = hmac.digest(SECRET, key.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(mac + key.encode()).decode()


def from_cursor(cursor: str) -> str:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
        if not hmac.compare_digest(raw[:32], hmac.digest(SECRET, raw[32:], hashlib.sha256)):
            raise ValueError("signature")
        return raw[32:].decode()
    except (binascii.Error, ValueError):
        raise HTTPException(status_code=400, detail="the cursor is not one of ours") from None


@app.get("/export")
def export(
    limit: Annotated[int, Query(ge=1, le=250)] = 100,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
) -> Response:
    start = {"ExclusiveStartKey": {"id": {"S": from_cursor(cursor)}}} if cursor else {}
    page = client.scan(
        TableName=TABLE,
        Limit=limit,
        ProjectionExpression="id, #s, body",
        ExpressionAttributeNames={"#s": "status"},
        **start,
    )
    plain = TypeDeserializer()
    lines = [
        json.dumps({name: plain.deserialize(value) for name, value in item.items()}, default=str) + "\n"
        for item in page["Items"]
    ]
    last = page.get("LastEvaluatedKey")
    headers = {"X-Next-Cursor": to_cursor(last["id"]["S"])} if last else {}
    return Response("".join(lines), media_type="application/x-ndjson", headers=headers)
