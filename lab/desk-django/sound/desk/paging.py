"""Opaque, signed cursors of lists that are read page by page."""
import base64
import hashlib
import hmac
import json

from django.conf import settings
from rest_framework import serializers

from . import fields, store
from .problems import InvalidCursor


class PageQuery(serializers.Serializer):
    limit = fields.Digits(min_value=1, max_value=50, default=20, help_text="Page size")
    cursor = fields.Text(min_length=1, max_length=512, required=False, help_text="next_cursor of the page before")


def _signature(scope, payload):
    message = scope.encode() + b"\0" + payload
    return hmac.new(settings.CURSOR_SECRET.encode(), message, hashlib.sha256).digest()[:16]


def seal(scope, key):
    """A cursor for `key` that is good for `scope` (operation and filters) only."""
    if key is None:
        return None
    payload = json.dumps(key, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(_signature(scope, payload) + payload).decode().rstrip("=")


def unseal(scope, cursor):
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InvalidCursor() from error
    signature, payload = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _signature(scope, payload)):
        raise InvalidCursor()
    return json.loads(payload)


def read(index, owner, names, query, scope, equal=None):
    """The body of a page."""
    scope = f"{scope}/{owner}/{equal}"
    rows, following = store.page(index, owner, names, query["limit"], unseal(scope, query.get("cursor")), equal)
    return {"items": [{name: row[name] for name in names if name in row} for row in rows], "next_cursor": seal(scope, following)}
