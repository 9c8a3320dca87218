"""Categories, search and suggestions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from .answers import PublicRoute
from .cursors import Cursor, seal, unseal
from .figures import Figures
from .inputs import Flag
from .models import (
    CategoryCount,
    CategoryList,
    CategoryName,
    Limit,
    ProductLine,
    ProductPage,
    ProductSummary,
    SearchPage,
    Suggestions,
)
from .problems import answers
from .products import LINE, SUMMARY
from .store import Database

router = APIRouter(tags=["catalogue"], route_class=PublicRoute)

# Letters, digits, spaces, hyphens and apostrophes: nothing that a search could take for a wildcard.
TERM = r"^[A-Za-z0-9][A-Za-z0-9 '-]+$"
SUGGESTIONS = 10


@router.get("/categories")
def categories(figures: Figures) -> CategoryList:
    """All categories with the number of their products."""
    rows = [CategoryCount(category=name, products=number) for name, number in sorted(figures.categories.items())]
    return CategoryList(items=rows, count=len(rows))


@router.get("/categories/{category}/products", responses=answers(400, 404))
def category_products(
    category: CategoryName,
    store: Database,
    figures: Figures,
    limit: Limit = 10,
    featured: Flag = True,
    cursor: Cursor = None,
) -> ProductPage:
    """One page of a category; with `featured` only the bestsellers of which there are plenty."""
    if category not in figures.categories:
        raise HTTPException(404)
    scope, keys = f"categories/{category}/{featured}", ["id", "category"]
    request = {
        "TableName": "products",
        "IndexName": "by_category",
        "KeyConditionExpression": "category = :category",
        "ExpressionAttributeValues": {":category": {"S": category}},
    }
    if featured:
        request["FilterExpression"] = "contains(tags, :tag) AND stock > :stock"
        request["ExpressionAttributeValues"] |= {":tag": {"S": "bestseller"}, ":stock": {"N": "75"}}
    page = store.query(request, SUMMARY, limit, unseal(cursor, scope, keys), keys)
    rows = [ProductSummary(**row) for row in page.items]
    return ProductPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, scope))


def _by_name(start: str) -> dict:
    """The query for products whose name starts with `start`."""
    return {
        "TableName": "products",
        "IndexName": "by_initial",
        "KeyConditionExpression": "initial = :initial AND begins_with(name_lower, :start)",
        "ExpressionAttributeValues": {":initial": {"S": start[0]}, ":start": {"S": start}},
    }


@router.get("/search", responses=answers(400))
def search(
    store: Database,
    q: Annotated[str, Query(min_length=2, max_length=64, pattern=TERM, examples=["oak"])],
    limit: Limit = 20,
    cursor: Cursor = None,
) -> SearchPage:
    """Products whose name starts with `q`."""
    term, keys = q.lower(), ["id", "initial", "name_lower"]
    scope = f"search/{term}"
    page = store.query(_by_name(term), LINE, limit, unseal(cursor, scope, keys), keys)
    rows = [ProductLine(**row) for row in page.items]
    return SearchPage(items=rows, count=len(rows), q=q, next_cursor=seal(page.next_key, scope))


@router.get("/suggest")
def suggest(
    store: Database,
    prefix: Annotated[str, Query(min_length=2, max_length=32, pattern=TERM, examples=["oa"])],
) -> Suggestions:
    """Up to ten names that start with `prefix`."""
    page = store.query(_by_name(prefix.lower()), ["name"], 100, None, ["id", "initial", "name_lower"])
    names = sorted({row["name"] for row in page.items})
    shown = names[:SUGGESTIONS]
    more = len(names) > len(shown) or page.next_key is not None
    return Suggestions(items=shown, count=len(shown), more=more)
