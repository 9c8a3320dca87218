"""Help articles, for everybody, and announcements, for a company. DynamoDB holds them, SQLite finds articles."""

from __future__ import annotations

import sqlite3
import threading
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request

from .answers import PrivateRoute, PublicRoute
from .cursors import Cursor, seal, unseal
from .inputs import DIGITS
from .models import (
    ANNOUNCEMENT,
    Announcement,
    AnnouncementId,
    AnnouncementPage,
    Article,
    ArticleId,
    Done,
    Hit,
    Hits,
)
from .problems import answers
from .security import SignedIn
from .store import ANNOUNCEMENTS, Database, Store, plain

router = APIRouter(prefix="/api/v2", tags=["knowledge"], route_class=PrivateRoute)
public = APIRouter(prefix="/api/v2", tags=["knowledge"], route_class=PublicRoute)

ARTICLE = list(Article.model_fields)
Term = Annotated[str, Query(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9 -]+$")]


class Search:
    """A read-only search index of the published articles; there are few, and they change with a deployment."""

    def __init__(self, store: Store) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute("CREATE TABLE articles (id INTEGER, slug TEXT, title TEXT, votes INTEGER)")
        rows = store.client.scan(TableName="desk-articles", Limit=200)["Items"]
        self._db.executemany(
            "INSERT INTO articles VALUES (?, ?, ?, ?)",
            [(row["id"], row["slug"], row["title"], row["votes"]) for row in map(plain, rows)],
        )
        self._db.execute("PRAGMA query_only = ON")

    def select(self, condition: str, value: str) -> Hits:
        """`condition` is one of ours, `value` the caller's."""
        with self._lock:
            found = self._db.execute(
                f"SELECT id, title, votes FROM articles WHERE {condition} ORDER BY title LIMIT 20", (value,)
            ).fetchall()
        return Hits(items=[Hit(id=number, title=title, votes=votes) for number, title, votes in found])

    def close(self) -> None:
        self._db.close()


def index(request: Request) -> Search:
    return request.app.state.search


@public.get("/articles/search")
def search(request: Request, q: Term = "a") -> Hits:
    """Articles with these words in their title, at most twenty."""
    return index(request).select("instr(lower(title), lower(?)) > 0", q)


@public.get("/articles/by-slug")
def by_slug(
    request: Request, slug: Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9-]+$")] = "pair-a-scanner"
) -> Hits:
    """The article of a name, if there is one."""
    return index(request).select("slug = ?", slug)


@public.get("/articles/suggest")
def suggest(request: Request, prefix: Term = "re") -> Hits:
    """Articles whose title begins like this, at most twenty."""
    return index(request).select("substr(lower(title), 1, 40) >= lower(?1) AND substr(lower(title), 1, length(?1)) = lower(?1)", prefix)


@public.get("/articles/seen")
def seen(ref: Annotated[str, Query(max_length=20, pattern=r"^[a-z]+$")] = "search") -> Done:
    """Called by the reader when an article was opened."""
    return Done(ok=bool(ref))


@public.get("/articles/{article_id}", responses=answers(404))
def article(article_id: ArticleId, store: Database) -> Article:
    """Published articles are for everybody."""
    row = store.item("desk-articles", {"id": article_id}, ARTICLE)
    if row is None:
        raise HTTPException(404)
    return Article(**row)


@router.post("/articles/{article_id}/vote", responses=answers(401, 404, 413))
def vote(article_id: ArticleId, user: SignedIn, store: Database, request: Request) -> Hit:
    """Say that an article helped; once per person."""
    row = store.item("desk-articles", {"id": article_id}, ARTICLE)
    if row is None:
        raise HTTPException(404)
    if request.app.state.votes.find((user.id, article_id)) is None:
        request.app.state.votes.put((user.id, article_id), True)
        row["votes"] += 1
        store.change("desk-articles", {"id": article_id}, {"votes": row["votes"]})
    return Hit(id=row["id"], title=row["title"], votes=row["votes"])


@router.get("/announcements", responses=answers(400, 401))
def announcements(
    user: SignedIn, store: Database, limit: Annotated[int, Query(ge=1, le=5), DIGITS] = 5, cursor: Cursor = None
) -> AnnouncementPage:
    """What the company tells all of its people."""
    scope = f"announcements/{user.tenant_id}"
    after = unseal(cursor, scope, list(ANNOUNCEMENTS.keys))
    page = store.page(ANNOUNCEMENTS, user.tenant_id, ANNOUNCEMENT, limit, after)
    return AnnouncementPage(items=[Announcement(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/announcements/{announcement_id}", responses=answers(401, 404))
def announcement(announcement_id: AnnouncementId, user: SignedIn, store: Database) -> Announcement:
    """One of them."""
    row = store.item("desk-announcements", {"id": announcement_id}, [*ANNOUNCEMENT, "tenant_id"])
    if row is None or row["tenant_id"] != user.tenant_id:
        raise HTTPException(404)
    return Announcement(**row)
