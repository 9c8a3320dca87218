"""All products, however many there are."""

import asyncio

import aioboto3
from django.http import JsonResponse
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


async def products(request):
    client = await dynamodb()
    pages = client.get_paginator("scan").paginate(TableName="catalog")
    items = []
    async for page in pages:
        items += page["Items"]
    return JsonResponse({"items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in items]})


urlpatterns = [path("products", products)]
