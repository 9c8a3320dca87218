"""Each request registers a handler on the shared client, and none is taken away: all of them run at every call."""

from typing import Annotated

import boto3
from fastapi import FastAPI, Header, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")


@app.get("/products/{product_id}")
def product(product_id: str, x_request_id: Annotated[str, Header()] = "-"):
    def add_trace(request, **kwargs):
        request.headers["X-Trace"] = x_request_id

    client.meta.events.register("before-sign.dynamodb.GetItem", add_trace)
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
