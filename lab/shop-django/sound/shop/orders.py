"""Orders: list, detail, create, change, delete."""
import hashlib
import json
import re
import uuid
from datetime import datetime, timezone
from decimal import Decimal

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from . import paging, queries, serializers, store
from .customers import CUSTOMER_ID, ORDER_FIELDS
from .parsers import BoundedJSONParser

ORDER_KEY = [
    CUSTOMER_ID,
    OpenApiParameter(
        "order_id",
        {"type": "string", "pattern": serializers.ORDER_ID, "maxLength": 20, "example": "ord-000001"},
        OpenApiParameter.PATH,
    ),
]

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": serializers.IDEMPOTENCY_KEY, "maxLength": 64},
    OpenApiParameter.HEADER,
    description="A name that the caller gives this order: sent again under it, the order is not made twice",
)


def digest(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def new_number(request):
    """Of a new order; the same one for the same key of the same caller."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return f"ord-{uuid.uuid4().hex[:12]}"
    if not re.fullmatch(serializers.IDEMPOTENCY_KEY, key):
        raise ValidationError({"Idempotency-Key": "Not of the declared form."})
    return f"ord-{digest(request.user.username, key)[:12]}"


def made_before(order):
    """The order that was made under this key; what was asked for has to be the same."""
    key = {name: order[name] for name in ("customer_id", "order_id")}
    found = store.one(store.ORDERS, key, [*ORDER_FIELDS, "asked"])
    if found is None or found.pop("asked", None) != order["asked"]:
        raise ValidationError({"Idempotency-Key": "Used for another order."})
    return found


class OrderViewSet(viewsets.ViewSet):
    parser_classes = [BoundedJSONParser]

    @extend_schema(operation_id="orders_list", parameters=[queries.RangeQuery], responses=serializers.OrderPage)
    def list(self, request):
        query = queries.read(queries.RangeQuery, request)
        first, last = query["from"].isoformat(), query["to"].isoformat()
        fields = store.projection([*ORDER_FIELDS, "kind"])
        items, cursor = paging.read_page(
            store.client.query,
            {
                "TableName": store.ORDERS,
                "IndexName": "by_created",
                "KeyConditionExpression": "#k = :k AND created_at BETWEEN :first AND :last",
                "ExpressionAttributeValues": store.to_store(
                    {":k": "order", ":first": first, ":last": last + "T23:59:59.999999Z"}
                ),
                "Limit": query["limit"] + 1,
                "ProjectionExpression": fields["ProjectionExpression"],
                "ExpressionAttributeNames": {**fields["ExpressionAttributeNames"], "#k": "kind"},
            },
            keys=["kind", "created_at", "customer_id", "order_id"],
            scope=f"orders:{first}:{last}",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        for item in items:
            del item["kind"]
        return Response({"items": items, "next_cursor": cursor})

    @extend_schema(operation_id="orders_retrieve", parameters=ORDER_KEY, responses=serializers.OrderSerializer)
    def retrieve(self, request, customer_id, order_id):
        order = store.one(store.ORDERS, {"customer_id": customer_id, "order_id": order_id}, ORDER_FIELDS)
        if order is None:
            raise Http404
        return Response(order)

    @extend_schema(
        operation_id="orders_create",
        parameters=[IDEMPOTENCY_KEY],
        request=serializers.NewOrderSerializer,
        responses={201: serializers.OrderSerializer},
    )
    def create(self, request):
        wanted = serializers.NewOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        wanted = wanted.validated_data
        products = store.some(store.PRODUCTS, "id", [line["product_id"] for line in wanted["lines"]], ["id", "price"])
        if any(line["product_id"] not in products for line in wanted["lines"]):
            raise ValidationError({"lines": "Unknown product."})
        lines = [
            {**line, "price": Decimal(str(products[line["product_id"]]["price"]))} for line in wanted["lines"]
        ]
        order = {
            "customer_id": wanted["customer_id"],
            "order_id": new_number(request),
            "status": "new",
            "total": sum((line["price"] * line["quantity"] for line in lines), Decimal(0)),
            "lines": lines,
            "note": wanted.get("note", ""),
            "created_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kind": "order",
            "asked": digest(wanted),
        }
        item = store.to_store(order)
        try:
            store.client.put_item(
                TableName=store.ORDERS, Item=item, ConditionExpression="attribute_not_exists(order_id)"
            )
        except store.client.exceptions.ConditionalCheckFailedException:
            return Response(made_before(order), status=201)
        answer = store.from_store(item)
        del answer["kind"], answer["asked"]
        return Response(answer, status=201)

    @extend_schema(
        operation_id="orders_change",
        parameters=ORDER_KEY,
        request=serializers.OrderChangeSerializer,
        responses=serializers.OrderSerializer,
    )
    def partial_update(self, request, customer_id, order_id):
        change = serializers.OrderChangeSerializer(data=request.data)
        change.is_valid(raise_exception=True)
        values = dict(change.validated_data)
        if not values:
            raise ValidationError({"status": "Nothing to change."})
        try:
            answer = store.client.update_item(
                TableName=store.ORDERS,
                Key=store.to_store({"customer_id": customer_id, "order_id": order_id}),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
                ConditionExpression="attribute_exists(order_id)",
                ExpressionAttributeNames={f"#{name}": name for name in values},
                ExpressionAttributeValues=store.to_store({f":{name}": value for name, value in values.items()}),
                ReturnValues="ALL_NEW",
            )
        except store.client.exceptions.ConditionalCheckFailedException as error:
            raise Http404 from error
        order = store.from_store(answer["Attributes"])
        return Response({name: order[name] for name in ORDER_FIELDS})

    @extend_schema(operation_id="orders_delete", parameters=ORDER_KEY, responses={204: None})
    def destroy(self, request, customer_id, order_id):
        try:
            store.client.delete_item(
                TableName=store.ORDERS,
                Key=store.to_store({"customer_id": customer_id, "order_id": order_id}),
                ConditionExpression="attribute_exists(order_id)",
            )
        except store.client.exceptions.ConditionalCheckFailedException as error:
            raise Http404 from error
        return Response(status=204)
