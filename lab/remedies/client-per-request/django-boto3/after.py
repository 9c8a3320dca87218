"""One client per process, made at its first use. Threads may share it."""

from functools import cache

import boto3
from botocore.config import Config
from django.http import Http404, JsonResponse
from django.urls import path


@cache
def dynamodb():
    return boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))


def product(request, product_id):
    answer = dynamodb().get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise Http404
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
