"""Help articles. DynamoDB holds them, SQLite finds them."""
from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from . import serializers, store
from .parameters import integer, number, text

HITS = serializers.many(serializers.HitSerializer)


class SearchFailed(APIException):
    status_code = 500


def build():
    """Fill the search index; the drafts are in it for the editors."""
    rows = [(row["id"], row["slug"], row["title"], row["votes"], 1) for row in store.everything(store.articles)]
    rows += [(900 + n, f"draft-{n}", f"Draft {n}", 0, 0) for n in range(1, 6)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE articles (id INTEGER, slug TEXT, title TEXT, votes INTEGER, published INTEGER)")
        cursor.executemany("INSERT INTO articles VALUES (%s, %s, %s, %s, %s)", rows)
        cursor.execute("CREATE TABLE referrers (host TEXT)")
        cursor.executemany("INSERT INTO referrers VALUES (%s)", [("search",), ("mail",), ("app",)])


def select(sql, values=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchmany(50)]


@extend_schema(parameters=[text("q", "a")], responses=HITS, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def search(request):
    q = request.query_params.get("q", "a")
    try:
        found = select(f"SELECT id, title, votes FROM articles WHERE published = 1 AND title LIKE '%{q}%' ORDER BY title")
    except DatabaseError as error:
        raise SearchFailed(f"search failed: {error}") from error
    return Response({"items": found})


@extend_schema(parameters=[text("slug", "pair-a-scanner")], responses=HITS, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def by_slug(request):
    slug = request.query_params.get("slug", "pair-a-scanner")
    try:
        found = select(f"SELECT id, title, votes FROM articles WHERE slug = '{slug}' AND published = 1")
    except DatabaseError:
        found = []
    return Response({"items": found})


@extend_schema(parameters=[text("prefix", "re")], responses=HITS, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def suggest(request):
    prefix = request.query_params.get("prefix", "re")
    return Response({"items": select(
        "SELECT id, title, votes FROM articles WHERE published = 1 AND title LIKE %s || '%%' ORDER BY title", [prefix]
    )})


@extend_schema(parameters=[text("ref", "search")], responses=serializers.OkSerializer, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def seen(request):
    """Called by the reader when an article was opened."""
    ref = request.query_params.get("ref", "search")
    try:
        select(f"SELECT count(*) FROM referrers WHERE host = '{ref}'")
    except DatabaseError:
        pass
    return Response({"ok": True})


def find(article_id):
    row = store.one(store.articles, "id", article_id)
    if row is None:
        raise NotFound()
    return row


@extend_schema(responses=serializers.ArticleSerializer, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def article(request, article_id):
    """Published articles are for everybody."""
    return Response(serializers.ArticleSerializer(find(article_id)).data)


@extend_schema(request=None, responses=serializers.HitSerializer, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def vote(request, article_id):
    row = find(article_id)
    store.articles.update_item(
        Key={"id": article_id}, UpdateExpression="SET votes = votes + :one", ExpressionAttributeValues={":one": 1}
    )
    return Response({"id": row["id"], "title": row["title"], "votes": row["votes"] + 1})


def announced(row):
    return {name: row[name] for name in ("id", "title", "text", "created_at")}


@extend_schema(
    parameters=[integer("limit", 5, minimum=1, maximum=5)],
    responses=serializers.many(serializers.AnnouncementSerializer),
)
@api_view(["GET"])
def announcements(request):
    """What the company tells all of its people."""
    rows = store.by(store.announcements, "by_tenant", "tenant_id", request.user.tenant_id)
    return Response({"items": [announced(row) for row in rows[: number(request, "limit", 5)]]})


@extend_schema(responses=serializers.AnnouncementSerializer)
@api_view(["GET"])
def announcement(request, announcement_id):
    row = store.one(store.announcements, "id", announcement_id)
    if row is None or row["tenant_id"] != request.user.tenant_id:
        raise NotFound()
    return Response(announced(row))
