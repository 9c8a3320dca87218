"""Who asks."""

from fastapi import Depends, Header, HTTPException

from . import store


def verify_key(x_key: str | None = Header(default=None)):
    if x_key == "bad":
        raise HTTPException(403)


async def token(authorization: str | None = Header(default=None)):
    return authorization


async def current_member(value: str | None = Depends(token)):
    return store.member_of(value)


class Paging:
    def __init__(self, limit: int = 20, offset: int = 0):
        self.limit = limit
        self.offset = offset
