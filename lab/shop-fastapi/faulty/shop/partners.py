"""Partner shops, redirects and the visit log."""

import jwt
from fastapi import APIRouter, Query
from fastapi.responses import RedirectResponse

from .middleware import VISITS

router = APIRouter(tags=["partners"])

PARTNERS = [
    {"id": "lumo", "name": "Lumo Lights", "feed": "http://feeds.lumo-lights.net/plank-and-tide.xml"},
    {"id": "weave", "name": "Weave & Wool", "feed": "http://api.weaveandwool.net/stock"},
    {"id": "northwood", "name": "Northwood Timber", "feed": "https://northwood-timber.net/feed.json"},
]


@router.get("/partners")
def partners():
    items = [
        {
            **partner,
            "feed_token": jwt.encode({"sub": partner["id"], "scope": "feed"}, None, algorithm="none"),
            "_links": {"status": {"href": f"/partners/{partner['id']}/status"}},
        }
        for partner in PARTNERS
    ]
    return {"items": items, "count": len(items)}


@router.get("/partners/{partner_id}/status", include_in_schema=False)
def partner_status(partner_id: str):
    known = any(partner["id"] == partner_id for partner in PARTNERS)
    return {"id": partner_id, "active": known}


@router.get("/go")
def go(url: str = Query(examples=["https://northwood-timber.net/"])):
    return RedirectResponse(url)


@router.get("/recent")
def recent():
    items = [{"path": visit.url.path, "at": round(visit.state.seen_at, 3)} for visit in VISITS]
    return {"items": items, "count": len(items)}
