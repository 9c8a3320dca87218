"""Customers and what they ordered."""
from boto3.dynamodb.conditions import Key
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions, viewsets
from rest_framework.response import Response

from . import store
from .serializers import CustomerListSerializer, CustomerOrdersSerializer, CustomerSerializer

CUSTOMER_ID = OpenApiParameter("customer_id", {"type": "string", "example": "cust-001"}, OpenApiParameter.PATH)


class CustomerViewSet(viewsets.ViewSet):
    lookup_url_kwarg = "customer_id"

    def get_permissions(self):
        if self.action == "list":
            return [permissions.IsAuthenticated()]
        return [permissions.AllowAny()]

    @extend_schema(operation_id="customers_list", responses=CustomerListSerializer)
    def list(self, request):
        items = store.scan_all(store.table(store.CUSTOMERS))
        return Response({"items": sorted(items, key=lambda item: item["id"])})

    @extend_schema(
        operation_id="customers_retrieve",
        parameters=[CUSTOMER_ID],
        responses=CustomerSerializer,
        auth=[{"bearerAuth": []}],
    )
    def retrieve(self, request, customer_id):
        item = store.table(store.CUSTOMERS).get_item(Key={"id": customer_id}).get("Item")
        item["loyalty"]["points"] = int(item["loyalty"]["points"])
        return Response(item)

    @extend_schema(
        operation_id="customers_orders",
        parameters=[
            CUSTOMER_ID,
            OpenApiParameter("depth", OpenApiTypes.INT, description="For how many orders to include the products"),
            OpenApiParameter("expand", OpenApiTypes.STR, enum=["customer"], description="Include the customer"),
        ],
        responses=CustomerOrdersSerializer,
        auth=[],
    )
    def orders(self, request, customer_id):
        answer = store.orders.query(
            KeyConditionExpression=Key("customer_id").eq(customer_id), ScanIndexForward=False, Limit=100
        )
        items = answer["Items"]
        for order in items[: int(request.query_params.get("depth", 0))]:
            for line in order["lines"]:
                line["product"] = store.products.get_item(Key={"id": line["product_id"]}).get("Item")
        body = {"items": items}
        if request.query_params.get("expand"):
            body["customer"] = store.table(store.CUSTOMERS).get_item(Key={"id": customer_id}).get("Item")
        return Response(body)
