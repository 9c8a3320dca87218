"""The last fifty errors as text; the order is read by its key."""

import traceback
from collections import deque

import boto3
from django.http import JsonResponse
from django.urls import path

client = boto3.client("dynamodb")
errors = deque(maxlen=50)


def pick(customer_id, order_id):
    answer = client.get_item(
        TableName="orders", Key={"customer_id": {"S": customer_id}, "order_id": {"S": order_id}}
    )
    if "Item" not in answer:
        raise LookupError(f"{customer_id} has no order {order_id}")
    return answer["Item"]


def order(request, customer_id, order_id):
    try:
        return JsonResponse({"total": pick(customer_id, order_id)["total"]["N"]})
    except LookupError as exc:
        errors.append("".join(traceback.format_exception_only(exc)).strip())
        return JsonResponse({"detail": "no such order"}, status=404)


urlpatterns = [path("orders/<str:customer_id>/<str:order_id>", order)]
