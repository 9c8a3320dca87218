"""Pages for the back office: staff, configuration, metrics, event consumer."""
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import paging, queries, serializers, store
from .consumer import consumer
from .middleware.counters import Counters
from .products import Public
from .tokens import IsAdmin


class Users(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="admin_users", parameters=[paging.PageQuery], responses=serializers.StaffPage)
    def get(self, request):
        query = queries.read(paging.PageQuery, request)
        items, cursor = paging.read_page(
            store.client.scan,
            {
                "TableName": store.STAFF,
                "Limit": query["limit"] + 1,
                **store.projection(["username", "name", "role"]),
            },
            keys=["username"],
            scope="admin-users",
            limit=query["limit"],
            cursor=query.get("cursor"),
        )
        return Response({"items": items, "next_cursor": cursor})


class Configuration(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="admin_config", responses=serializers.ConfigSerializer)
    def get(self, request):
        return Response({"region": settings.AWS_REGION, "debug": settings.DEBUG, "page_size_max": 100})


class Metrics(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="metrics", responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request):
        lines = ["# TYPE shop_answers_total counter"]
        lines += [f'shop_answers_total{{class="{kind}xx"}} {count}' for kind, count in Counters.answers.items()]
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")


class Poll(Public, APIView):
    @extend_schema(operation_id="events_poll", responses=serializers.ConsumerSerializer)
    def get(self, request):
        return Response(consumer.state())
