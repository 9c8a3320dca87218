"""Each request connects a receiver of its own; `weak=False` keeps it, and the rows that it closes over."""

import boto3
from django.dispatch import Signal
from django.http import Http404, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")
product_read = Signal()


def product(request, product_id):
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise Http404
    seen = []

    def on_read(sender, **kwargs):
        seen.append(answer["Item"]["name"]["S"])

    product_read.connect(on_read, weak=False)
    product_read.send(sender=None)
    return JsonResponse({"id": product_id, "name": seen[0]})


urlpatterns = [path("products/<str:product_id>", product)]
