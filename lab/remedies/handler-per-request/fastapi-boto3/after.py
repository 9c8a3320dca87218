"""One handler, registered once; what belongs to the request comes from a context variable."""

from contextvars import ContextVar
from typing import Annotated

import boto3
from fastapi import FastAPI, Header, HTTPException

app = FastAPI()
client = boto3.client("dynamodb")
trace_id: ContextVar[str] = ContextVar("trace_id", default="-")


def add_trace(request, **kwargs):
    request.headers["X-Trace"] = trace_id.get()


client.meta.events.register("before-sign.dynamodb.GetItem", add_trace, unique_id="trace")


@app.get("/products/{product_id}")
def product(product_id: str, x_request_id: Annotated[str, Header()] = "-"):
    trace_id.set(x_request_id)
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
