"""The people of a company."""

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from . import db
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["people"])


class Person(BaseModel):
    id: int
    name: str
    title: str


class Colleagues(BaseModel):
    items: list[Person]


class Preferences(BaseModel):
    user_id: int
    language: str
    digest: str


@router.get("/users", response_model=Colleagues)
def colleagues(user: dict = Depends(current_user)):
    """Everybody in the company; the directory is for all of its people."""
    return {"items": db.by(db.users, "by_tenant", "tenant_id", user["tenant_id"])[:50]}


@router.get("/users/{user_id}", responses={200: {"model": Person}, 404: {"description": "Not found"}})
def person(user_id: int, user: dict = Depends(current_user)):
    row = db.one(db.users, "id", user_id)
    if row is None:
        raise HTTPException(404, "Not found")
    return row


@router.get("/users/{user_id}/preferences", response_model=Preferences)
def preferences(user_id: int, user: dict = Depends(current_user)):
    """One's own preferences, whoever the address names."""
    row = db.one(db.users, "id", user["id"])
    if row is None:
        raise HTTPException(404, "Not found")
    return {"user_id": user["id"], "language": row["language"], "digest": "weekly"}
