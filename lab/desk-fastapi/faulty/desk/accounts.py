"""Signing in and up, and one's own account."""

import time
from decimal import Decimal

from boto3.dynamodb.conditions import Key
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, Field

from . import db
from .security import current_user, hashed, issue_token, password_matches

router = APIRouter(prefix="/api/v2", tags=["accounts"])

ACCOUNT = ("id", "email", "name", "tenant_id", "role", "is_admin", "plan", "credit_cents", "language")


class Login(BaseModel):
    email: str = Field(max_length=120)
    password: str = Field(max_length=128)


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class Registration(BaseModel):
    email: str = Field(max_length=120)
    name: str = Field(max_length=80)
    password: str = Field(max_length=128)


class Reset(BaseModel):
    email: str = Field(max_length=120)


class Account(BaseModel):
    id: int
    email: str
    name: str
    tenant_id: str
    role: str
    is_admin: bool
    plan: str
    credit_cents: int
    language: str


class AccountChange(BaseModel):
    name: str | None = Field(None, max_length=80)
    language: str | None = Field(None, max_length=5)


class Done(BaseModel):
    ok: bool


def find_by_email(email: str) -> dict | None:
    rows = db.users.query(IndexName="by_email", KeyConditionExpression=Key("email").eq(email or "-"))["Items"]
    return db.plain(rows[0]) if rows else None


@router.post("/auth/token", response_model=Token, responses={401: {"description": "Wrong e-mail or password"}})
def token(login: Login, response: Response):
    user = find_by_email(login.email)
    if user is None or not password_matches(login.password, user["password_hash"]):
        raise HTTPException(401, "Wrong e-mail or password", headers={"WWW-Authenticate": "Bearer"})
    issued = issue_token(user)
    response.set_cookie("desk_session", issued)
    return {"access_token": issued}


@router.post("/auth/register", status_code=201, responses={201: {"model": Account}})
async def register(body: Registration, request: Request):
    fields = await request.json()
    if find_by_email(body.email):
        raise HTTPException(409, "This e-mail address has an account already")
    password = fields.pop("password")
    number = int(time.time() * 1000) % 10_000_000 + 10_000
    user = {
        "id": number, "tenant_id": "lumen", "title": "", "role": "member", "is_admin": False, "plan": "trial",
        "credit_cents": 0, "language": "en", "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "password_hash": hashed(password, f"desk{number}"), **fields,
    }
    db.users.put_item(Item=stored(user))
    return {name: user[name] for name in ACCOUNT}


@router.post("/auth/reset", response_model=Done, responses={404: {"description": "No such account"}})
def reset(body: Reset):
    if find_by_email(body.email) is None:
        raise HTTPException(404, "There is no account with this e-mail address")
    return {"ok": True}


@router.get("/me", response_model=Account, responses={401: {"description": "Please sign in"}})
def me(user: dict = Depends(current_user)):
    return db.one(db.users, "id", user["id"])


@router.patch("/me", response_model=Account, responses={401: {"description": "Please sign in"}})
async def change_me(body: AccountChange, request: Request, user: dict = Depends(current_user)):
    row = db.one(db.users, "id", user["id"])
    row.update(await request.json())
    row["id"] = user["id"]
    db.users.put_item(Item=stored(row))
    return row


def stored(row: dict) -> dict:
    """DynamoDB takes no floats."""
    return {name: Decimal(str(value)) if isinstance(value, float) else value for name, value in row.items()}
