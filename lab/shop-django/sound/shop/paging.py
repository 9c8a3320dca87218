"""Page-by-page reads with an opaque, signed cursor."""
import base64
import hashlib
import hmac

from django.conf import settings
from rest_framework import serializers

from . import fields, store
from .problems import InvalidCursor

# How many calls of at most 1 MB each one page may cost.
MAX_CALLS = 5
SEPARATOR = "\x1f"


class PageQuery(serializers.Serializer):
    limit = fields.Digits(min_value=1, max_value=100, default=20, help_text="Page size")
    cursor = fields.Text(
        min_length=1, max_length=512, required=False, help_text="next_cursor of the page before"
    )


def _signature(scope, payload):
    message = scope.encode() + b"\0" + payload
    return hmac.new(settings.CURSOR_SECRET.encode(), message, hashlib.sha256).digest()[:16]


def seal(scope, values):
    """A cursor for the key `values` that is good for `scope` (operation and filters) only."""
    payload = SEPARATOR.join(values).encode()
    return base64.urlsafe_b64encode(_signature(scope, payload) + payload).decode().rstrip("=")


def unseal(scope, cursor):
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InvalidCursor() from error
    signature, payload = raw[:16], raw[16:]
    if not hmac.compare_digest(signature, _signature(scope, payload)):
        raise InvalidCursor()
    return payload.decode().split(SEPARATOR)


def pages(method, request, start=None, calls=MAX_CALLS):
    """Yield the pages of a query or scan one at a time, at most `calls` of them."""
    for _ in range(calls):
        answer = method(**request, **({"ExclusiveStartKey": start} if start else {}))
        start = answer.get("LastEvaluatedKey")
        yield [store.from_store(item) for item in answer["Items"]], start
        if not start:
            return


def read_page(method, request, *, keys, scope, limit, cursor=None, skip=None):
    """Up to `limit` items and the cursor of the next page (None at the end).

    `keys` names the key attributes of the table or index; they have to be part of the
    projection. `skip` is asked, with an item and the one kept before it, what to leave out.
    One item more than asked for is read, so that the last page is known as such.
    """
    start = None
    if cursor:
        values = unseal(scope, cursor)
        if len(values) != len(keys):
            raise InvalidCursor()
        start = store.to_store(dict(zip(keys, values)))
    items = []
    last = None
    for page, following in pages(method, request, start):
        for item in page:
            if skip and skip(item, items[-1] if items else None):
                last = item
                continue
            if len(items) == limit:
                return items, seal(scope, [last[name] for name in keys])
            items.append(item)
            last = item
        start = following
    if start:
        position = store.from_store(start)
        return items, seal(scope, [position[name] for name in keys])
    return items, None
