"""Tasks are held, as they must be while they run, and never let go."""

import asyncio
from contextlib import asynccontextmanager

import aioboto3
from fastapi import FastAPI, HTTPException, Request

background = set()


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with aioboto3.Session().client("dynamodb") as client:
        app.state.dynamodb = client
        yield


app = FastAPI(lifespan=lifespan)


async def count_view(client, product_id):
    await client.update_item(
        TableName="views",
        Key={"id": {"S": product_id}},
        UpdateExpression="ADD seen :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )


@app.get("/products/{product_id}")
async def product(product_id: str, request: Request):
    client = request.app.state.dynamodb
    background.add(asyncio.create_task(count_view(client, product_id)))
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise HTTPException(404)
    return {"id": product_id, "name": answer["Item"]["name"]["S"]}
