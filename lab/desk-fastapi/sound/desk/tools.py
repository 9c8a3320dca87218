"""Small tools of the agents' screen."""

from __future__ import annotations

import html
import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from .answers import PrivateRoute, PublicRoute
from .config import settings
from .models import Done, Strict
from .outbound import LISTED, Outside
from .problems import answers
from .security import SignedIn
from .store import CONTACTS, Database

router = APIRouter(prefix="/api/v2", tags=["tools"], route_class=PrivateRoute)
public = APIRouter(prefix="/api/v2", tags=["tools"], route_class=PublicRoute)

RELEASE_NOTES = f"{settings.upstream}/pages/release-notes"
Address = Annotated[str, Query(min_length=8, max_length=300, pattern=LISTED)]


class Preview(BaseModel):
    status: int = Field(ge=100, le=599)
    title: str = Field(max_length=200)


class Webhook(Strict):
    url: str = Field(min_length=8, max_length=300, pattern=LISTED, examples=[f"{settings.upstream}/hook"])


class Rendered(BaseModel):
    text: str = Field(max_length=2000)


class Contact(BaseModel):
    id: str = Field(max_length=20)
    company: str = Field(max_length=80)
    city: str = Field(max_length=80)


class Contacts(BaseModel):
    items: list[Contact] = Field(max_length=20)


@router.get("/tools/link-preview", responses=answers(400, 401, 502))
def link_preview(user: SignedIn, outside: Outside, url: Address = RELEASE_NOTES) -> Preview:
    """Title of a page of our own, which a ticket links to."""
    status, text = outside.fetch(url)
    title = re.search(r"<title>([^<]{0,200})</title>", text)
    return Preview(status=status, title=title[1] if title else "")


@router.get("/tools/avatar-check", responses=answers(400, 401, 502))
def avatar_check(user: SignedIn, outside: Outside, src: Address = RELEASE_NOTES) -> Done:
    """Whether a picture on our own server can be used."""
    status, _ = outside.fetch(src, "HEAD")
    return Done(ok=status == 200)


@router.get("/tools/logo", responses=answers(400, 401))
def logo(user: SignedIn, url: Annotated[str, Query(min_length=8, max_length=300)] = "https://logos.harbourdesk.io/kestrel.svg") -> Done:
    """Logos come from our own host only."""
    try:
        parts = urlsplit(url)
        allowed = parts.scheme == "https" and parts.netloc in settings.logo_hosts
    except ValueError:
        allowed = False
    if not allowed:
        raise HTTPException(400)
    return Done(ok=True)


@router.post("/webhooks/test", responses=answers(400, 401, 413, 502))
def test_webhook(body: Webhook, user: SignedIn, outside: Outside) -> Done:
    """Send a test event to an address that the operators have listed."""
    status, _ = outside.fetch(body.url, "POST", {"event": "test"})
    return Done(ok=status < 300)


@router.get("/macros/preview", responses=answers(401))
def preview_macro(
    user: SignedIn, text: Annotated[str, Query(min_length=1, max_length=500)] = "Hello {{ customer }}"
) -> Rendered:
    """How a canned answer will look: two names are filled in, nothing is computed."""
    known = {"customer": "Anna", "desk": "Harbour Desk"}
    filled = re.sub(r"\{\{ ?(customer|desk) ?\}\}", lambda found: known[found[1]], text)
    return Rendered(text=filled[:2000])


@public.get("/macros/greeting")
def greeting(name: Annotated[str, Query(min_length=1, max_length=80)] = "Anna") -> Rendered:
    """The first line of every answer."""
    return Rendered(text=f"Hello {html.escape(name)},")


@router.get("/contacts/lookup", responses=answers(401))
def lookup(
    user: SignedIn, store: Database, code: Annotated[str, Query(pattern=r"^[0-9]{6}$", max_length=6, examples=["100000"])],
    city: Annotated[str | None, Query(max_length=80, pattern=r"^[A-Za-z -]+$")] = None,
) -> Contacts:
    """A contact by the code that is printed on their letters."""
    page = store.page(CONTACTS, user.tenant_id, ["id", "company", "city"], 20, equal=("code", code))
    return Contacts(items=[Contact(**row) for row in page.items if city in (None, row["city"])])
