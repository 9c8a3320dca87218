"""Who asks, and what they may do: HS256 tokens with issuer, audience and a short life."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from pydantic import BaseModel

from .config import settings

ISSUER = "https://harbourdesk.io"
AUDIENCE = "desk-api"
LIFETIME = 3600
CHALLENGE = {"www-authenticate": 'Bearer realm="harbour-desk"'}

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="Token of POST /api/v2/auth/token.")


class User(BaseModel):
    id: int
    name: str
    role: str
    tenant_id: str


def matches(password: str, stored: str) -> bool:
    _, rounds, salt, digest = stored.split("$")
    found = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
    return hmac.compare_digest(base64.b64encode(found).decode(), digest)


def issue(user: User) -> str:
    now = int(time.time())
    claims = {
        "sub": str(user.id), "name": user.name, "role": user.role, "tenant": user.tenant_id,
        "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME,
    }
    return jwt.encode(claims, settings.jwt_secret, algorithm="HS256")


def optional_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> User | None:
    """The caller; None without credentials, 401 with wrong ones."""
    if credentials is None:
        return None
    try:
        claims = jwt.decode(
            credentials.credentials, settings.jwt_secret, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )
        return User(id=int(claims["sub"]), name=claims["name"], role=claims["role"], tenant_id=claims["tenant"])
    except (jwt.PyJWTError, KeyError, ValueError):
        invalid = {"www-authenticate": CHALLENGE["www-authenticate"] + ', error="invalid_token"'}
        raise HTTPException(401, headers=invalid) from None


def current_user(user: Annotated[User | None, Depends(optional_user)]) -> User:
    """The caller, or 401 with a challenge."""
    if user is None:
        raise HTTPException(401, headers=CHALLENGE)
    return user


SignedIn = Annotated[User, Depends(current_user)]


def holder(needed: SecurityScopes, user: SignedIn) -> User:
    """The caller with one of the roles that the operation asks for in the contract, or 403."""
    if user.role not in needed.scopes:
        raise HTTPException(403)
    return user


# Roles stand beside the scheme in the contract (OpenAPI 3.1, Security Requirement Object): administrators are those
# of a company, operators run the platform.
operator = Security(holder, scopes=["operator"])
Admin = Annotated[User, Security(holder, scopes=["admin"])]
Operator = Annotated[User, operator]
