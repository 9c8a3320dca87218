"""One receiver, connected at the start; what belongs to the request is sent along.

`ready` is what an `AppConfig.ready` does.
"""

import boto3
from django.dispatch import Signal
from django.http import Http404, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")
product_read = Signal()


def on_read(sender, item, seen, **kwargs):
    seen.append(item["name"]["S"])


def ready():
    product_read.connect(on_read, dispatch_uid="shop.on_read")


def product(request, product_id):
    answer = client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        raise Http404
    seen = []
    product_read.send(sender=None, item=answer["Item"], seen=seen)
    return JsonResponse({"id": product_id, "name": seen[0]})


urlpatterns = [path("products/<str:product_id>", product)]
