"""Export a table as JSON lines.

Run: uvicorn faulty:app
"""

import json
import os

import boto3
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

TABLE = "Readings"

app = FastAPI(title="export")
client = boto3.client(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)


def rows():
    kwargs = {"TableName": TABLE, "Limit": 1000}
    while True:
        response = client.scan(**kwargs)
        for item in response["Items"]:
            yield json.dumps(item) + "\n"
        if "LastEvaluatedKey" not in response:
            break
        kwargs["ExclusiveStartKey"] = response["LastEvaluatedKey"]


@app.get("/export")
def export():
    return StreamingResponse(rows(), media_type="application/x-ndjson")
