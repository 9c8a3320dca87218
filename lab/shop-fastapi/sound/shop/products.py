"""Products: page by page, by id, in small batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from .answers import PrivateRoute, PublicRoute
from .bounded import TtlCache
from .cursors import Cursor, seal, unseal
from .inputs import DIGITS
from .models import Limit, ProductDetail, ProductId, ProductLine, ProductList, ProductPage, ProductSummary
from .problems import answers, problem
from .store import Database

router = APIRouter(tags=["products"], route_class=PublicRoute)
visits = APIRouter(tags=["products"], route_class=PrivateRoute)

SUMMARY = ["id", "name", "category", "price", "stock"]
LINE = ["id", "name", "category", "price"]
DESCRIPTION = 1500

SORTS: dict[str, tuple[Callable[[dict], object], bool]] = {
    "name": (lambda row: (row["name"], row["id"]), False),
    "price": (lambda row: (row["price"], row["id"]), False),
    "-price": (lambda row: (row["price"], row["id"]), True),
}

details: TtlCache[str, ProductDetail] = TtlCache(entries=256, seconds=30)


@router.get("/products", responses=answers(400))
def list_products(
    store: Database,
    limit: Limit = 50,
    category: Annotated[str | None, Query(pattern=r"^[a-z]{1,40}$", max_length=40, examples=["chairs"])] = None,
    sort: Annotated[Literal["name", "price", "-price"], Query(description="Order inside the page.")] = "name",
    cursor: Cursor = None,
) -> ProductPage:
    """One page of products."""
    scope = f"products/{category or ''}"
    if category:
        keys = ["id", "category"]
        request = {
            "TableName": "products",
            "IndexName": "by_category",
            "KeyConditionExpression": "category = :category",
            "ExpressionAttributeValues": {":category": {"S": category}},
        }
        page = store.query(request, SUMMARY, limit, unseal(cursor, scope, keys), keys)
    else:
        keys = ["id"]
        page = store.scan("products", SUMMARY, limit, unseal(cursor, scope, keys), keys)
    key, descending = SORTS[sort]
    rows = [ProductSummary(**row) for row in sorted(page.items, key=key, reverse=descending)]
    return ProductPage(items=rows, count=len(rows), next_cursor=seal(page.next_key, scope))


@router.get("/products/by-ids")
def products_by_ids(
    store: Database,
    ids: Annotated[
        str,
        Query(
            pattern=r"^prod-[0-9]{5}(,prod-[0-9]{5}){0,49}$",
            max_length=549,
            description="One to fifty ids, separated by commas; repeated ones count once.",
            examples=["prod-00001,prod-00002"],
        ),
    ],
) -> ProductList:
    """Several products in one read; unknown ids are left out."""
    wanted = list(dict.fromkeys(ids.split(",")))
    found = {row["id"]: row for row in store.items("products", [{"id": one} for one in wanted], LINE)}
    rows = [ProductLine(**found[one]) for one in wanted if one in found]
    return ProductList(items=rows, count=len(rows))


@router.get("/products/{product_id}", responses=answers(404))
def product_detail(product_id: ProductId, store: Database) -> ProductDetail:
    """One product."""
    known = details.find(product_id)
    if known is None:
        row = store.item("products", {"id": product_id}, [*SUMMARY, "description", "tags"])
        if row is None:
            raise HTTPException(404)
        text = row.pop("description")
        known = ProductDetail(
            **row, description=text[:DESCRIPTION], description_complete=len(text) <= DESCRIPTION
        )
        details.put(product_id, known)
    recent.note(product_id)
    return known


@router.get("/products/{product_id}/related", responses=answers(404))
def related_products(
    product_id: ProductId,
    store: Database,
    depth: Annotated[int, Query(ge=1, le=3), DIGITS] = 1,
) -> ProductList:
    """Up to nine products of the same category: three for each step of `depth`."""
    row = store.item("products", {"id": product_id}, ["category"])
    if row is None:
        raise HTTPException(404)
    request = {
        "TableName": "products",
        "IndexName": "by_category",
        "KeyConditionExpression": "category = :category AND id > :id",
        "ExpressionAttributeValues": {":category": {"S": row["category"]}, ":id": {"S": product_id}},
    }
    page = store.query(request, LINE, 3 * depth, None, ["id", "category"])
    rows = [ProductLine(**item) for item in page.items]
    return ProductList(items=rows, count=len(rows))


@router.get(
    "/v1/products",
    deprecated=True,
    status_code=410,
    responses={410: answers(410)[410]},
    response_class=Response,
)
def products_v1() -> Response:
    """Gone: use GET /products."""
    return problem(
        410,
        headers={
            "deprecation": "@1767225600",
            "sunset": "Wed, 01 Jul 2026 00:00:00 GMT",
            "link": '</products>; rel="successor-version"',
        },
    )


class Stock(BaseModel):
    id: str = Field(max_length=20)
    stock: int = Field(ge=0, le=1_000_000)


@router.get("/inventory/{product_id}", responses=answers(404))
def inventory(product_id: ProductId, store: Database) -> Stock:
    """How many are in stock."""
    row = store.item("products", {"id": product_id}, ["id", "stock"])
    if row is None:
        raise HTTPException(404)
    return Stock(**row)


class Visit(BaseModel):
    path: str = Field(max_length=80)
    at: datetime


class Visits(BaseModel):
    items: list[Visit] = Field(max_length=12)
    count: int = Field(ge=0, le=12)


class Recent:
    """The twelve products looked at last, filled up with bestsellers: its length never changes."""

    def __init__(self, bestsellers: list[str]) -> None:
        started = datetime.now(UTC).replace(microsecond=0)
        self._seen: deque[tuple[str, datetime]] = deque(
            ((product_id, started) for product_id in bestsellers), maxlen=len(bestsellers)
        )

    def note(self, product_id: str) -> None:
        # A second look at the same product within the list moves nothing.
        if all(seen != product_id for seen, _ in list(self._seen)):
            self._seen.appendleft((product_id, datetime.now(UTC).replace(microsecond=0)))

    def rows(self) -> list[Visit]:
        return [Visit(path=f"/products/{product_id}", at=at) for product_id, at in list(self._seen)]


recent = Recent([f"prod-{number:05d}" for number in range(101, 113)])


@visits.get("/recent")
def recently_seen() -> Visits:
    """The products that visitors looked at last."""
    rows = recent.rows()
    return Visits(items=rows, count=len(rows))
