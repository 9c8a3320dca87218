"""The people of a company."""
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import paging, queries, serializers, store

PERSON = serializers.names(serializers.PersonSerializer)
POST = serializers.names(serializers.PostSerializer)
POST_ID = OpenApiParameter(
    "post_id", {"type": "integer", "minimum": 1, "maximum": serializers.ID, "example": 501}, OpenApiParameter.PATH
)
USER_ID = OpenApiParameter(
    "user_id", {"type": "integer", "minimum": 1, "maximum": serializers.ID, "example": 1001}, OpenApiParameter.PATH
)


class Colleagues(APIView):
    @extend_schema(operation_id="colleagues", parameters=[paging.PageQuery], responses=serializers.Colleagues)
    def get(self, request):
        """Everybody in the company, page by page; the directory is for all of its people."""
        query = queries.read(paging.PageQuery, request)
        return Response(paging.read(store.USERS, request.user.tenant_id, PERSON, query, "users"))


class Person(APIView):
    @extend_schema(operation_id="person", parameters=[USER_ID], responses=serializers.PersonSerializer)
    def get(self, request, user_id):
        row = store.one("desk-users", {"id": user_id}, [*PERSON, "tenant_id"])
        if row is None or row.pop("tenant_id") != request.user.tenant_id:
            raise Http404
        return Response(row)


class Preferences(APIView):
    @extend_schema(operation_id="preferences", parameters=[USER_ID], responses=serializers.PreferencesSerializer)
    def get(self, request, user_id):
        """One's own preferences, whoever the address names."""
        row = store.one("desk-users", {"id": request.user.id}, ["language"])
        if row is None:
            raise Http404
        return Response({"user_id": request.user.id, "language": row["language"], "digest": "weekly"})


class Card(APIView):
    @extend_schema(operation_id="card", parameters=[USER_ID], responses=serializers.CardSerializer)
    def get(self, request, user_id):
        """The card of anybody; the language is on one's own only."""
        row = store.one("desk-users", {"id": user_id}, [*PERSON, "language"])
        if row is None:
            raise Http404
        if user_id != request.user.id:
            del row["language"]
        return Response(row)


class Board(APIView):
    @extend_schema(operation_id="board", parameters=[paging.PageQuery], responses=serializers.Board)
    def get(self, request):
        """What people of all companies have written for each other, page by page."""
        return Response(paging.read(store.POSTS, "all", POST, queries.read(paging.PageQuery, request), "posts"))


class Post(APIView):
    @extend_schema(operation_id="post", parameters=[POST_ID], responses=serializers.PostSerializer)
    def get(self, request, post_id):
        row = store.one("desk-posts", {"id": post_id}, POST)
        if row is None:
            raise Http404
        return Response(row)
