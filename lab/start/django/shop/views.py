"""Products of a small shop, kept in DynamoDB."""

import boto3
from django.conf import settings
from django.http import Http404, JsonResponse

client = boto3.client("dynamodb", endpoint_url=settings.DYNAMODB_ENDPOINT)
viewed = []


def products(request):
    items = []
    for page in client.get_paginator("scan").paginate(TableName="products"):
        items += page["Items"]
    return JsonResponse({"items": [{"id": item["id"]["S"], "price": int(item["price"]["N"])} for item in items]})


def product(request, product_id):
    item = client.get_item(TableName="products", Key={"id": {"S": product_id}}).get("Item")
    if item is None:
        raise Http404
    viewed.append(item)
    return JsonResponse({"id": product_id, "name": item["name"]["S"]})
