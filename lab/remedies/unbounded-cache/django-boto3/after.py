"""Django's cache: a largest number of entries, and an age for each."""

import boto3
from django.core.cache import cache
from django.http import Http404, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


def name_of(product_id):
    def load():
        answer = client.get_item(
            TableName="catalog",
            Key={"id": {"S": product_id}},
            ProjectionExpression="#n",
            ExpressionAttributeNames={"#n": "name"},
        )
        return answer["Item"]["name"]["S"] if "Item" in answer else None

    return cache.get_or_set(f"product-name:{product_id}", load, timeout=60)


def product(request, product_id):
    name = name_of(product_id)
    if name is None:
        raise Http404
    return JsonResponse({"id": product_id, "name": name})


urlpatterns = [path("products/<str:product_id>", product)]
