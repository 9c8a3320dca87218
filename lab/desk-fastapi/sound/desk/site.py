"""The pages of the portal, and what belongs to operating it."""

from __future__ import annotations

import html
import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .knowledge import Term, index
from .problems import answers, problem

router = APIRouter(route_class=PrivateRoute)

PAGE = '<!doctype html><html lang="en"><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>'
WEB_APP = """<!doctype html>
<html lang="en"><head><title>Harbour Desk</title><script src="/static/app.js"></script></head>
<body><div id="root"></div></body></html>
"""
SCRIPT = "document.title='Harbour Desk';\n"
HTML = {200: {"content": {"text/html": {"schema": {"type": "string", "maxLength": 8000}}}}}


class Health(BaseModel):
    status: str = Field(max_length=16)


@router.get("/health", tags=["operation"])
async def health() -> Health:
    """Whether the process answers."""
    return Health(status="ok")


@router.get("/help", response_class=HTMLResponse, responses=HTML, tags=["portal"])
async def help_page() -> HTMLResponse:
    """Where help begins."""
    page = HTMLResponse(PAGE.format(title="Help", body="<p>How can we help?</p>"))
    page.set_cookie("desk_visit_session", secrets.token_hex(16), secure=True, httponly=True, samesite="lax")
    return page


@router.get("/help/search", response_class=HTMLResponse, responses=HTML, tags=["portal"])
def help_search(request: Request, q: Term = "vpn") -> HTMLResponse:
    """Articles with these words in their title."""
    hits = index(request).select("instr(lower(title), lower(?)) > 0", q).items
    listed = "".join(f"<li>{html.escape(hit.title)}</li>" for hit in hits)
    return HTMLResponse(
        PAGE.format(title="Search", body=listed or f"<p>Nothing was found for <b>{html.escape(q)}</b>.</p>")
    )


@router.get("/help/topic", response_class=HTMLResponse, responses=HTML, tags=["portal"])
async def help_topic(name: Annotated[str, Query(min_length=1, max_length=80)] = "printing") -> HTMLResponse:
    """What is written about a topic."""
    text = f"<p>Nothing has been written about {html.escape(name)} yet.</p>"
    return HTMLResponse(PAGE.format(title="Topic", body=text))


@router.get(
    "/continue", status_code=307, response_class=RedirectResponse, tags=["portal"],
    responses={307: {"description": "To a page of the portal."}},
)
async def continue_to(
    next: Annotated[str, Query(max_length=80, pattern=r"^(/[a-z0-9-]+)+$", description="A path of the portal.")] = "/help",
) -> RedirectResponse:
    """Where to go after signing in."""
    return RedirectResponse(next)


@router.get(
    "/api/v1/tickets", deprecated=True, status_code=410, response_class=Response, responses={410: answers(410)[410]},
    tags=["tickets"],
)
async def old_tickets() -> Response:
    """Gone: use GET /api/v2/tickets."""
    return problem(410, headers={
        "deprecation": "@1767225600",
        "sunset": "Wed, 01 Jul 2026 00:00:00 GMT",
        "link": '</api/v2/tickets>; rel="successor-version"',
    })


@router.get("/static/app.js", include_in_schema=False)
async def script() -> Response:
    """The web application."""
    return Response(SCRIPT, media_type="text/javascript")


@router.get("/app/{page:path}", response_class=HTMLResponse, include_in_schema=False)
async def web_app(page: str) -> HTMLResponse:
    """The web application finds its pages itself."""
    return HTMLResponse(
        WEB_APP, headers={"content-security-policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'"}
    )
