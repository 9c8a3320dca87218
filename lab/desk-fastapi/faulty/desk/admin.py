"""Administration: of a company, and of the platform."""

import csv
import io

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from . import db
from .security import admin, current_user

router = APIRouter(prefix="/api/v2/admin", tags=["admin"])

TENANTS = [
    {"id": "kestrel", "name": "Kestrel Freight", "plan": "standard", "seats": 34},
    {"id": "lumen", "name": "Lumen Studios", "plan": "plus", "seats": 31},
]


class UserRow(BaseModel):
    id: int
    name: str
    role: str


class UserRows(BaseModel):
    items: list[UserRow]


class Event(BaseModel):
    at: str
    text: str


class Audit(BaseModel):
    items: list[Event]


class Tenant(BaseModel):
    id: str
    name: str
    plan: str
    seats: int


class Tenants(BaseModel):
    items: list[Tenant]


class Settings(BaseModel):
    tenant_id: str
    business_hours: str
    auto_close_days: int


class RoleChange(BaseModel):
    role: str = Field(max_length=10)


@router.get("/users", responses={200: {"model": UserRows}})
def list_users(user: dict = Depends(current_user)):
    return {"items": db.by(db.users, "by_tenant", "tenant_id", user["tenant_id"])}


@router.post("/users/{user_id}/role", response_model=UserRow, responses={404: {"description": "Not found"}})
def change_role(user_id: int, body: RoleChange, user: dict = Depends(current_user)):
    row = db.one(db.users, "id", user_id)
    if row is None or row["tenant_id"] != user["tenant_id"]:
        raise HTTPException(404, "Not found")
    db.users.update_item(
        Key={"id": user_id}, UpdateExpression="SET #r = :role",
        ExpressionAttributeNames={"#r": "role"}, ExpressionAttributeValues={":role": body.role},
    )
    return {**row, "role": body.role}


@router.delete("/users/{user_id}", status_code=204, responses={404: {"description": "Not found"}})
def remove_user(user_id: int, user: dict = Depends(admin)):
    row = db.one(db.users, "id", user_id)
    if row is None or row["tenant_id"] != user["tenant_id"]:
        raise HTTPException(404, "Not found")
    db.users.delete_item(Key={"id": user_id})


@router.get("/settings", response_model=Settings)
def settings(user: dict = Depends(admin)):
    return {"tenant_id": user["tenant_id"], "business_hours": "08:00-18:00", "auto_close_days": 14}


@router.get("/tenants", response_model=Tenants)
def tenants(user: dict = Depends(admin)):
    """All companies, for the people who run the platform."""
    return {"items": TENANTS}


# These two are behind the gate, see middleware.py.


@router.get("/export", responses={200: {"content": {"text/csv": {}}}}, response_class=PlainTextResponse)
def export(user: dict = Depends(current_user)):
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["number", "subject", "status", "requester"])
    for row in db.by(db.tickets, "by_tenant", "tenant_id", user["tenant_id"])[:100]:
        rows.writerow([row["number"], row["subject"], row["status"], row["requester_name"]])
    return PlainTextResponse(out.getvalue(), media_type="text/csv")


@router.get("/audit", response_model=Audit)
def audit(user: dict = Depends(current_user)):
    return {"items": [
        {"at": "2026-10-30T09:14:00Z", "text": "dora.keller changed the business hours"},
        {"at": "2026-10-28T16:40:00Z", "text": "carol.dekker closed 14 tickets"},
    ]}
