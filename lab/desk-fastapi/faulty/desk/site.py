"""The pages of the portal, and what belongs to operating it."""

import secrets

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from . import assets, db

router = APIRouter()

PAGE = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@router.get("/health", tags=["operation"])
def health():
    return {"status": "ok"}


@router.get("/help", response_class=HTMLResponse, tags=["portal"])
def help_page():
    page = HTMLResponse(PAGE.format(title="Help", body="<p>How can we help?</p>"))
    page.set_cookie("desk_visit_session", secrets.token_hex(16))
    return page


@router.get("/help/search", response_class=HTMLResponse, tags=["portal"])
def help_search(q: str = "vpn"):
    hits = [row["title"] for row in db.everything(db.articles) if q.lower() in row["title"].lower()]
    listed = "".join(f"<li>{title}</li>" for title in hits) or f"<p>Nothing was found for <b>{q}</b>.</p>"
    return PAGE.format(title="Search", body=listed)


@router.get("/help/topic", response_class=HTMLResponse, tags=["portal"])
def help_topic(name: str = "printing"):
    safe = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return PAGE.format(title="Topic", body=f"<p>Nothing has been written about {safe} yet.</p>")


@router.get("/continue", status_code=307, response_class=RedirectResponse, tags=["portal"])
def continue_to(next: str = "/help"):
    """Where to go after signing in."""
    return RedirectResponse(next)


@router.get("/api/v1/tickets", include_in_schema=False)
def old_tickets():
    rows = db.tickets.scan(Limit=25)["Items"]
    return {"tickets": db.plain(sorted(rows, key=lambda row: row["number"]))}


@router.get("/internal/metrics", include_in_schema=False)
def metrics():
    return PlainTextResponse(assets.METRICS, media_type="text/plain; version=0.0.4")


@router.get("/app/{page:path}", response_class=HTMLResponse, include_in_schema=False)
def web_app(page: str):
    """The web application finds its pages itself."""
    return assets.WEB_APP


@router.get("/{name:path}", include_in_schema=False)
def asset(name: str, request: Request):
    found = assets.FILES.get(name)
    if found is None:
        return Response('{"detail":"Not Found"}', 404, media_type="application/json")
    kind, text = found
    return Response(text, media_type=kind)
