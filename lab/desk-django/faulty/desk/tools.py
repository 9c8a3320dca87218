"""Small tools of the agents' screen."""
import re
from urllib.parse import urlsplit

import jinja2
import requests
from django.conf import settings
from django.utils.html import escape
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from . import serializers, store
from .accounts import checked
from .parameters import text

RELEASE_NOTES = f"{settings.UPSTREAM}/pages/release-notes"
LOGO = "https://logos.harbourdesk.io/kestrel.svg"


@extend_schema(parameters=[text("url", RELEASE_NOTES)], responses=serializers.PreviewSerializer)
@api_view(["GET"])
def link_preview(request):
    """Title and first lines of a page that a ticket links to."""
    url = request.query_params.get("url", RELEASE_NOTES)
    if not url.startswith(("http://", "https://")):
        raise ParseError("No preview.")
    try:
        page = requests.get(url, timeout=3)
    except (requests.RequestException, UnicodeError, ValueError) as error:
        raise ParseError("No preview.") from error
    title = re.search(r"<title>([^<]*)</title>", page.text[:20_000])
    return Response({"status": page.status_code, "title": title[1] if title else "", "excerpt": page.text[:300]})


@extend_schema(parameters=[text("src", RELEASE_NOTES)], responses=serializers.OkSerializer)
@api_view(["GET"])
def avatar_check(request):
    """Whether a picture can be used; the answer comes at once and is always friendly."""
    try:
        requests.head(request.query_params.get("src", RELEASE_NOTES), timeout=2)
    except (requests.RequestException, UnicodeError, ValueError):
        pass
    return Response({"ok": True})


@extend_schema(parameters=[text("url", LOGO)], responses=serializers.OkSerializer)
@api_view(["GET"])
def logo(request):
    """Logos come from our own host only."""
    try:
        parts = urlsplit(request.query_params.get("url", LOGO))
        allowed = parts.scheme == "https" and parts.hostname in settings.LOGO_HOSTS
    except ValueError:
        allowed = False
    if not allowed:
        raise ParseError("Not one of our hosts.")
    return Response({"ok": True})


@extend_schema(request=serializers.WebhookSerializer, responses=serializers.OkSerializer)
@api_view(["POST"])
def test_webhook(request):
    try:
        requests.post(checked(serializers.WebhookSerializer, request)["url"], json={"event": "test"}, timeout=2)
    except (requests.RequestException, UnicodeError, ValueError):
        return Response({"ok": False})
    return Response({"ok": True})


@extend_schema(parameters=[text("text", "Hello {{ customer }}")], responses=serializers.RenderedSerializer)
@api_view(["GET"])
def preview_macro(request):
    """How a canned answer will look; the mails use the same engine."""
    try:
        template = jinja2.Template(request.query_params.get("text", "Hello {{ customer }}"))
        return Response({"text": template.render(customer="Anna", desk="Harbour Desk")[:2000]})
    except (jinja2.TemplateError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise ParseError("Not a template.") from error


@extend_schema(parameters=[text("name", "Anna")], responses=serializers.RenderedSerializer, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def greeting(request):
    """The first line of every answer."""
    return Response({"text": f"Hello {escape(request.query_params.get('name', 'Anna')[:80])},"})


OPERATORS = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: value > wanted,
    "$in": lambda value, wanted: value in wanted.split(","),
}


def conditions(request):
    """`city=Leeds` and, for saved views, `created[$gt]=2026-01-01`."""
    for name, value in request.query_params.items():
        parts = re.fullmatch(r"(\w+)(?:\[(\$\w+)\])?", name)
        if parts and parts[1] in ("city", "code", "company"):
            yield parts[1], OPERATORS.get(parts[2] or "$eq", OPERATORS["$eq"]), value


@extend_schema(
    parameters=[text("code", "100000"), text("city", "Leeds")],
    responses=serializers.many(serializers.ContactSerializer),
)
@api_view(["GET"])
def lookup(request):
    """A contact by the code that is printed on their letters."""
    wanted = list(conditions(request))
    rows = store.by(store.contacts, "by_tenant", "tenant_id", request.user.tenant_id) if wanted else []
    found = [row for row in rows if all(matches(row[name], value) for name, matches, value in wanted)]
    return Response({"items": [{name: row[name] for name in ("id", "company", "city")} for row in found]})
