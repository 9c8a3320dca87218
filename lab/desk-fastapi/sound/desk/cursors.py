"""Opaque page cursors.

A cursor is the key of the last item of a page, signed together with the scope
it is good for: it cannot be edited, nor used for another list. Anything that
does not verify is answered with 400.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Annotated, Any

from fastapi import HTTPException, Query

from .config import settings

MAX_LENGTH = 512
_TAG = 16

Cursor = Annotated[
    str | None,
    Query(
        max_length=MAX_LENGTH,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next_cursor` of the page before; opaque.",
    ),
]


def _tag(payload: bytes, scope: str) -> bytes:
    # The scope's length goes first, so that no scope is a prefix of another.
    message = len(scope).to_bytes(4, "big") + scope.encode() + payload
    return hmac.new(settings.cursor_secret.encode(), message, hashlib.sha256).digest()[:_TAG]


def seal(key: dict[str, Any] | None, scope: str) -> str | None:
    """The cursor for `key` in the list named by `scope`; None stays None."""
    if key is None:
        return None
    payload = json.dumps([key[name] for name in sorted(key)], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_tag(payload, scope) + payload).rstrip(b"=").decode()


def unseal(cursor: str | None, scope: str, names: list[str]) -> dict[str, Any] | None:
    """The key that `seal` was given, or 400."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        tag, payload = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, _tag(payload, scope)):
            raise ValueError("signature")
        values = json.loads(payload)
        return dict(zip(sorted(names), values, strict=True))
    except ValueError:
        raise HTTPException(400, "Invalid cursor") from None
