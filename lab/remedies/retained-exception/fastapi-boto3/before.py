"""Errors are kept for a page of the operators: with their tracebacks, and so with every local variable."""

import boto3
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")
errors = []


def pick(customer_id: str, order_id: str) -> dict:
    page = client.query(
        TableName="orders",
        KeyConditionExpression="customer_id = :c",
        ExpressionAttributeValues={":c": {"S": customer_id}},
    )
    return {item["order_id"]["S"]: item for item in page["Items"]}[order_id]


@app.get("/orders/{customer_id}/{order_id}")
def order(customer_id: str, order_id: str):
    try:
        return {"total": pick(customer_id, order_id)["total"]["N"]}
    except KeyError as exc:
        errors.append(exc)
        raise HTTPException(404, "no such order") from None
