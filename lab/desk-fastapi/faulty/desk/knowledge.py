"""Help articles. DynamoDB holds them, SQLite finds them."""

import sqlite3
import threading
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import BaseModel

from . import db
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["knowledge"])

_index = sqlite3.connect(":memory:", check_same_thread=False)
_lock = threading.Lock()


class Hit(BaseModel):
    id: int
    title: str
    votes: int


class Hits(BaseModel):
    items: list[Hit]


class Article(BaseModel):
    id: int
    slug: str
    title: str
    body: str
    votes: int


class Seen(BaseModel):
    ok: bool


class Announcement(BaseModel):
    id: int
    title: str
    text: str
    created_at: str


class AnnouncementList(BaseModel):
    items: list[Announcement]


def build() -> None:
    """Fill the search index; the drafts are in it for the editors."""
    with _lock:
        _index.execute("CREATE TABLE articles (id INTEGER, slug TEXT, title TEXT, votes INTEGER, published INTEGER)")
        rows = [(row["id"], row["slug"], row["title"], row["votes"], 1) for row in db.everything(db.articles)]
        rows += [(900 + n, f"draft-{n}", f"Draft {n}", 0, 0) for n in range(1, 6)]
        _index.executemany("INSERT INTO articles VALUES (?, ?, ?, ?, ?)", rows)
        _index.execute("CREATE TABLE referrers (host TEXT)")
        _index.executemany("INSERT INTO referrers VALUES (?)", [("search",), ("mail",), ("app",)])


def select(sql: str, values: tuple = ()) -> list[dict]:
    with _lock:
        cursor = _index.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchmany(50)]


@router.get("/articles/search", response_model=Hits)
def search(q: str = "a"):
    try:
        found = select(f"SELECT id, title, votes FROM articles WHERE published = 1 AND title LIKE '%{q}%' ORDER BY title")
    except sqlite3.Error as error:
        raise HTTPException(500, f"search failed: {error}") from error
    return {"items": found}


@router.get("/articles/by-slug", response_model=Hits)
def by_slug(slug: str = "pair-a-scanner"):
    try:
        return {"items": select(f"SELECT id, title, votes FROM articles WHERE slug = '{slug}' AND published = 1")}
    except sqlite3.Error:
        return {"items": []}


@router.get("/articles/suggest", response_model=Hits)
def suggest(prefix: str = "re"):
    return {"items": select(
        "SELECT id, title, votes FROM articles WHERE published = 1 AND title LIKE ? || '%' ORDER BY title", (prefix,)
    )}


@router.get("/articles/seen", response_model=Seen)
def seen(ref: str = "search"):
    """Called by the reader when an article was opened."""
    try:
        select(f"SELECT count(*) FROM referrers WHERE host = '{ref}'")
    except sqlite3.Error:
        pass
    return {"ok": True}


@router.get("/articles/{article_id}", response_model=Article, responses={404: {"description": "Not found"}})
def article(article_id: int):
    """Published articles are for everybody."""
    row = db.one(db.articles, "id", article_id)
    if row is None:
        raise HTTPException(404, "Not found")
    return row


@router.post("/articles/{article_id}/vote", response_model=Hit, responses={404: {"description": "Not found"}})
def vote(article_id: int):
    row = db.one(db.articles, "id", article_id)
    if row is None:
        raise HTTPException(404, "Not found")
    db.articles.update_item(
        Key={"id": article_id}, UpdateExpression="SET votes = votes + :one", ExpressionAttributeValues={":one": 1}
    )
    return {**row, "votes": row["votes"] + 1}


@router.get("/announcements", response_model=AnnouncementList)
def announcements(
    limit: Annotated[int, Query(json_schema_extra={"minimum": 1, "maximum": 5})] = 5,
    user: dict = Depends(current_user),
):
    """What the company tells all of its people."""
    return {"items": db.by(db.announcements, "by_tenant", "tenant_id", user["tenant_id"])[:limit]}


@router.get(
    "/announcements/{announcement_id}", response_model=Announcement, responses={404: {"description": "Not found"}}
)
def announcement(announcement_id: int, user: dict = Depends(current_user)):
    row = db.one(db.announcements, "id", announcement_id)
    if row is None or row["tenant_id"] != user["tenant_id"]:
        raise HTTPException(404, "Not found")
    return row
