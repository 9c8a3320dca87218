"""Items by key from DynamoDB, with one shared client that no caller can replace.

The client is made in the lifespan, reaches the handler through `Depends`, and
is thread-safe (a boto3 *resource* is not). Store errors go to the log; the
caller gets a fixed text.

Run: uvicorn sound:app
"""

import logging
import os
from contextlib import asynccontextmanager
from typing import Annotated, Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from fastapi import Depends, FastAPI, HTTPException, Path, Request

REGION = "us-east-1"
TABLE = "Items"
log = logging.getLogger("items")


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.dynamodb = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=os.environ["DYNAMODB_ENDPOINT"],
        config=Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2}),
    )
    yield
    app.state.dynamodb.close()


def dynamodb(request: Request) -> Any:
    return request.app.state.dynamodb


app = FastAPI(title="items", lifespan=lifespan)
ItemId = Annotated[str, Path(min_length=1, max_length=64, pattern="^[a-z0-9-]+$")]


@app.get("/items/{item_id}")
def read_item(item_id: ItemId, client: Annotated[Any, Depends(dynamodb)]) -> dict[str, Any]:
    try:
        response = client.get_item(TableName=TABLE, Key={"id": {"S": item_id}})
    except (ClientError, BotoCoreError):
        log.exception("the item could not be read")
        raise HTTPException(status_code=503, detail="the item cannot be read at the moment") from None
    if "Item" not in response:
        raise HTTPException(status_code=404, detail="no such item")
    plain = TypeDeserializer()
    return {name: plain.deserialize(value) for name, value in response["Item"].items()}
