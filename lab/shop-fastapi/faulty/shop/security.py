"""Sign-in and the current user."""

import base64
import hashlib
import hmac

import jwt
from fastapi import APIRouter, Depends, HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from . import config
from .db import table

router = APIRouter(tags=["auth"])
bearer = HTTPBearer(auto_error=False)


class Login(BaseModel):
    username: str
    password: str


class Token(BaseModel):
    access_token: str
    token_type: str = "bearer"


class Profile(BaseModel):
    username: str
    name: str
    role: str


def password_matches(password: str, stored: str) -> bool:
    _, rounds, salt, digest = stored.split("$")
    found = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), int(rounds))
    return hmac.compare_digest(base64.b64encode(found).decode(), digest)


def issue_token(user: dict) -> str:
    claims = {
        "sub": user["username"],
        "role": user["role"],
        "email": user["email"],
        "api_key": user["api_key"],
    }
    return jwt.encode(claims, config.JWT_SECRET, algorithm="HS256")


def current_user(credentials: HTTPAuthorizationCredentials | None = Security(bearer)) -> dict:
    if credentials is None:
        raise HTTPException(401, "Not authenticated")
    try:
        return jwt.decode(credentials.credentials, config.JWT_SECRET, algorithms=["HS256"])
    except jwt.PyJWTError as error:
        raise HTTPException(401, str(error))


def optional_user(credentials: HTTPAuthorizationCredentials | None = Security(bearer)) -> dict | None:
    if credentials is None:
        return None
    return current_user(credentials)


def admin(user: dict = Depends(current_user)) -> dict:
    if user["role"] != "admin":
        raise HTTPException(403, "Admins only")
    return user


@router.post("/auth/token", response_model=Token)
def token(login: Login):
    user = table("staff").get_item(Key={"username": login.username}).get("Item")
    if user is None or not password_matches(login.password, user["password_hash"]):
        raise HTTPException(401, "Wrong username or password")
    return {"access_token": issue_token(user)}


@router.get("/me", responses={200: {"model": Profile}})
def me(user: dict = Depends(current_user)):
    return table("staff").get_item(Key={"username": user["sub"]})["Item"]
