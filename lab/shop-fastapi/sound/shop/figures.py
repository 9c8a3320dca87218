"""Small totals over the tables, renewed in the background.

One task reads the tables page by page and keeps counters only, so that no
request ever waits for a whole table and no table is ever held in memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from .store import Store

log = logging.getLogger("shop")

DAYS = 400


@dataclass
class Totals:
    """Counters: categories of products, orders by status and by day (the last 400 days)."""

    categories: Counter[str] = field(default_factory=Counter)
    by_status: Counter[str] = field(default_factory=Counter)
    by_day: Counter[str] = field(default_factory=Counter)


async def _pages(store: Store, table: str, fields: list[str]):
    names = {f"#f{number}": name for number, name in enumerate(fields)}
    request = {"TableName": table, "ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    while True:
        answer = await store.aio.scan(**request, Limit=500)
        yield answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        await asyncio.sleep(0)


async def count(store: Store) -> Totals:
    totals = Totals()
    async for page in _pages(store, "products", ["category"]):
        totals.categories.update(item["category"]["S"] for item in page)
    async for page in _pages(store, "orders", ["status", "created_at"]):
        totals.by_status.update(item["status"]["S"] for item in page)
        totals.by_day.update(item["created_at"]["S"][:10] for item in page)
        for day in sorted(totals.by_day)[:-DAYS]:
            del totals.by_day[day]
    return totals


async def renew(app, store: Store, seconds: float) -> None:
    """Replace `app.state.figures` every `seconds` until cancelled."""
    while True:
        await asyncio.sleep(seconds)
        try:
            app.state.figures = await count(store)
        except Exception:
            log.exception("totals were not renewed")


def current_figures(request: Request) -> Totals:
    return request.app.state.figures


Figures = Annotated[Totals, Depends(current_figures)]
