"""The people of a company."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .cursors import Cursor, seal, unseal
from .models import PAGE, Colleagues, Limit, Name, NextCursor, Number, Person, PostId, Stamp, UserId
from .problems import answers
from .security import SignedIn
from .store import POSTS, USERS, Database

router = APIRouter(prefix="/api/v2", tags=["people"], route_class=PrivateRoute)

PERSON = ["id", "name", "title"]


class Preferences(BaseModel):
    user_id: Number
    language: str = Field(max_length=5)
    digest: str = Field(max_length=16)


class Card(Person):
    language: str | None = Field(None, max_length=5)


class Post(BaseModel):
    id: Number
    author_id: Number
    author_name: Name
    title: str = Field(max_length=120)
    text: str = Field(max_length=1000)
    created_at: Stamp


class Board(BaseModel):
    items: list[Post] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


POST = list(Post.model_fields)


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


@router.get("/users/{user_id}/card", response_model_exclude_none=True, responses=answers(401, 404))
def card(user_id: UserId, user: SignedIn, store: Database) -> Card:
    """The card of anybody; the language is on one's own only."""
    row = store.item("desk-users", {"id": user_id}, [*PERSON, "language"])
    if row is None:
        raise HTTPException(404)
    if user_id != user.id:
        del row["language"]
    return Card(**row)


@router.get("/community/posts", responses=answers(400, 401))
def board(user: SignedIn, store: Database, limit: Limit = 20, cursor: Cursor = None) -> Board:
    """What people of all companies have written for each other."""
    page = store.page(POSTS, "all", POST, limit, unseal(cursor, "posts", list(POSTS.keys)))
    return Board(items=[Post(**row) for row in page.items], next_cursor=seal(page.next_key, "posts"))


@router.get("/community/posts/{post_id}", responses=answers(401, 404))
def post(post_id: PostId, user: SignedIn, store: Database) -> Post:
    """One of them."""
    row = store.item("desk-posts", {"id": post_id}, POST)
    if row is None:
        raise HTTPException(404)
    return Post(**row)
