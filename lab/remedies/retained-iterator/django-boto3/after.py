"""The position is handed out, signed, and taken back: any process can go on from there, and nothing waits."""

import boto3
from django.core import signing
from django.http import JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


def orders(request, customer_id):
    start = {}
    if cursor := request.GET.get("cursor"):
        try:
            start = {"ExclusiveStartKey": signing.loads(cursor, salt=f"orders:{customer_id}")}
        except signing.BadSignature:
            return JsonResponse({"detail": "unknown cursor"}, status=400)
    page = client.query(
        TableName="orders",
        KeyConditionExpression="customer_id = :c",
        ExpressionAttributeValues={":c": {"S": customer_id}},
        Limit=25,
        **start,
    )
    items = [{"order_id": item["order_id"]["S"], "total": item["total"]["N"]} for item in page["Items"]]
    last = page.get("LastEvaluatedKey")
    following = signing.dumps(last, salt=f"orders:{customer_id}") if last else None
    return JsonResponse({"items": items, "next_cursor": following})


urlpatterns = [path("orders/<str:customer_id>", orders)]
