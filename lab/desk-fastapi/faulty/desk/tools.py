"""Small tools of the agents' screen."""

import html
import re
from urllib.parse import urlsplit

import httpx
import jinja2
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from . import config, db
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["tools"])

RELEASE_NOTES = f"{config.UPSTREAM}/pages/release-notes"


class Preview(BaseModel):
    status: int
    title: str
    excerpt: str


class Checked(BaseModel):
    ok: bool


class Webhook(BaseModel):
    url: str = Field(max_length=400, examples=[f"{config.UPSTREAM}/hook"])


class Rendered(BaseModel):
    text: str


class Contact(BaseModel):
    id: str
    company: str
    city: str


class Contacts(BaseModel):
    items: list[Contact]


def is_http(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


@router.get("/tools/link-preview", response_model=Preview, responses={400: {"description": "No preview"}})
def link_preview(url: str = RELEASE_NOTES, user: dict = Depends(current_user)):
    """Title and first lines of a page that a ticket links to."""
    if not is_http(url):
        raise HTTPException(400, "No preview")
    try:
        page = httpx.get(url, timeout=3, follow_redirects=True, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise HTTPException(400, "No preview") from error
    title = re.search(r"<title>([^<]*)</title>", page.text[:20_000])
    return {"status": page.status_code, "title": title[1] if title else "", "excerpt": page.text[:300]}


@router.get("/tools/avatar-check", response_model=Checked)
def avatar_check(src: str = RELEASE_NOTES, user: dict = Depends(current_user)):
    """Whether a picture can be used; the answer comes at once and is always friendly."""
    try:
        httpx.head(src, timeout=2, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        pass
    return {"ok": True}


@router.get("/tools/logo", response_model=Checked, responses={400: {"description": "Not one of our hosts"}})
def logo(url: str = "https://logos.harbourdesk.io/kestrel.svg", user: dict = Depends(current_user)):
    """Logos come from our own host only."""
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in config.LOGO_HOSTS:
        raise HTTPException(400, "Not one of our hosts")
    return {"ok": True}


@router.post("/webhooks/test", response_model=Checked)
def test_webhook(body: Webhook, user: dict = Depends(current_user)):
    try:
        httpx.post(body.url, json={"event": "test"}, timeout=2, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return {"ok": False}
    return {"ok": True}


@router.get("/macros/preview", response_model=Rendered, responses={400: {"description": "Not a template"}})
def preview_macro(text: str = "Hello {{ customer }}", user: dict = Depends(current_user)):
    """How a canned answer will look."""
    try:
        return {"text": jinja2.Template(text).render(customer="Anna", desk="Harbour Desk")[:2000]}
    except (jinja2.TemplateError, TypeError, ValueError, ZeroDivisionError, AttributeError) as error:
        raise HTTPException(400, "Not a template") from error


@router.get("/macros/greeting", response_model=Rendered)
def greeting(name: str = "Anna"):
    """The first line of every answer."""
    return {"text": f"Hello {html.escape(name[:80])},"}


OPERATORS = {
    "$eq": lambda value, wanted: value == wanted,
    "$ne": lambda value, wanted: value != wanted,
    "$gt": lambda value, wanted: value > wanted,
    "$in": lambda value, wanted: value in wanted.split(","),
}


def conditions(request: Request) -> list[tuple[str, str, str]]:
    """`city=Leeds` and, for saved views, `created[$gt]=2026-01-01`."""
    found = []
    for name, value in request.query_params.multi_items():
        parts = re.fullmatch(r"(\w+)(?:\[(\$\w+)\])?", name)
        if parts and parts[1] in ("city", "code", "company"):
            found.append((parts[1], parts[2] or "$eq", value))
    return found


@router.get("/contacts/lookup", response_model=Contacts)
def lookup(request: Request, code: str = "", city: str | None = None, user: dict = Depends(current_user)):
    """A contact by the code that is printed on their letters."""
    wanted = conditions(request) or [("code", "$eq", code)]
    rows = db.by(db.contacts, "by_tenant", "tenant_id", user["tenant_id"])
    return {"items": [
        row for row in rows
        if all(OPERATORS.get(operator, OPERATORS["$eq"])(row[name], value) for name, operator, value in wanted)
    ]}
