"""Products: list, detail, look-up by ids, related products, stock."""
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError
from django.http import JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from . import store
from .serializers import ProductDetailListSerializer, ProductListSerializer, ProductSerializer
from .signals import product_viewed

SUMMARY = {
    "ProjectionExpression": "id, #n, category, price, stock",
    "ExpressionAttributeNames": {"#n": "name"},
}

LISTINGS = {}


def listing(category):
    """The products of a category, newest first; all of them without one."""
    if category not in LISTINGS:
        items = store.scan_all(store.products, **SUMMARY)
        if category:
            items = [item for item in items if item["category"] == category]
        LISTINGS[category] = sorted(items, key=lambda item: item["id"], reverse=True)
    return LISTINGS[category]


class ProductViewSet(viewsets.ViewSet):
    lookup_url_kwarg = "product_id"

    @extend_schema(
        operation_id="products_list",
        parameters=[
            OpenApiParameter("limit", OpenApiTypes.INT, description="How many products to return"),
            OpenApiParameter("category", OpenApiTypes.STR, description="Only this category"),
        ],
        responses=ProductListSerializer,
    )
    def list(self, request):
        return Response({"items": listing(request.query_params.get("category"))})

    @extend_schema(operation_id="products_retrieve", responses=ProductSerializer)
    def retrieve(self, request, product_id):
        item = store.table(store.PRODUCTS).get_item(Key={"id": product_id}).get("Item")
        if item is None:
            raise NotFound(f"No product {product_id}.")

        def count_view(sender, counters, **kwargs):
            counters[item["category"]] = counters.get(item["category"], 0) + 1

        product_viewed.connect(count_view, weak=False)
        product_viewed.send(sender=self.__class__, counters={})

        seen = request.session.get("seen", [])
        request.session["seen"] = [*seen, {key: str(value) for key, value in item.items()}]
        return Response(item)

    @extend_schema(
        operation_id="products_by_ids",
        parameters=[
            OpenApiParameter(
                "ids",
                {"type": "string", "example": "prod-00001,prod-00002"},
                required=True,
                description="Ids, separated by commas",
            )
        ],
        responses=ProductDetailListSerializer,
    )
    def by_ids(self, request):
        items = []
        for product_id in request.query_params.get("ids", "").split(","):
            try:
                item = store.products.get_item(Key={"id": product_id}).get("Item")
            except ClientError as e:
                return Response({"detail": str(e)}, status=400)
            if item:
                items.append(item)
        return Response({"items": items})

    @extend_schema(
        operation_id="products_related",
        parameters=[OpenApiParameter("limit", OpenApiTypes.INT, description="How many products to return")],
        responses=ProductListSerializer,
    )
    def related(self, request, product_id):
        limit = int(request.query_params.get("limit", 6))
        item = store.products.get_item(Key={"id": product_id}).get("Item")
        answer = store.products.query(
            IndexName="by_category", KeyConditionExpression=Key("category").eq(item["category"]), **SUMMARY
        )
        others = [other for other in answer["Items"] if other["id"] != product_id]
        return Response({"items": others[:limit]})


def inventory(request, product_id):
    """Stock of one product, from the given stock table."""
    name = request.GET.get("table", store.PRODUCTS)
    try:
        item = store.table(name).get_item(Key={"id": product_id}).get("Item")
    except ClientError as e:
        return JsonResponse({"detail": str(e)}, status=400)
    if item is None:
        return JsonResponse({"detail": f"No product {product_id}."}, status=404)
    return JsonResponse({"product_id": item["id"], "name": item["name"], "stock": int(item.get("stock", 0))})


def old_products(request):
    """First version of the product list."""
    answer = store.client.scan(TableName=store.PRODUCTS, Limit=100)
    return JsonResponse({"items": answer["Items"]})
