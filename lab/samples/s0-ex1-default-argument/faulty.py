"""Items by key from DynamoDB.

Run: uvicorn faulty:app
"""

import os

import boto3
from botocore.exceptions import ClientError
from fastapi import Depends, FastAPI, HTTPException

REGION = "us-east-1"
ENDPOINT = os.environ["DYNAMODB_ENDPOINT"]

app = FastAPI(title="items")


def get_dynamodb_resource():
    # Create once and reuse across requests
    return boto3.resource("dynamodb", region_name=REGION, endpoint_url=ENDPOINT)


@app.get("/items/{item_id}")
def read_item(item_id: str, db=boto3.resource("dynamodb", region_name=REGION, endpoint_url=ENDPOINT)):
    table = db.Table("Items")
    try:
        response = table.get_item(Key={"id": item_id})
    except ClientError as e:
        raise HTTPException(status_code=500, detail=str(e))
    item = response.get("Item")
    if item is None:
        raise HTTPException(status_code=404, detail="Item not found")
    return item
