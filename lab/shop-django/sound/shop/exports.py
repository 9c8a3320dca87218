"""Exports in bounded portions: a portion is streamed, the cursor leads to the next one."""
import csv
import io
import json
import time

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.views import APIView

from . import paging, queries, store
from .products import Public

MAX_SECONDS = 5
COLUMNS = ["id", "name", "category", "price", "stock"]
ORDER_COLUMNS = ["order_id", "customer_id", "created_at", "status", "total"]

NEXT_CURSOR = OpenApiParameter(
    "X-Next-Cursor", {"type": "string", "maxLength": 512}, OpenApiParameter.HEADER, response=[200],
    description="Cursor of the next portion; absent at the end",
)


def csv_lines(items):
    for row in [COLUMNS, *([item[name] for name in COLUMNS] for item in items)]:
        out = io.StringIO()
        csv.writer(out).writerow(row)
        yield out.getvalue()


class ExportProducts(Public, APIView):
    @extend_schema(
        operation_id="export_products",
        parameters=[queries.ExportQuery, NEXT_CURSOR],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request):
        query = queries.read(queries.ExportQuery, request)
        items, cursor = paging.read_page(
            store.client.scan,
            {"TableName": store.PRODUCTS, "Limit": query["limit"] + 1, **store.projection(COLUMNS)},
            keys=["id"],
            scope="export-products",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        response = StreamingHttpResponse(csv_lines(items), content_type="text/csv; charset=utf-8")
        response["Cache-Control"] = "public, max-age=30"
        if cursor:
            response["X-Next-Cursor"] = cursor
        return response


def order_lines(limit, start, scope):
    """Yield order by order as the pages come in; the last line says where to go on."""
    request = {
        "TableName": store.ORDERS,
        "Limit": 100,
        **store.projection(ORDER_COLUMNS),
    }
    until = time.monotonic() + MAX_SECONDS
    sent = 0
    for page, following in paging.pages(store.client.scan, request, start, calls=50):
        for item in page:
            yield json.dumps(item) + "\n"
            sent += 1
            if sent == limit or time.monotonic() > until:
                cursor = paging.seal(scope, [item["customer_id"], item["order_id"]])
                yield json.dumps({"next_cursor": cursor}) + "\n"
                return
    yield json.dumps({"next_cursor": None}) + "\n"


class ExportOrders(APIView):
    @extend_schema(
        operation_id="export_orders",
        parameters=[queries.ExportQuery],
        responses={(200, "application/x-ndjson"): OpenApiTypes.STR},
        description="One order per line; the last line is `{\"next_cursor\": …}`, null at the end.",
    )
    def get(self, request):
        query = queries.read(queries.ExportQuery, request)
        start = None
        if "cursor" in query:
            values = paging.unseal("export-orders", query["cursor"])
            start = store.to_store(dict(zip(["customer_id", "order_id"], values)))
        return StreamingHttpResponse(
            order_lines(query["limit"], start, "export-orders"), content_type="application/x-ndjson"
        )
