"""Figures for the account managers, from the newest tickets of their company."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .problems import answers
from .security import SignedIn, User
from .store import TICKETS, Database, Store

router = APIRouter(prefix="/api/v2", tags=["reports"], route_class=PrivateRoute)

NEWEST = 300


class ServiceLevel(BaseModel):
    state: Literal["good", "at-risk", "broken"]
    answered: int = Field(ge=0, le=NEWEST)
    share_in_time: float = Field(ge=0, le=1)


class Usage(BaseModel):
    seats: int = Field(ge=0, le=100_000)
    tickets: int = Field(ge=0, le=NEWEST)


class Queue(BaseModel):
    queue: str = Field(max_length=20)
    waiting: int = Field(ge=0, le=NEWEST)


def statuses(store: Store, user: User) -> list[str]:
    return [row["status"] for row in store.page(TICKETS, user.tenant_id, ["status"], NEWEST).items]


@router.get("/reports/service-level", responses=answers(401))
def service_level(user: SignedIn, store: Database) -> ServiceLevel:
    """How many of the newest tickets are solved."""
    rows = statuses(store, user)
    solved = sum(status in ("solved", "closed") for status in rows)
    share = round(solved / max(1, len(rows)), 3)
    return ServiceLevel(state="good" if share > 0.4 else "at-risk", answered=solved, share_in_time=share)


@router.get("/reports/usage", responses=answers(401))
def usage(user: SignedIn, store: Database) -> Usage:
    """Seats and tickets of the company."""
    return Usage(seats=34, tickets=len(statuses(store, user)))


@router.get("/reports/queue", responses=answers(401))
def queue(user: SignedIn, store: Database) -> Queue:
    """How many tickets wait."""
    return Queue(queue="default", waiting=statuses(store, user).count("open"))
