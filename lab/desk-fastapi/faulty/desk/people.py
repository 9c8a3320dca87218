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


class Card(Person):
    language: str | None = None


class Post(BaseModel):
    id: int
    author_id: int
    author_name: str
    title: str
    text: str
    created_at: str


class Board(BaseModel):
    items: list[Post]


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


@router.get("/users/{user_id}/card", response_model=Card, response_model_exclude_none=True)
def card(user_id: int, user: dict = Depends(current_user)):
    """The card of anybody; the language is on one's own only."""
    row = db.one(db.users, "id", user_id)
    if row is None:
        raise HTTPException(404, "Not found")
    return row if user_id == user["id"] else {name: row[name] for name in ("id", "name", "title")}


@router.get("/community/posts", response_model=Board)
def board(user: dict = Depends(current_user)):
    """What people of all companies have written for each other."""
    return {"items": db.by(db.posts, "by_board", "board", "all")[:50]}


@router.get("/community/posts/{post_id}", response_model=Post, responses={404: {"description": "Not found"}})
def post(post_id: int, user: dict = Depends(current_user)):
    row = db.one(db.posts, "id", post_id)
    if row is None:
        raise HTTPException(404, "Not found")
    return row
