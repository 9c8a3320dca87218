"""Errors are kept for a page of the operators: with their tracebacks, and so with every local variable."""

import boto3
from django.http import JsonResponse
from django.urls import path

client = boto3.client("dynamodb")
errors = []


def pick(customer_id, order_id):
    page = client.query(
        TableName="orders",
        KeyConditionExpression="customer_id = :c",
        ExpressionAttributeValues={":c": {"S": customer_id}},
    )
    return {item["order_id"]["S"]: item for item in page["Items"]}[order_id]


def order(request, customer_id, order_id):
    try:
        return JsonResponse({"total": pick(customer_id, order_id)["total"]["N"]})
    except KeyError as exc:
        errors.append(exc)
        return JsonResponse({"detail": "no such order"}, status=404)


urlpatterns = [path("orders/<str:customer_id>/<str:order_id>", order)]
