"""One page at a time, and of it only what is answered. Under ASGI an asynchronous generator streams; a plain one would not."""

import asyncio
import json

import aioboto3
from django.http import StreamingHttpResponse
from django.urls import path

session = aioboto3.Session()
_client = None
_entering = asyncio.Lock()


async def dynamodb():
    global _client
    async with _entering:
        if _client is None:
            _client = await session.client("dynamodb").__aenter__()
    return _client


async def lines(client):
    async for page in client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    ):
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


async def export(request):
    return StreamingHttpResponse(lines(await dynamodb()), content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
