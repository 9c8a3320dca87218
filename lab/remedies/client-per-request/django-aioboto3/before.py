"""A client for each request: service models are read, and a connection is opened, every time."""

import aioboto3
from django.http import Http404, JsonResponse
from django.urls import path

session = aioboto3.Session()


async def product(request, product_id):
    async with session.client("dynamodb") as client:
        answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise Http404
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
