"""The last fifty errors as text; the order is read by its key."""

import traceback
from collections import deque

import boto3
from fastapi import FastAPI, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")
errors: deque[str] = deque(maxlen=50)


def pick(customer_id: str, order_id: str) -> dict:
    answer = client.get_item(
        TableName="orders", Key={"customer_id": {"S": customer_id}, "order_id": {"S": order_id}}
    )
    if "Item" not in answer:
        raise LookupError(f"{customer_id} has no order {order_id}")
    return answer["Item"]


@app.get("/orders/{customer_id}/{order_id}")
def order(customer_id: str, order_id: str):
    try:
        return {"total": pick(customer_id, order_id)["total"]["N"]}
    except LookupError as exc:
        errors.append("".join(traceback.format_exception_only(exc)).strip())
        raise HTTPException(404, "no such order") from None
