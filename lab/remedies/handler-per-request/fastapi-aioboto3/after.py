"""One handler, registered by the lifespan; what belongs to the request comes from a context variable."""

from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated

import aioboto3
from fastapi import FastAPI, Header, HTTPException, Request

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")


def add_trace(request, **kwargs):
    request.headers["X-Trace"] = trace_id.get()


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        client.meta.events.register("before-sign.dynamodb.GetItem", add_trace, unique_id="trace")
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request, x_request_id: Annotated[str, Header()] = "-"):
    trace_id.set(x_request_id)
    answer = await request.app.state.dynamodb.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
