"""The whole table is in memory before the first line goes out."""

import json

import boto3
from fastapi import FastAPI, Response

app = FastAPI()
client = boto3.client("dynamodb")


@app.get("/export")
def export():
    table = client.get_paginator("scan").paginate(TableName="catalog").build_full_result()
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in table["Items"]]
    return Response("\n".join(lines) + "\n", media_type="application/x-ndjson")
