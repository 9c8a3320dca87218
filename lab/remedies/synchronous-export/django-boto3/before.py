"""Streamed, so that memory stays small; but one request lasts, and reads, as long as the table is."""

import json

import boto3
from django.http import StreamingHttpResponse
from django.urls import path

client = boto3.client("dynamodb")


def lines():
    for page in client.get_paginator("scan").paginate(
        TableName="catalog", ProjectionExpression="id, price", PaginationConfig={"PageSize": 250}
    ):
        rows = ({"id": item["id"]["S"], "price": item["price"]["N"]} for item in page["Items"])
        yield "".join(json.dumps(row) + "\n" for row in rows)


def export(request):
    return StreamingHttpResponse(lines(), content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
