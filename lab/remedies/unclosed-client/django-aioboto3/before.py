"""A client is entered by hand, and left only where nothing goes wrong."""

import aioboto3
from django.http import JsonResponse
from django.urls import path

session = aioboto3.Session()


async def product(request, product_id):
    context = session.client("dynamodb")
    client = await context.__aenter__()
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer or "discontinued" not in answer["Item"]:
        return JsonResponse({"detail": "not discontinued"}, status=404)
    await context.__aexit__(None, None, None)
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
