"""The whole table is in memory before the first line goes out."""

import asyncio
import json

import aioboto3
from django.http import HttpResponse
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


async def export(request):
    client, items = await dynamodb(), []
    async for page in client.get_paginator("scan").paginate(TableName="catalog"):
        items.extend(page["Items"])
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in items]
    return HttpResponse("\n".join(lines) + "\n", content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
