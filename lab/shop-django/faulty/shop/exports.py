"""Exports for the bookkeeping and the price comparison sites."""
import csv
import io
import json

from django.http import HttpResponse

from . import store


def products_csv(request):
    pages = store.client.get_paginator("scan").paginate(
        TableName=store.PRODUCTS,
        ProjectionExpression="id, #n, category, price, stock",
        ExpressionAttributeNames={"#n": "name"},
    )
    rows = pages.build_full_result()["Items"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "name", "category", "price", "stock"])
    for row in rows:
        writer.writerow([row["id"]["S"], row["name"]["S"], row["category"]["S"], row["price"]["N"], row["stock"]["N"]])
    return HttpResponse(out.getvalue(), content_type="text/csv")


def orders_ndjson(request):
    items = store.scan_all(
        store.orders,
        ProjectionExpression="order_id, customer_id, created_at, #s, #t, note",
        ExpressionAttributeNames={"#s": "status", "#t": "total"},
    )
    body = "\n".join(json.dumps(item, default=str) for item in items)
    del items
    return HttpResponse(body, content_type="application/x-ndjson")
