"""Figures for the weekly meeting."""
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.http import JsonResponse
from django.views import View

from . import store

counted = []


def best_customers(rows, count=5):
    spent = Counter()
    for row in rows:
        spent[row["customer_id"]] += row["total"]
    best = []
    for customer_id, total in spent.most_common(count):
        customer = store.customers.get_item(Key={"id": customer_id}).get("Item", {})
        best.append({"customer_id": customer_id, "email": customer.get("email"), "total": total})
    return best


def orders_since(day):
    pages = store.client.get_paginator("query").paginate(
        TableName=store.ORDERS,
        IndexName="by_created",
        KeyConditionExpression="#k = :kind AND created_at > :first",
        ProjectionExpression="order_id, customer_id, created_at, #s, #t",
        ExpressionAttributeNames={"#k": "kind", "#s": "status", "#t": "total"},
        ExpressionAttributeValues={":kind": {"S": "order"}, ":first": {"S": day.isoformat()}},
    )
    rows = []
    for page in pages:
        rows.extend(page["Items"])
    return [
        {
            "order_id": row["order_id"]["S"],
            "customer_id": row["customer_id"]["S"],
            "day": row["created_at"]["S"][:10],
            "status": row["status"]["S"],
            "total": Decimal(row["total"]["N"]),
        }
        for row in rows
    ]


class SalesReport(View):
    def get(self, request):
        rows = orders_since(date.fromisoformat(settings.TODAY) - timedelta(days=14))
        counted.extend(row["order_id"] for row in rows)
        return JsonResponse(
            {
                "orders": len(rows),
                "total": sum((row["total"] for row in rows), Decimal(0)),
                "by_status": Counter(row["status"] for row in rows),
                "best_customers": best_customers(rows),
                "_links": {"daily": "/reports/daily?days=7", "events": "/events/poll"},
            }
        )


class DailyReport(View):
    def get(self, request):
        days = int(request.GET.get("days", 7))
        today = date.fromisoformat(settings.TODAY)
        first = today - timedelta(days=days)
        by_day = {}
        for row in orders_since(first):
            by_day.setdefault(row["day"], []).append(row["total"])
        items = []
        for back in range(days):
            day = (today - timedelta(days=back)).isoformat()
            totals = by_day.get(day, [])
            items.append({"day": day, "orders": len(totals), "total": sum(totals, Decimal(0))})
        return JsonResponse({"items": items})
