"""Signing in and up, and one's own account."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .models import Done, Name, Number, Strict, Tenant
from .problems import answers
from .security import CHALLENGE, LIFETIME, SignedIn, User, issue, matches
from .store import BY_EMAIL, Database, Store

router = APIRouter(prefix="/api/v2", tags=["accounts"], route_class=PrivateRoute)

# Checked when the account is unknown, so that both refusals take the same time.
_NOBODY = "pbkdf2_sha256$4000$none$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
ACCOUNT = ["id", "email", "name", "tenant_id", "role", "plan", "language"]
EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,55}$"


class Login(Strict):
    email: str = Field(pattern=EMAIL, max_length=120)
    password: str = Field(min_length=1, max_length=128)


class Token(BaseModel):
    access_token: str = Field(max_length=1024)
    token_type: str = Field("bearer", max_length=16)
    expires_in: int = Field(LIFETIME, ge=1, le=86_400)


class Registration(Strict):
    email: str = Field(pattern=EMAIL, max_length=120)
    name: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=12, max_length=128)


class Reset(Strict):
    email: str = Field(pattern=EMAIL, max_length=120)


class Account(BaseModel):
    id: Number
    email: str = Field(max_length=120, description="Masked.")
    name: Name
    tenant_id: Tenant
    role: str = Field(max_length=16)
    plan: str = Field(max_length=16)
    language: str = Field(max_length=5)


class AccountChange(Strict):
    name: str | None = Field(None, min_length=1, max_length=80)
    language: str | None = Field(None, pattern=r"^[a-z]{2}$", max_length=5)


def masked(email: str) -> str:
    """`anna@mail.example` becomes `a***@m***`."""
    local, _, host = email.partition("@")
    return f"{local[:1]}***@{host[:1]}***"


def account(store: Store, user: User) -> Account:
    row = store.item("desk-users", {"id": user.id}, ACCOUNT)
    if row is None:
        raise HTTPException(404)
    return Account(**{**row, "email": masked(row["email"])})


@router.post("/auth/token", responses=answers(401, 413))
def token(login: Login, store: Database, response: Response) -> Token:
    """Exchange an e-mail address and a password for an access token."""
    found = store.page(BY_EMAIL, login.email, ["id", "name", "role", "tenant_id", "password_hash"], 1).items
    stored = found[0]["password_hash"] if found else _NOBODY
    if not matches(login.password, stored) or not found:
        raise HTTPException(401, headers=CHALLENGE)
    issued = issue(User(**{name: found[0][name] for name in User.model_fields}))
    response.set_cookie(
        "desk_session", issued, max_age=LIFETIME, path="/api/", secure=True, httponly=True, samesite="strict"
    )
    return Token(access_token=issued)


@router.post("/auth/register", status_code=202, responses=answers(413))
def register(body: Registration) -> Done:
    """Ask for an account. The rest is in the message that goes to the address, whether it is known already or not."""
    return Done(ok=bool(body.email))


@router.post("/auth/reset", responses=answers(413))
def reset(body: Reset) -> Done:
    """Ask for a new password; the answer is the same for every address."""
    return Done(ok=bool(body.email))


@router.get("/me", responses=answers(401, 404))
def me(user: SignedIn, store: Database) -> Account:
    """One's own account."""
    return account(store, user)


@router.patch("/me", responses=answers(401, 404, 413))
def change_me(body: AccountChange, user: SignedIn, store: Database) -> Account:
    """Change name or language; nothing else of an account is its owner's to change."""
    account(store, user)
    if values := body.model_dump(exclude_none=True):
        store.change("desk-users", {"id": user.id}, values)
    return account(store, user)
