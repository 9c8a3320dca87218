"""Path and duration of the last hundred requests. What hangs on a request goes with it."""

from collections import deque
from time import perf_counter

import boto3
from django.http import Http404, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


class Timing:
    def __init__(self, get_response):
        self.get_response = get_response
        self.slow = deque(maxlen=100)

    def __call__(self, request):
        started = perf_counter()
        response = self.get_response(request)
        self.slow.append((request.path, perf_counter() - started))
        return response


def product(request, product_id):
    request.item = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
    if request.item is None:
        raise Http404
    return JsonResponse({"id": product_id, "name": request.item["name"]["S"]})


MIDDLEWARE = ["after.Timing"]
urlpatterns = [path("products/<str:product_id>", product)]
