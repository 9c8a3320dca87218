"""Customers and what they ordered, for staff."""
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.response import Response

from . import paging, queries, serializers, store
from .products import SUMMARY

FIELDS = ["id", "name", "email", "phone", "city", "loyalty"]
ORDER_FIELDS = ["customer_id", "order_id", "status", "total", "lines", "note", "created_at"]

CUSTOMER_ID = OpenApiParameter(
    "customer_id",
    {"type": "string", "pattern": serializers.CUSTOMER_ID, "maxLength": 8, "example": "cust-001"},
    OpenApiParameter.PATH,
)


def masked_email(address):
    name, _, host = address.partition("@")
    return f"{name[:1]}***@***{host[host.rfind('.'):]}"


def masked(customer):
    """Enough to recognise a customer on the phone, not enough to write to them."""
    if "email" in customer:
        customer["email"] = masked_email(customer["email"])
    customer["phone"] = "***" + customer["phone"][-2:]
    return customer


class CustomerViewSet(viewsets.ViewSet):
    @extend_schema(operation_id="customers_list", parameters=[paging.PageQuery], responses=serializers.CustomerPage)
    def list(self, request):
        query = queries.read(paging.PageQuery, request)
        items, cursor = paging.read_page(
            store.client.scan,
            {"TableName": store.CUSTOMERS, "Limit": query["limit"] + 1, **store.projection(FIELDS)},
            keys=["id"],
            scope="customers",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        return Response({"items": [masked(item) for item in items], "next_cursor": cursor})

    @extend_schema(
        operation_id="customers_retrieve", parameters=[CUSTOMER_ID], responses=serializers.CustomerSerializer
    )
    def retrieve(self, request, customer_id):
        item = store.one(store.CUSTOMERS, {"id": customer_id}, FIELDS)
        if item is None:
            raise Http404
        return Response(masked(item))

    @extend_schema(
        operation_id="customers_orders",
        parameters=[CUSTOMER_ID, queries.CustomerOrdersQuery],
        responses=serializers.CustomerOrdersSerializer,
    )
    def orders(self, request, customer_id):
        query = queries.read(queries.CustomerOrdersQuery, request)
        items, cursor = paging.read_page(
            store.client.query,
            {
                "TableName": store.ORDERS,
                "KeyConditionExpression": "customer_id = :c",
                "ExpressionAttributeValues": store.to_store({":c": customer_id}),
                "ScanIndexForward": False,
                "Limit": query["limit"] + 1,
                **store.projection(ORDER_FIELDS),
            },
            keys=["customer_id", "order_id"],
            scope=f"customer-orders:{customer_id}",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        lines = [line for order in items[: query["depth"]] for line in order["lines"]]
        products = store.some(store.PRODUCTS, "id", [line["product_id"] for line in lines], SUMMARY)
        for line in lines:
            if line["product_id"] in products:
                line["product"] = products[line["product_id"]]
        body = {"items": items, "next_cursor": cursor}
        if "expand" in query:
            customer = store.one(store.CUSTOMERS, {"id": customer_id}, FIELDS)
            if customer is None:
                raise Http404
            body["customer"] = masked(customer)
        return Response(body)
