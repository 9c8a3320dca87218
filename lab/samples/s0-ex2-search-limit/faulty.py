"""Search the catalogue by category.

Run: uvicorn faulty:app
"""

import os

import boto3
from boto3.dynamodb.conditions import Key
from fastapi import FastAPI

app = FastAPI(title="search")
dynamodb = boto3.resource(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)
table = dynamodb.Table("Catalog")


@app.get("/search")
def search(query: str):
    response = table.query(
        KeyConditionExpression=Key("category").eq(query),
        Limit=100,
    )
    return {"items": response["Items"]}
