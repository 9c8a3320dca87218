"""Errors as problem+json (RFC 9457): what the caller can mend, nothing of our insides."""
import logging

from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.response import Response

logger = logging.getLogger(__name__)

TITLES = {
    400: "The request is not valid",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    413: "The body is too large",
    415: "Unsupported media type",
    429: "Too many requests",
}


class InvalidCursor(exceptions.APIException):
    status_code = 400
    default_detail = "The cursor is not valid."


def body(status, title=None, invalid=()):
    content = {"type": "about:blank", "title": title or TITLES.get(status, "Something went wrong"), "status": status}
    if invalid:
        content["invalid"] = sorted(invalid)
    return content


def problem(status, title=None):
    return JsonResponse(body(status, title), status=status, content_type="application/problem+json")


def exception_handler(error, context):
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if not isinstance(error, exceptions.APIException):
        return None
    invalid = ()
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        invalid = [name for name in error.detail if name != "non_field_errors"]
    if isinstance(error, InvalidCursor):
        invalid = ["cursor"]
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Response(
        body(error.status_code, invalid=invalid),
        status=error.status_code,
        headers=headers,
        content_type="application/problem+json",
    )


class JsonNegotiation(BaseContentNegotiation):
    """Answer in JSON whatever the caller asks for."""

    def select_parser(self, request, parsers):
        kind = (request.content_type or "").split(";")[0].strip()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type


def bad_request(request, exception):
    return problem(400)


def forbidden(request, exception):
    return problem(403)


def not_found(request, exception):
    return problem(404)


def server_error(request):
    return problem(500)
