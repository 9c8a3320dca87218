"""Exports for the bookkeeping and the price comparison sites."""
import csv
import io
import json

from django.conf import settings
from django.http import HttpResponse

from . import store
from .products import listing

FINISHED = {}


def products_csv(request):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "name", "category", "price", "stock"])
    for item in listing(None):
        writer.writerow([item["id"], item["name"], item["category"], item["price"], item["stock"]])
    return HttpResponse(out.getvalue(), content_type="text/csv")


def orders_ndjson(request):
    if settings.TODAY not in FINISHED:
        FINISHED[settings.TODAY] = all_orders()
    return HttpResponse(FINISHED[settings.TODAY], content_type="application/x-ndjson")


def all_orders():
    pages = store.client.get_paginator("scan").paginate(
        TableName=store.ORDERS,
        ProjectionExpression="order_id, customer_id, created_at, #s, #t",
        ExpressionAttributeNames={"#s": "status", "#t": "total"},
    )
    rows = pages.build_full_result()["Items"]
    lines = []
    for row in rows:
        order = {name: row[name]["S"] for name in ("order_id", "customer_id", "created_at", "status")}
        order["total"] = float(row["total"]["N"])
        lines.append(json.dumps(order))
    del rows
    return "\n".join(lines)
