"""One page, with its end as a cursor."""

import asyncio

import aioboto3
from django.core import signing
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
    cursor = request.GET.get("cursor")
    try:
        limit = min(max(int(request.GET.get("limit", 50)), 1), 100)
        start = {"ExclusiveStartKey": signing.loads(cursor, salt="products")} if cursor else {}
    except (ValueError, signing.BadSignature):
        return JsonResponse({"detail": "limit is a number, cursor is what the page before gave"}, status=400)
    client = await dynamodb()
    page = await client.scan(
        TableName="catalog",
        ProjectionExpression="id, #n",
        ExpressionAttributeNames={"#n": "name"},
        Limit=limit,
        **start,
    )
    last = page.get("LastEvaluatedKey")
    return JsonResponse(
        {
            "items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in page["Items"]],
            "next_cursor": signing.dumps(last, salt="products") if last else None,
        }
    )


urlpatterns = [path("products", products)]
