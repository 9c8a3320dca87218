"""Books."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Path, Query

from .. import store
from ..security import Paging, current_member

router = APIRouter(dependencies=[Depends(current_member)])
reviews = APIRouter(prefix="/{book_id}/reviews")


@router.get("")
def list_books(paging: Paging = Depends(), text: Annotated[str | None, Query(max_length=50)] = None):
    return store.search(text, paging.limit)


@router.post("", status_code=201)
async def add_book(title: Annotated[str, Body(embed=True)], background: BackgroundTasks):
    background.add_task(index_book, title)
    return {"title": title}


@router.get("/{book_id}")
def read_book(book_id: Annotated[int, Path(ge=1)]):
    return {"id": book_id}


@router.api_route("/{book_id}/cover", methods=["GET", "PUT"])
def cover(book_id: int):
    return {"id": book_id}


@reviews.get("/")
def list_reviews(book_id: int, limit: int = Query(20, ge=1, le=100), page: int = 1):
    return [book_id, limit, page]


@reviews.post("/")
def add_review(book_id: int):
    return {"book": book_id}


def index_book(title):
    return title


router.include_router(reviews)
