"""Sixty-four wait at most. Who comes when it is full is told so, and when to come again."""

import asyncio
from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException

pending = asyncio.Queue(maxsize=64)


async def write_views(client):
    while True:
        product_id, view = await pending.get()
        await client.update_item(
            TableName="views",
            Key={"id": {"S": product_id}},
            UpdateExpression="SET last_visitor = :v ADD seen :one",
            ExpressionAttributeValues={":v": {"S": view["visitor"]}, ":one": {"N": "1"}},
        )
        await asyncio.sleep(0.2)  # all that the table's write capacity leaves to this process


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        writer = asyncio.create_task(write_views(client))
        yield
        writer.cancel()


app = FastAPI(lifespan=lifespan)


@app.post("/views/{product_id}", status_code=202)
async def view(product_id: str, view: dict[str, str]):
    try:
        pending.put_nowait((product_id, view))
    except asyncio.QueueFull:
        raise HTTPException(503, "busy", headers={"Retry-After": "1"}) from None
    return {"queued": True}
