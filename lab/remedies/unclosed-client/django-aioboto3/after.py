"""One client for the process, which every path leaves as it is."""

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


async def product(request, product_id):
    client = await dynamodb()
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer or "discontinued" not in answer["Item"]:
        return JsonResponse({"detail": "not discontinued"}, status=404)
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
