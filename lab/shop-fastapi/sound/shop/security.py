"""Sign-in and the current user: HS256 tokens with issuer, audience and a short life."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Annotated

import jwt
from fastapi import APIRouter, Depends, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .config import settings
from .problems import answers
from .store import Database

ISSUER = "https://plank-and-tide.shop"
AUDIENCE = "shop-api"
LIFETIME = 3600
CHALLENGE = {"www-authenticate": 'Bearer realm="plank-and-tide"'}
# Checked when the account is unknown, so that both refusals take the same time.
_NOBODY = "pbkdf2_sha256$12000$none$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

router = APIRouter(tags=["accounts"], route_class=PrivateRoute)
bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Token of POST /auth/token.")


class Login(BaseModel):
    username: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=128)


class Token(BaseModel):
    access_token: str = Field(max_length=1024)
    token_type: str = Field("bearer", max_length=16)
    expires_in: int = Field(LIFETIME, ge=1)


class Profile(BaseModel):
    username: str = Field(max_length=64)
    name: str = Field(max_length=128)
    role: str = Field(max_length=16)


class User(BaseModel):
    username: str
    role: str


def _matches(password: str, stored: str) -> bool:
    _, rounds, salt, digest = stored.split("$")
    found = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
    return hmac.compare_digest(base64.b64encode(found).decode(), digest)


def _token(username: str, role: str) -> str:
    now = int(time.time())
    claims = {"sub": username, "role": role, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME}
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256")


def current_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> User:
    """The signed-in user, or 401 with a challenge."""
    if credentials is None:
        raise HTTPException(401, headers=CHALLENGE)
    try:
        claims = jwt.decode(
            credentials.credentials,
            settings.jwt_secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )
        return User(username=claims["sub"], role=claims["role"])
    except (jwt.PyJWTError, KeyError, ValueError):
        invalid = {"www-authenticate": CHALLENGE["www-authenticate"] + ', error="invalid_token"'}
        raise HTTPException(401, headers=invalid) from None


SignedIn = Annotated[User, Depends(current_user)]


def holder(needed: SecurityScopes, user: SignedIn) -> User:
    """The signed-in user with one of the roles that the operation asks for in the contract, or 403."""
    if user.role not in needed.scopes:
        raise HTTPException(403)
    return user


# The role stands beside the scheme in the contract (OpenAPI 3.1, Security Requirement Object).
admin = Security(holder, scopes=["admin"])


@router.post("/auth/token", responses=answers(401, 413))
def token(login: Login, store: Database) -> Token:
    """Exchange a user name and a password for an access token."""
    user = store.item("staff", {"username": login.username}, ["username", "role", "password_hash"])
    if not _matches(login.password, user["password_hash"] if user else _NOBODY) or user is None:
        raise HTTPException(401, headers=CHALLENGE)
    return Token(access_token=_token(user["username"], user["role"]))


@router.get("/me", responses=answers(401, 404))
def me(user: SignedIn, store: Database) -> Profile:
    """The signed-in account."""
    row = store.item("staff", {"username": user.username}, ["username", "name", "role"])
    if row is None:
        raise HTTPException(404)
    return Profile(**row)
