"""A slice for each request, and the way to the next one in a header: what breaks off goes on where it was."""

import json
import os
from typing import Annotated

import boto3
from fastapi import FastAPI, HTTPException, Query, Response
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


@app.get("/export")
def export(rows: Annotated[int, Query(ge=1, le=250)] = 250, cursor: str | None = None):
    page = client.scan(
        TableName="catalog",
        ProjectionExpression="id, price",
        Limit=rows,
        **({"ExclusiveStartKey": unseal(cursor, "export")} if cursor else {}),
    )
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in page["Items"]]
    following = seal(page.get("LastEvaluatedKey"), "export")
    return Response(
        "".join(line + "\n" for line in lines),
        media_type="application/x-ndjson",
        headers={"X-Next-Cursor": following} if following else None,
    )
