"""As many reads as the caller names ids, all at once."""

import asyncio
from contextlib import asynccontextmanager
from typing import Annotated

import aioboto3
from fastapi import FastAPI, Query, Request


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/products/by-ids")
async def by_ids(ids: Annotated[list[str], Query()], request: Request):
    client = request.app.state.dynamodb
    reads = [client.get_item(TableName="catalog", Key={"id": {"S": one}}) for one in ids]
    answers = await asyncio.gather(*reads)
    items = [answer["Item"] for answer in answers if "Item" in answer]
    return {item["id"]["S"]: item["name"]["S"] for item in items}
