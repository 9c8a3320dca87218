"""Products, remembered for ever: one entry for each id that anybody asks for."""

import asyncio

import aioboto3
from django.http import Http404, JsonResponse
from django.urls import path

known = {}
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
    if product_id not in known:
        client = await dynamodb()
        answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
        known[product_id] = answer.get("Item")
    item = known[product_id]
    if item is None:
        raise Http404
    return JsonResponse({"id": product_id, "name": item["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
