"""Django's cache: a largest number of entries, and an age for each."""

import asyncio

import aioboto3
from django.core.cache import cache
from django.http import Http404, JsonResponse
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


async def product(request, product_id):
    name = await cache.aget(f"product-name:{product_id}")
    if name is None:
        client = await dynamodb()
        answer = await client.get_item(
            TableName="catalog",
            Key={"id": {"S": product_id}},
            ProjectionExpression="#n",
            ExpressionAttributeNames={"#n": "name"},
        )
        if "Item" not in answer:
            raise Http404
        name = answer["Item"]["name"]["S"]
        await cache.aset(f"product-name:{product_id}", name, timeout=60)
    return JsonResponse({"id": product_id, "name": name})


urlpatterns = [path("products/<str:product_id>", product)]
