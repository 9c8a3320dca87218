"""One page at a time, and of it only what is answered."""

import json

import boto3
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

app = FastAPI()
client = boto3.client("dynamodb")


def lines():
    for page in client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    ):
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


@app.get("/export")
def export():
    return StreamingResponse(lines(), media_type="application/x-ndjson")
