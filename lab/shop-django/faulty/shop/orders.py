"""Orders: list, detail, create, change, delete."""
import json
import time
from datetime import datetime, timezone
from decimal import Decimal

from boto3.dynamodb.conditions import Attr
from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiCallback, OpenApiParameter, extend_schema
from rest_framework import permissions, viewsets
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from . import store
from .serializers import (
    NewOrderSerializer,
    OrderChangeSerializer,
    OrderPageSerializer,
    OrderSerializer,
)
from .signals import order_changed

STATUS_CALLBACK = OpenApiCallback(
    name="statusChanged",
    path="{$request.body#/callback_url}",
    decorator=extend_schema(request=OrderSerializer, responses={200: None}),
)

ORDER_KEY = [
    OpenApiParameter("customer_id", {"type": "string", "example": "cust-001"}, OpenApiParameter.PATH),
    OpenApiParameter("order_id", {"type": "string", "example": "ord-000001"}, OpenApiParameter.PATH),
]


class OrderViewSet(viewsets.ViewSet):
    permission_classes = [permissions.IsAuthenticated]

    @extend_schema(
        operation_id="orders_list",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day"),
            OpenApiParameter("limit", OpenApiTypes.INT, description="Page size, 20 when absent"),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before, as JSON"),
        ],
        responses=OrderPageSerializer,
    )
    def list(self, request):
        first = request.query_params.get("from", settings.TODAY)
        last = request.query_params.get("to", settings.TODAY)
        options = {"Limit": int(request.query_params.get("limit", 20))}
        if cursor := request.query_params.get("cursor"):
            options["ExclusiveStartKey"] = json.loads(cursor)
        answer = store.orders.scan(
            FilterExpression=Attr("created_at").gte(first) & Attr("created_at").lte(last + "T23:59:59Z"), **options
        )
        return Response({"items": answer["Items"], "next_cursor": answer.get("LastEvaluatedKey")})

    @extend_schema(operation_id="orders_retrieve", parameters=ORDER_KEY, responses=OpenApiTypes.OBJECT)
    def retrieve(self, request, customer_id, order_id):
        answer = store.client.get_item(
            TableName=store.ORDERS, Key={"customer_id": {"S": customer_id}, "order_id": {"S": order_id}}
        )
        if "Item" not in answer:
            raise NotFound(f"No order {order_id}.")
        return Response(answer["Item"])

    @extend_schema(
        operation_id="orders_create",
        request=NewOrderSerializer,
        responses={201: OrderSerializer},
        callbacks=[STATUS_CALLBACK],
    )
    def create(self, request):
        lines = []
        total = Decimal(0)
        for line in request.data["lines"]:
            product = store.products.get_item(Key={"id": line["product_id"]})["Item"]
            lines.append({"product_id": product["id"], "quantity": line["quantity"], "price": product["price"]})
            total += product["price"] * line["quantity"]
        order = {
            "customer_id": request.data["customer_id"],
            "order_id": f"ord-{time.time_ns()}",
            "status": "new",
            "total": total,
            "lines": lines,
            "note": request.data.get("note", ""),
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kind": "order",
        }
        store.orders.put_item(Item=order)
        return Response(order, status=201)

    @extend_schema(
        operation_id="orders_change",
        parameters=ORDER_KEY,
        request=OrderChangeSerializer,
        responses=OrderSerializer,
    )
    def partial_update(self, request, customer_id, order_id):
        key = {"customer_id": customer_id, "order_id": order_id}
        order = store.orders.get_item(Key=key).get("Item")
        if order is None:
            raise NotFound(f"No order {order_id}.")
        order.update(request.data)
        store.orders.put_item(Item=order)

        def announce(sender, **kwargs):
            return f"{order_id} is now {order['status']}"

        order_changed.connect(announce, weak=False)
        order_changed.send(sender=self.__class__)
        return Response(order)

    @extend_schema(operation_id="orders_delete", parameters=ORDER_KEY, responses={204: None})
    def destroy(self, request, customer_id, order_id):
        store.orders.delete_item(Key={"customer_id": customer_id, "order_id": order_id})
        return Response(status=204)
