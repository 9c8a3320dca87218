"""Administration: of a company by its administrators, of the platform by its operators."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .cursors import Cursor, seal, unseal
from .inputs import DIGITS
from .models import PAGE, Limit, Name, NextCursor, Number, Stamp, Strict, Tenant, UserId
from .problems import answers
from .security import Admin, Operator
from .store import TICKETS, USERS, Database, Store

router = APIRouter(prefix="/api/v2/admin", tags=["admin"], route_class=PrivateRoute)

ROW = ["id", "name", "role"]
ROWS = 100
EXPORTED = ["number", "subject", "status", "requester_name"]
TENANTS = [
    {"id": "kestrel", "name": "Kestrel Freight", "plan": "standard", "seats": 34},
    {"id": "lumen", "name": "Lumen Studios", "plan": "plus", "seats": 31},
]
AUDIT = [
    {"at": "2026-10-30T09:14:00Z", "text": "The business hours were changed"},
    {"at": "2026-10-28T16:40:00Z", "text": "14 tickets were closed"},
]


class UserRow(BaseModel):
    id: Number
    name: Name
    role: str = Field(max_length=16)


class UserRows(BaseModel):
    items: list[UserRow] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class Event(BaseModel):
    at: Stamp
    text: str = Field(max_length=200)


class Audit(BaseModel):
    items: list[Event] = Field(max_length=20)


class Company(BaseModel):
    id: Tenant
    name: Name
    plan: str = Field(max_length=16)
    seats: Number


class Companies(BaseModel):
    items: list[Company] = Field(max_length=20)


class Settings(BaseModel):
    tenant_id: Tenant
    business_hours: str = Field(max_length=20)
    auto_close_days: int = Field(ge=1, le=365)


class RoleChange(Strict):
    role: Literal["member", "agent"]


def own(store: Store, admin: Admin, user_id: int) -> dict:
    row = store.item("desk-users", {"id": user_id}, [*ROW, "tenant_id"])
    if row is None or row["tenant_id"] != admin.tenant_id:
        raise HTTPException(404)
    return row


@router.get("/users", responses=answers(400, 401, 403))
def list_users(user: Admin, store: Database, limit: Limit = 20, cursor: Cursor = None) -> UserRows:
    """One page of the company's accounts."""
    scope = f"admin/users/{user.tenant_id}"
    page = store.page(USERS, user.tenant_id, ROW, limit, unseal(cursor, scope, list(USERS.keys)))
    return UserRows(items=[UserRow(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.post("/users/{user_id}/role", responses=answers(401, 403, 404, 413))
def change_role(user_id: UserId, body: RoleChange, user: Admin, store: Database) -> UserRow:
    """Make somebody an agent, or a member again."""
    row = own(store, user, user_id)
    store.change("desk-users", {"id": user_id}, {"role": body.role})
    return UserRow(**{**row, "role": body.role})


@router.delete("/users/{user_id}", status_code=204, responses=answers(401, 403, 404))
def remove_user(user_id: UserId, user: Admin, store: Database) -> None:
    """Remove an account of the company."""
    own(store, user, user_id)
    store.remove("desk-users", {"id": user_id})


@router.get("/settings", responses=answers(401, 403))
def settings(user: Admin) -> Settings:
    """The settings of the company."""
    return Settings(tenant_id=user.tenant_id, business_hours="08:00-18:00", auto_close_days=14)


@router.get("/tenants", responses=answers(401, 403))
def tenants(user: Operator) -> Companies:
    """All companies, for the people who run the platform."""
    return Companies(items=[Company(**row) for row in TENANTS])


@router.get(
    "/export",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "One slice of the export.",
            "content": {"text/csv": {"schema": {"type": "string", "maxLength": 40_000}}},
            "headers": {
                "X-Next-Cursor": {
                    "description": "`cursor` of the next slice; absent on the last one.",
                    "schema": {"type": "string", "maxLength": 512},
                },
            },
        },
        **answers(400, 401, 403),
    },
)
def export(
    user: Admin, store: Database,
    limit: Annotated[int, Query(ge=1, le=ROWS, description="Rows in this slice."), DIGITS] = ROWS,
    cursor: Cursor = None,
) -> Response:
    """The company's tickets, slice by slice."""
    scope = f"export/{user.tenant_id}"
    page = store.page(TICKETS, user.tenant_id, EXPORTED, limit, unseal(cursor, scope, list(TICKETS.keys)))
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["number", "subject", "status", "requester"])
    rows.writerows([row[name] for name in EXPORTED] for row in page.items)
    following = seal(page.next_key, scope)
    return PlainTextResponse(
        out.getvalue(), media_type="text/csv", headers={"x-next-cursor": following} if following else None
    )


@router.get("/audit", responses=answers(401, 403))
def audit(user: Admin) -> Audit:
    """What was changed lately."""
    return Audit(items=[Event(**row) for row in AUDIT])
