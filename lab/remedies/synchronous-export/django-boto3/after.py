"""A slice for each request, and the way to the next one in a header: what breaks off goes on where it was."""

import json

import boto3
from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


def export(request):
    start = {}
    if cursor := request.GET.get("cursor"):
        try:
            start = {"ExclusiveStartKey": signing.loads(cursor, salt="export")}
        except signing.BadSignature:
            return JsonResponse({"detail": "unknown cursor"}, status=400)
    page = client.scan(TableName="catalog", ProjectionExpression="id, price", Limit=250, **start)
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in page["Items"]]
    answer = HttpResponse("".join(line + "\n" for line in lines), content_type="application/x-ndjson")
    if last := page.get("LastEvaluatedKey"):
        answer["X-Next-Cursor"] = signing.dumps(last, salt="export")
    return answer


urlpatterns = [path("export", export)]
