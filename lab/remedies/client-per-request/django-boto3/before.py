"""A client for each request: service models are read, and a connection is opened, every time."""

import boto3
from django.http import Http404, JsonResponse
from django.urls import path


def product(request, product_id):
    client = boto3.client("dynamodb")
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise Http404
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
