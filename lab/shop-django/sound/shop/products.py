"""Products: list, detail, look-up by ids, related products, stock, browsing and search."""
from django.conf import settings
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions, viewsets
from rest_framework.response import Response
from rest_framework.views import APIView

from . import cache, paging, queries, serializers, store
from .signals import product_viewed

SUMMARY = ["id", "name", "category", "price", "stock"]
DETAIL = [*SUMMARY, "tags", "description", "colour"]
DESCRIPTION = 1000

details = cache.Bounded(entries=256, seconds=30)

PRODUCT_ID = OpenApiParameter(
    "product_id",
    {"type": "string", "pattern": serializers.PRODUCT_ID, "maxLength": 10, "example": "prod-00001"},
    OpenApiParameter.PATH,
)
CATEGORY = OpenApiParameter(
    "category", {"type": "string", "enum": settings.CATEGORIES}, OpenApiParameter.PATH
)


def public(body):
    """An answer with nothing personal in it, which caches may keep for a short time."""
    return Response(body, headers={"Cache-Control": "public, max-age=30"})


def detail(item):
    if len(item["description"]) > DESCRIPTION:
        item["description"] = item["description"][:DESCRIPTION] + "…"
    return item


def category_page(category, limit, cursor, scope, without=None):
    return paging.read_page(
        store.client.query,
        {
            "TableName": store.PRODUCTS,
            "IndexName": "by_category",
            "KeyConditionExpression": "category = :c",
            "ExpressionAttributeValues": store.to_store({":c": category}),
            "Limit": limit + 1,
            **store.projection(SUMMARY),
        },
        keys=["category", "id"],
        scope=f"{scope}:{category}",
        limit=limit,
        cursor=cursor,
        skip=lambda item, before: item["id"] == without,
    )


class Public:
    authentication_classes = []
    permission_classes = [permissions.AllowAny]


class ProductViewSet(Public, viewsets.ViewSet):
    @extend_schema(operation_id="products_list", parameters=[queries.ProductQuery], responses=serializers.ProductPage)
    def list(self, request):
        query = queries.read(queries.ProductQuery, request)
        if "category" in query:
            items, cursor = category_page(query["category"], query["limit"], query.get("cursor"), "products")
        else:
            items, cursor = paging.read_page(
                store.client.scan,
                {"TableName": store.PRODUCTS, "Limit": query["limit"] + 1, **store.projection(SUMMARY)},
                keys=["id"],
                scope="products",
                limit=query["limit"],
                cursor=query.get("cursor"),
            )
        return public({"items": items, "next_cursor": cursor})

    @extend_schema(
        operation_id="products_retrieve", parameters=[PRODUCT_ID], responses=serializers.ProductSerializer
    )
    def retrieve(self, request, product_id):
        item = details.fetch(product_id, lambda: store.one(store.PRODUCTS, {"id": product_id}, DETAIL))
        if item is None:
            raise Http404
        product_viewed.send(sender=self.__class__, product=item)
        return public(detail(item))

    @extend_schema(operation_id="products_by_ids", parameters=[queries.IdsQuery], responses=serializers.ProductBatch)
    def by_ids(self, request):
        ids = queries.read(queries.IdsQuery, request)["ids"].split(",")
        found = store.some(store.PRODUCTS, "id", ids, DETAIL)
        return public({"items": [detail(item) for item in found.values()], "next_cursor": None})

    @extend_schema(
        operation_id="products_related",
        parameters=[PRODUCT_ID, queries.RelatedQuery],
        responses=serializers.ProductPage,
    )
    def related(self, request, product_id):
        query = queries.read(queries.RelatedQuery, request)
        product = store.one(store.PRODUCTS, {"id": product_id}, ["category"])
        if product is None:
            raise Http404
        items, cursor = category_page(
            product["category"], query["limit"], query.get("cursor"), product_id, without=product_id
        )
        return public({"items": items, "next_cursor": cursor})


class Stock(Public, APIView):
    @extend_schema(operation_id="inventory", parameters=[PRODUCT_ID], responses=serializers.StockSerializer)
    def get(self, request, product_id):
        item = store.one(store.PRODUCTS, {"id": product_id}, ["id", "name", "stock"])
        if item is None:
            raise Http404
        return public({"product_id": item["id"], "name": item["name"], "stock": item["stock"]})


class CategoryList(Public, APIView):
    @extend_schema(operation_id="categories_list", responses=serializers.CategoriesSerializer)
    def get(self, request):
        return public({"items": settings.CATEGORIES})


class CategoryProducts(Public, APIView):
    @extend_schema(
        operation_id="categories_products", parameters=[CATEGORY, paging.PageQuery], responses=serializers.ProductPage
    )
    def get(self, request, category):
        query = queries.read(paging.PageQuery, request)
        if category not in settings.CATEGORIES:
            raise Http404
        items, cursor = category_page(category, query["limit"], query.get("cursor"), "category")
        return public({"items": items, "next_cursor": cursor})


class Search(Public, APIView):
    @extend_schema(operation_id="search", parameters=[queries.SearchQuery], responses=serializers.ProductPage)
    def get(self, request):
        query = queries.read(queries.SearchQuery, request)
        text = query["q"].lower()
        fields = store.projection(SUMMARY)
        fields["ExpressionAttributeNames"]["#n"] = "name_lower"
        items, cursor = paging.read_page(
            store.client.scan,
            {
                "TableName": store.PRODUCTS,
                "FilterExpression": "contains(#n, :q)",
                "ExpressionAttributeValues": store.to_store({":q": text}),
                **fields,
            },
            keys=["id"],
            scope=f"search:{text}",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        return public({"items": items, "next_cursor": cursor})


class Suggest(Public, APIView):
    @extend_schema(operation_id="suggest", parameters=[queries.SuggestQuery], responses=serializers.NamePage)
    def get(self, request):
        query = queries.read(queries.SuggestQuery, request)
        prefix = query["prefix"].lower()
        items, cursor = paging.read_page(
            store.client.query,
            {
                "TableName": store.PRODUCTS,
                "IndexName": "by_initial",
                "KeyConditionExpression": "initial = :i AND begins_with(name_lower, :p)",
                "ExpressionAttributeValues": store.to_store({":i": prefix[0], ":p": prefix}),
                "Limit": 2 * query["limit"],
                **store.projection(["id", "initial", "name_lower", "name"]),
            },
            keys=["initial", "name_lower", "id"],
            scope=f"suggest:{prefix}",
            limit=query["limit"],
            cursor=query.get("cursor"),
            skip=lambda item, before: before is not None and item["name_lower"] == before["name_lower"],
        )
        return public({"items": [item["name"] for item in items], "next_cursor": cursor})
