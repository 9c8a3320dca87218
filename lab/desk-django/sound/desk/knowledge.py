"""Help articles, for everybody, and announcements, for a company."""
import threading
from collections import OrderedDict

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions
from rest_framework.response import Response
from rest_framework.views import APIView

from . import paging, queries, search, serializers, store

ARTICLE = serializers.names(serializers.ArticleSerializer)
ANNOUNCEMENT = serializers.names(serializers.AnnouncementSerializer)
KEPT = {"Cache-Control": "public, max-age=30"}


def integer(name, example):
    bounds = {"type": "integer", "minimum": 1, "maximum": serializers.ID, "example": example}
    return OpenApiParameter(name, bounds, OpenApiParameter.PATH)


ARTICLE_ID = integer("article_id", 3)
ANNOUNCEMENT_ID = integer("announcement_id", 301)


class Public(APIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]


class Search(Public):
    @extend_schema(operation_id="search", parameters=[queries.SearchQuery], responses=serializers.Hits)
    def get(self, request):
        """Articles with these words in their title, at most twenty."""
        q = queries.read(queries.SearchQuery, request)["q"]
        return Response({"items": search.select("instr(lower(title), lower(%s)) > 0", q)}, headers=KEPT)


class BySlug(Public):
    @extend_schema(operation_id="by_slug", parameters=[queries.SlugQuery], responses=serializers.Hits)
    def get(self, request):
        """The article of a name, if there is one."""
        slug = queries.read(queries.SlugQuery, request)["slug"]
        return Response({"items": search.select("slug = %s", slug)}, headers=KEPT)


class Suggest(Public):
    @extend_schema(operation_id="suggest", parameters=[queries.PrefixQuery], responses=serializers.Hits)
    def get(self, request):
        """Articles whose title begins like this, at most twenty."""
        prefix = queries.read(queries.PrefixQuery, request)["prefix"]
        found = search.select("substr(lower(title), 1, length(%s)) = lower(%s)", prefix, prefix)
        return Response({"items": found}, headers=KEPT)


class Seen(Public):
    @extend_schema(operation_id="seen", parameters=[queries.SeenQuery], responses=serializers.OkSerializer)
    def get(self, request):
        """Called by the reader when an article was opened."""
        queries.read(queries.SeenQuery, request)
        return Response({"ok": True})


def find(article_id):
    row = store.one("desk-articles", {"id": article_id}, ARTICLE)
    if row is None:
        raise Http404
    return row


class Article(Public):
    @extend_schema(operation_id="article", parameters=[ARTICLE_ID], responses=serializers.ArticleSerializer)
    def get(self, request, article_id):
        """Published articles are for everybody."""
        return Response(find(article_id), headers=KEPT)


class Votes:
    """Who voted for what, lately; the oldest are forgotten first."""

    def __init__(self, most=10_000):
        self.most = most
        self.cast = OrderedDict()
        self.lock = threading.Lock()

    def first(self, person, article):
        with self.lock:
            if (person, article) in self.cast:
                return False
            self.cast[person, article] = True
            while len(self.cast) > self.most:
                self.cast.popitem(last=False)
            return True


votes = Votes()


class Vote(APIView):
    @extend_schema(operation_id="vote", parameters=[ARTICLE_ID], request=None, responses=serializers.HitSerializer)
    def post(self, request, article_id):
        """Say that an article helped; once per person."""
        row = find(article_id)
        if votes.first(request.user.id, article_id):
            row["votes"] += 1
            store.change("desk-articles", {"id": article_id}, {"votes": row["votes"]})
        return Response({"id": row["id"], "title": row["title"], "votes": row["votes"]})


class Announcements(APIView):
    @extend_schema(
        operation_id="announcements", parameters=[queries.AnnouncementQuery], responses=serializers.AnnouncementPage
    )
    def get(self, request):
        """What the company tells all of its people."""
        query = queries.read(queries.AnnouncementQuery, request)
        tenant = request.user.tenant_id
        return Response(paging.read(store.ANNOUNCEMENTS, tenant, ANNOUNCEMENT, query, "announcements"))


class Announcement(APIView):
    @extend_schema(
        operation_id="announcement", parameters=[ANNOUNCEMENT_ID], responses=serializers.AnnouncementSerializer
    )
    def get(self, request, announcement_id):
        row = store.one("desk-announcements", {"id": announcement_id}, [*ANNOUNCEMENT, "tenant_id"])
        if row is None or row.pop("tenant_id") != request.user.tenant_id:
            raise Http404
        return Response(row)
