"""The whole table is in memory before the first line goes out."""

import json

import boto3
from django.http import HttpResponse
from django.urls import path

client = boto3.client("dynamodb")


def export(request):
    items, start = [], {}
    while True:
        page = client.scan(TableName="catalog", **start)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    lines = [json.dumps({"id": item["id"]["S"], "price": item["price"]["N"]}) for item in items]
    return HttpResponse("\n".join(lines) + "\n", content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
