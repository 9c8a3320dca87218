"""The people of a company."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .cursors import Cursor, seal, unseal
from .models import Colleagues, Limit, Number, Person, UserId
from .problems import answers
from .security import SignedIn
from .store import USERS, Database

router = APIRouter(prefix="/api/v2", tags=["people"], route_class=PrivateRoute)

PERSON = ["id", "name", "title"]


class Preferences(BaseModel):
    user_id: Number
    language: str = Field(max_length=5)
    digest: str = Field(max_length=16)


@router.get("/users", responses=answers(400, 401))
def colleagues(user: SignedIn, store: Database, limit: Limit = 20, cursor: Cursor = None) -> Colleagues:
    """Everybody in the company, page by page; the directory is for all of its people."""
    scope = f"users/{user.tenant_id}"
    page = store.page(USERS, user.tenant_id, PERSON, limit, unseal(cursor, scope, list(USERS.keys)))
    return Colleagues(items=[Person(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/users/{user_id}", responses=answers(401, 404))
def person(user_id: UserId, user: SignedIn, store: Database) -> Person:
    """Somebody of one's own company."""
    row = store.item("desk-users", {"id": user_id}, [*PERSON, "tenant_id"])
    if row is None or row["tenant_id"] != user.tenant_id:
        raise HTTPException(404)
    return Person(**row)


@router.get("/users/{user_id}/preferences", responses=answers(401, 404))
def preferences(user_id: UserId, user: SignedIn, store: Database) -> Preferences:
    """One's own preferences, whoever the address names."""
    row = store.item("desk-users", {"id": user.id}, ["language"])
    if row is None:
        raise HTTPException(404)
    return Preferences(user_id=user.id, language=row["language"], digest="weekly")
