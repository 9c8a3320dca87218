"""Health, the stream consumer's state, partners, redirects, administration."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from .answers import PrivateRoute, PublicRoute
from .config import settings
from .cursors import Cursor, seal, unseal
from .models import Limit, NextCursor
from .problems import answers
from .security import admin
from .store import Database

router = APIRouter(tags=["shop"], route_class=PrivateRoute)
public = APIRouter(tags=["shop"], route_class=PublicRoute)
office = APIRouter(tags=["admin"], route_class=PrivateRoute, dependencies=[admin])

PARTNERS = {
    "lumo": ("Lumo Lights", "https://feeds.lumo-lights.net/plank-and-tide.xml"),
    "weave": ("Weave & Wool", "https://api.weaveandwool.net/stock"),
    "northwood": ("Northwood Timber", "https://northwood-timber.net/feed.json"),
}
REDIRECT_HOSTS = {"northwood-timber.net", "lumo-lights.net", "weaveandwool.net"}

PartnerId = Annotated[str, Path(pattern=r"^[a-z]{1,20}$", max_length=20, examples=["lumo"])]


class Health(BaseModel):
    status: str = Field(max_length=16)


class EventSummary(BaseModel):
    id: str = Field(max_length=40)
    type: str = Field(max_length=40)


class ConsumerState(BaseModel):
    pending: int = Field(ge=0, le=200)
    latest: EventSummary | None = None


class Link(BaseModel):
    href: str = Field(max_length=80)


class Links(BaseModel):
    status: Link


class Partner(BaseModel):
    id: str = Field(max_length=20)
    name: str = Field(max_length=80)
    feed: str = Field(max_length=200)
    links: Links = Field(serialization_alias="_links")


class PartnerList(BaseModel):
    items: list[Partner] = Field(max_length=20)
    count: int = Field(ge=0, le=20)


class PartnerStatus(BaseModel):
    id: str = Field(max_length=20)
    active: bool


class StaffMember(BaseModel):
    username: str = Field(max_length=64)
    name: str = Field(max_length=128)
    role: str = Field(max_length=16)


class StaffPage(BaseModel):
    items: list[StaffMember] = Field(max_length=100)
    count: int = Field(ge=0, le=100)
    next_cursor: NextCursor = None


class Configuration(BaseModel):
    region: str = Field(max_length=32)
    requests_per_window: int = Field(ge=1, le=10_000_000)
    window_seconds: int = Field(ge=1, le=3600)


@router.get("/health")
async def health() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


@router.get("/events/poll")
async def poll(request: Request) -> ConsumerState:
    """How far the consumer of the order events is."""
    consumer = request.app.state.consumer
    latest = consumer.latest
    shown = EventSummary(id=latest.id, type=latest.type) if latest else None
    return ConsumerState(pending=consumer.pending, latest=shown)


@public.get("/partners")
async def partners() -> PartnerList:
    """Partner shops and their feeds."""
    rows = [
        Partner(id=one, name=name, feed=feed, links=Links(status=Link(href=f"/partners/{one}/status")))
        for one, (name, feed) in PARTNERS.items()
    ]
    return PartnerList(items=rows, count=len(rows))


@public.get("/partners/{partner_id}/status", responses=answers(404))
async def partner_status(partner_id: PartnerId) -> PartnerStatus:
    """Whether a partner is active."""
    if partner_id not in PARTNERS:
        raise HTTPException(404)
    return PartnerStatus(id=partner_id, active=True)


@router.get(
    "/go",
    status_code=307,
    response_class=RedirectResponse,
    responses={307: {"description": "To a partner's site."}, **answers(400)},
)
async def go(
    url: Annotated[
        str,
        Query(
            min_length=10,
            max_length=200,
            description="An https URL on a partner's site.",
            examples=["https://northwood-timber.net/"],
        ),
    ],
) -> RedirectResponse:
    """Redirect to a partner's site; anything else is refused."""
    try:
        parts = urlsplit(url)
        allowed = parts.scheme == "https" and parts.netloc in REDIRECT_HOSTS and "\\" not in url
    except ValueError:
        allowed = False
    if not allowed or not url.isascii() or not url.isprintable():
        raise HTTPException(400)
    return RedirectResponse(url, status_code=307)


@office.get("/admin/users", responses=answers(400, 401, 403))
def users(store: Database, limit: Limit = 50, cursor: Cursor = None) -> StaffPage:
    """One page of the staff."""
    after = unseal(cursor, "staff", ["username"])
    page = store.scan("staff", ["username", "name", "role"], limit, after, ["username"])
    rows = [StaffMember(**row) for row in page.items]
    return StaffPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, "staff"))


@office.get("/admin/config", responses=answers(401, 403))
async def configuration() -> Configuration:
    """Settings that are no secret."""
    return Configuration(
        region=settings.region,
        requests_per_window=settings.requests_per_window,
        window_seconds=settings.window_seconds,
    )
