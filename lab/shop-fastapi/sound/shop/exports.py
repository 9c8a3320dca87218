"""Exports in slices: at most 200 rows per request, the next slice by `X-Next-Cursor`.

One slice is one bounded read, streamed some rows at a time; a whole export is a walk of
the client, which can stop and go on when it likes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from .answers import PrivateRoute, PublicRoute
from .cursors import Cursor, seal, unseal
from .inputs import DIGITS
from .problems import answers
from .security import current_user
from .store import Database, plain, typed

public = APIRouter(tags=["exports"], route_class=PublicRoute)
private = APIRouter(tags=["exports"], route_class=PrivateRoute, dependencies=[Depends(current_user)])

ROWS = 200
# Rows that are written at once: one row at a time costs more in framing than in reading.
CHUNK = 50
COLUMNS = ["id", "name", "category", "price", "stock", "supplier_id", "description"]
ORDER_COLUMNS = ["customer_id", "order_id", "status", "total", "created_at"]
DESCRIPTION = 200

Rows = Annotated[int, Query(ge=1, le=ROWS, description="Rows in this slice."), DIGITS]


def _slice(media_type: str) -> dict:
    return {
        "description": "One slice of the export.",
        "content": {media_type: {"schema": {"type": "string", "maxLength": 200_000}}},
        "headers": {
            "X-Next-Cursor": {
                "description": "`cursor` of the next slice; absent on the last one.",
                "schema": {"type": "string", "maxLength": 512},
            },
            "Link": {"description": "The next slice as rel=next.", "schema": {"type": "string", "maxLength": 700}},
        },
    }


def _headers(path: str, limit: int, cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    return {"x-next-cursor": cursor, "link": f'<{path}?limit={limit}&cursor={cursor}>; rel="next"'}


def _csv(rows: list[dict]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    for start in range(0, len(rows), CHUNK):
        for row in rows[start:start + CHUNK]:
            writer.writerow({**row, "description": row["description"][:DESCRIPTION]})
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


@public.get(
    "/export/products.csv",
    response_class=StreamingResponse,
    responses={200: _slice("text/csv"), **answers(400)},
)
def export_products(store: Database, limit: Rows = ROWS, cursor: Cursor = None) -> StreamingResponse:
    """A slice of the products as CSV; descriptions are cut at 200 characters."""
    scope = "export/products"
    page = store.scan("products", COLUMNS, limit, unseal(cursor, scope, ["id"]), ["id"])
    headers = _headers("/export/products.csv", limit, seal(page.next_key, scope))
    return StreamingResponse(_csv(page.items), media_type="text/csv", headers=headers)


@private.get(
    "/export/orders",
    response_class=StreamingResponse,
    responses={200: _slice("application/x-ndjson"), **answers(400, 401)},
)
async def export_orders(store: Database, limit: Rows = ROWS, cursor: Cursor = None) -> StreamingResponse:
    """A slice of the orders, one JSON object per line."""
    scope, keys = "export/orders", ["customer_id", "order_id"]
    names = {f"#f{number}": name for number, name in enumerate(ORDER_COLUMNS)}
    after = unseal(cursor, scope, keys)
    answer = await store.aio.scan(
        TableName="orders",
        ProjectionExpression=", ".join(names),
        ExpressionAttributeNames=names,
        Limit=limit,
        **({"ExclusiveStartKey": typed(after)} if after else {}),
    )
    last = answer.get("LastEvaluatedKey")
    headers = _headers("/export/orders", limit, seal(plain(last) if last else None, scope))

    async def lines():
        for start in range(0, len(answer["Items"]), CHUNK):
            rows = (plain(item) for item in answer["Items"][start:start + CHUNK])
            yield "".join(json.dumps(row, default=float, sort_keys=True) + "\n" for row in rows)

    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)
