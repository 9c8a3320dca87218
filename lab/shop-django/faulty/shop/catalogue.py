"""Browsing: categories, search, suggestions."""
import base64
import json
from functools import lru_cache

from boto3.dynamodb.conditions import Key
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.views import APIView

from . import store
from .products import SUMMARY, listing
from .serializers import (
    CategoryListSerializer,
    ProductListSerializer,
    ProductPageSerializer,
    SuggestionListSerializer,
)

SUGGESTIONS = {}


@lru_cache
def category_names():
    pages = store.client.get_paginator("scan").paginate(TableName=store.PRODUCTS, ProjectionExpression="category")
    return sorted({row["category"]["S"] for page in pages for row in page["Items"]})


class CategoryList(APIView):
    @extend_schema(operation_id="categories_list", responses=CategoryListSerializer)
    def get(self, request):
        return Response({"items": category_names()})


class CategoryProducts(APIView):
    @extend_schema(
        operation_id="categories_products",
        parameters=[
            OpenApiParameter("limit", OpenApiTypes.INT, description="Page size, 20 when absent"),
            OpenApiParameter("cursor", OpenApiTypes.STR, description="next_cursor of the page before"),
        ],
        responses=ProductPageSerializer,
    )
    def get(self, request, category):
        options = {"Limit": int(request.query_params.get("limit", 20))}
        if cursor := request.query_params.get("cursor"):
            options["ExclusiveStartKey"] = json.loads(base64.urlsafe_b64decode(cursor))
        answer = store.products.query(
            IndexName="by_category", KeyConditionExpression=Key("category").eq(category), **SUMMARY, **options
        )
        last = answer.get("LastEvaluatedKey")
        following = base64.urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None
        return Response({"items": answer["Items"], "next_cursor": following})


@lru_cache(maxsize=None)
def find(text):
    return [item for item in listing(None) if text in item["name"].lower()]


@extend_schema(
    operation_id="search",
    parameters=[
        OpenApiParameter("q", {"type": "string", "example": "oak"}, description="Part of a product's name"),
        OpenApiParameter("limit", {"type": "integer", "minimum": 1}, description="How many products to return"),
    ],
    responses=ProductListSerializer,
)
@api_view(["GET"])
def search(request):
    hits = find(request.query_params.get("q", "").strip("*% ").lower())
    if limit := request.query_params.get("limit"):
        hits = hits[: int(limit)]
    return Response({"items": hits})


@extend_schema(
    operation_id="suggest",
    parameters=[OpenApiParameter("prefix", {"type": "string", "example": "oa"}, description="Beginning of a product's name")],
    responses=SuggestionListSerializer,
)
@api_view(["GET"])
def suggest(request):
    prefix = request.query_params.get("prefix", "").lower()
    if prefix not in SUGGESTIONS:
        names = {item["name"] for item in listing(None)}
        SUGGESTIONS[prefix] = sorted(name for name in names if name.lower().startswith(prefix))
    return Response(
        {"items": SUGGESTIONS[prefix]},
        headers={"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "29", "X-RateLimit-Reset": "60"},
    )
