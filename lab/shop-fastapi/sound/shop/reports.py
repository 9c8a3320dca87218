"""Figures for the shop window, from totals that a background task keeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from . import config
from .answers import PublicRoute
from .figures import Figures
from .inputs import DIGITS
from .models import DailyReport, DayCount, SalesGroup, SalesReport

router = APIRouter(tags=["reports"], route_class=PublicRoute)


@router.get("/reports/sales")
async def sales(
    figures: Figures,
    group_by: Annotated[Literal["status", "day"], Query()] = "status",
) -> SalesReport:
    """Orders by status or by day."""
    groups = figures.by_status if group_by == "status" else figures.by_day
    rows = [SalesGroup(group=name, orders=number) for name, number in sorted(groups.items())]
    return SalesReport(items=rows, count=len(rows))


@router.get("/reports/daily")
async def daily(figures: Figures, days: Annotated[int, Query(ge=1, le=31), DIGITS] = 7) -> DailyReport:
    """Orders of the last days, at most 31."""
    first = config.today() - timedelta(days=days - 1)
    dates = [first + timedelta(days=number) for number in range(days)]
    rows = [DayCount(day=day, orders=figures.by_day[day.isoformat()]) for day in dates]
    return DailyReport(items=rows, count=len(rows))
