"""The errors of the store are kept, with their tracebacks, and so with every local variable."""

import asyncio

import aioboto3
from botocore.exceptions import ClientError
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


class Failures:
    seen = []


async def order(request, customer_id, order_id):
    client = await dynamodb()
    try:
        answer = await client.get_item(TableName="archive", Key={"order_id": {"S": order_id}})
    except ClientError as exc:
        Failures.seen.append(exc)
        return JsonResponse({"detail": "the archive is not available"}, status=503)
    return JsonResponse({"known": "Item" in answer})


urlpatterns = [path("orders/<str:customer_id>/<str:order_id>", order)]
