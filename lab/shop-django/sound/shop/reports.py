"""Figures for the weekly meeting, over a bounded number of days."""
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from . import cache, paging, queries, serializers, store
from .products import Public, public

WINDOW = 31
# 31 days at far more orders per day than the shop ever had.
MAX_PAGES = 20

figures = cache.Bounded(entries=40, seconds=60)


def today():
    return settings.TODAY or date.today()


def orders(days, fields):
    """Yield the orders of the last `days` days, a page at a time."""
    first, last = today() - timedelta(days=days - 1), today()
    names = store.projection(fields)
    request = {
        "TableName": store.ORDERS,
        "IndexName": "by_created",
        "KeyConditionExpression": "#k = :k AND created_at BETWEEN :first AND :last",
        "ExpressionAttributeValues": store.to_store(
            {":k": "order", ":first": first.isoformat(), ":last": last.isoformat() + "T23:59:59.999999Z"}
        ),
        "ProjectionExpression": names["ProjectionExpression"],
        "ExpressionAttributeNames": {**names["ExpressionAttributeNames"], "#k": "kind"},
        "Limit": 500,
    }
    for page, _ in paging.pages(store.client.query, request, calls=MAX_PAGES):
        yield from page


def money(value):
    return f"{value:.2f}"


def sales():
    count, total = 0, Decimal(0)
    by_status, spent = Counter(), Counter()
    for order in orders(WINDOW, ["customer_id", "status", "total"]):
        amount = Decimal(str(order["total"]))
        count += 1
        total += amount
        by_status[order["status"]] += 1
        spent[order["customer_id"]] += amount
    return {
        "orders": count,
        "total": money(total),
        "by_status": by_status,
        "best_customers": [{"customer_id": name, "total": money(sum_)} for name, sum_ in spent.most_common(5)],
        "_links": {"daily": "/reports/daily?days=7", "events": "/events/poll"},
    }


def daily(days):
    counts, totals = Counter(), Counter()
    for order in orders(days, ["created_at", "total"]):
        day = order["created_at"][:10]
        counts[day] += 1
        totals[day] += Decimal(str(order["total"]))
    wanted = [(today() - timedelta(days=back)).isoformat() for back in range(days)]
    return {"items": [{"day": day, "orders": counts[day], "total": money(totals[day])} for day in wanted]}


class SalesReport(Public, APIView):
    @extend_schema(operation_id="reports_sales", responses=serializers.SalesSerializer)
    def get(self, request):
        return public(figures.fetch("sales", sales))


class DailyReport(Public, APIView):
    @extend_schema(operation_id="reports_daily", parameters=[queries.DaysQuery], responses=serializers.DaysSerializer)
    def get(self, request):
        days = queries.read(queries.DaysQuery, request)["days"]
        return public(figures.fetch(days, lambda: daily(days)))
