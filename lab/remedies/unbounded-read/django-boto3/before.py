"""All products, however many there are."""

import boto3
from django.http import JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


def products(request):
    pages = client.get_paginator("scan").paginate(TableName="catalog")
    items = []
    for page in pages:
        items += page["Items"]
    return JsonResponse({"items": [{"id": item["id"]["S"], "name": item["name"]["S"]} for item in items]})


urlpatterns = [path("products", products)]
