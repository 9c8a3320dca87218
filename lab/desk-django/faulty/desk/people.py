"""The people of a company."""
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from . import serializers, store


def find(user_id):
    person = store.one(store.users, "id", user_id)
    if person is None:
        raise NotFound()
    return person


@extend_schema(responses=serializers.many(serializers.PersonSerializer))
@api_view(["GET"])
def colleagues(request):
    """Everybody in the company; the directory is for all of its people."""
    rows = store.by(store.users, "by_tenant", "tenant_id", request.user.tenant_id)[:50]
    return Response({"items": [{name: row[name] for name in ("id", "name", "title")} for row in rows]})


@extend_schema(responses=serializers.PersonSerializer)
@api_view(["GET"])
def person(request, user_id):
    return Response(find(user_id))


@extend_schema(responses=serializers.PreferencesSerializer)
@api_view(["GET"])
def preferences(request, user_id):
    """One's own preferences, whoever the address names."""
    row = find(request.user.id)
    return Response({"user_id": row["id"], "language": row["language"], "digest": "weekly"})


@extend_schema(responses=serializers.CardSerializer)
@api_view(["GET"])
def card(request, user_id):
    """The card of anybody; the language is on one's own only."""
    row = find(user_id)
    names = ("id", "name", "title", "language") if user_id == request.user.id else ("id", "name", "title")
    return Response({name: row[name] for name in names})


@extend_schema(responses=serializers.many(serializers.PostSerializer))
@api_view(["GET"])
def board(request):
    """What people of all companies have written for each other."""
    rows = store.by(store.posts, "by_board", "board", "all")[:50]
    return Response({"items": [serializers.PostSerializer(row).data for row in rows]})


@extend_schema(responses=serializers.PostSerializer)
@api_view(["GET"])
def post(request, post_id):
    row = store.one(store.posts, "id", post_id)
    if row is None:
        raise NotFound()
    return Response(serializers.PostSerializer(row).data)
