"""Small tools of the agents' screen."""
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.html import escape
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.response import Response
from rest_framework.views import APIView

from . import bodies, queries, serializers, store
from .knowledge import KEPT, Public
from .outbound import fetch

KNOWN = {"customer": "Anna", "desk": "Harbour Desk"}


class LinkPreview(APIView):
    @extend_schema(
        operation_id="link_preview", parameters=[queries.PreviewQuery], responses=serializers.PreviewSerializer
    )
    def get(self, request):
        """Title of a page of our own, which a ticket links to."""
        status, text = fetch(queries.read(queries.PreviewQuery, request)["url"])
        title = re.search(r"<title>([^<]{0,200})</title>", text)
        return Response({"status": status, "title": title[1] if title else ""})


class AvatarCheck(APIView):
    @extend_schema(operation_id="avatar_check", parameters=[queries.AvatarQuery], responses=serializers.OkSerializer)
    def get(self, request):
        """Whether a picture on our own server can be used."""
        status, _ = fetch(queries.read(queries.AvatarQuery, request)["src"], "HEAD")
        return Response({"ok": status == 200})


class Logo(APIView):
    @extend_schema(operation_id="logo", parameters=[queries.LogoQuery], responses=serializers.OkSerializer)
    def get(self, request):
        """Logos come from our own host only."""
        try:
            parts = urlsplit(queries.read(queries.LogoQuery, request)["url"])
            allowed = parts.scheme == "https" and parts.netloc in settings.LOGO_HOSTS
        except ValueError:
            allowed = False
        if not allowed:
            raise ParseError()
        return Response({"ok": True})


class TestWebhook(APIView):
    @extend_schema(
        operation_id="test_webhook", request=serializers.WebhookSerializer, responses=serializers.OkSerializer
    )
    def post(self, request):
        """Send a test event to an address that the operators have listed."""
        status, _ = fetch(bodies.read(serializers.WebhookSerializer, request)["url"], "POST", {"event": "test"})
        return Response({"ok": status < 300})


class PreviewMacro(APIView):
    @extend_schema(
        operation_id="preview_macro", parameters=[queries.MacroQuery], responses=serializers.RenderedSerializer
    )
    def get(self, request):
        """How a canned answer will look: two names are filled in, nothing is computed."""
        text = queries.read(queries.MacroQuery, request)["text"]
        filled = re.sub(r"\{\{ ?(customer|desk) ?\}\}", lambda found: KNOWN[found[1]], text)
        return Response({"text": filled[:2000]})


class Greeting(Public):
    @extend_schema(
        operation_id="greeting", parameters=[queries.GreetingQuery], responses=serializers.RenderedSerializer
    )
    def get(self, request):
        """The first line of every answer."""
        name = queries.read(queries.GreetingQuery, request)["name"]
        return Response({"text": f"Hello {escape(name)},"}, headers=KEPT)


class Lookup(APIView):
    @extend_schema(operation_id="lookup", parameters=[queries.LookupQuery], responses=serializers.Contacts)
    def get(self, request):
        """A contact by the code that is printed on their letters."""
        query = queries.read(queries.LookupQuery, request)
        names = serializers.names(serializers.ContactSerializer)
        rows, _ = store.page(store.CONTACTS, request.user.tenant_id, names, 20, equal=("code", query["code"]))
        found = [row for row in rows if query.get("city") in (None, row["city"])]
        return Response({"items": [{name: row[name] for name in names} for row in found]})
