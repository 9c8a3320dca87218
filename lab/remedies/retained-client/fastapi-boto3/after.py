"""One client, made at the start and closed at the end. Threads may share it."""

from contextlib import asynccontextmanager
from typing import Annotated, Any

import boto3
from botocore.config import Config
from fastapi import Depends, FastAPI, HTTPException, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))
    yield
    app.state.dynamodb.close()


def dynamodb(request: Request):
    return request.app.state.dynamodb


app = FastAPI(lifespan=lifespan)


@app.get("/products/{product_id}")
def product(product_id: str, client: Annotated[Any, Depends(dynamodb)]):
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
