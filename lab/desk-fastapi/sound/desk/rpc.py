"""JSON-RPC 2.0, for the telephone system: a few methods, at most ten calls at a time."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from .answers import PrivateRoute
from .models import Scalars
from .problems import answers
from .security import SignedIn, User
from .store import TICKETS, Database, Store

router = APIRouter(tags=["rpc"], route_class=PrivateRoute)

MOST_CALLS = 10


class Call(BaseModel):
    jsonrpc: str = Field("2.0", max_length=3)
    method: str = Field(max_length=60, examples=["desk.ping"])
    params: Scalars | None = None
    id: int | None = Field(1, ge=0, le=2**53)


class RpcError(BaseModel):
    code: int = Field(ge=-32_768, le=-32_000)
    message: str = Field(max_length=80)


class RpcAnswer(BaseModel):
    jsonrpc: str = Field("2.0", max_length=3)
    id: int | None = Field(None, ge=0, le=2**53)
    result: str | int | dict[str, Any] | None = None
    error: RpcError | None = None


def ping(_: dict, __: User, ___: Store) -> str:
    return "pong"


def read_article(params: dict, _: User, store: Store) -> dict:
    number = params["id"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("not an id")
    row = store.item("desk-articles", {"id": number}, ["id", "title"])
    if row is None:
        raise KeyError(number)
    return row


def count_tickets(_: dict, user: User, store: Store) -> int:
    """How many of the newest hundred are open."""
    return sum(row["status"] == "open" for row in store.page(TICKETS, user.tenant_id, ["status"], 100).items)


METHODS = {"desk.ping": ping, "article.get": read_article, "ticket.count": count_tickets}


def error(number: Any, code: int, message: str) -> dict:
    known = number if isinstance(number, int) and not isinstance(number, bool) else None
    return {"jsonrpc": "2.0", "id": known, "error": {"code": code, "message": message}}


def answer(call: Any, user: User, store: Store) -> dict:
    if not isinstance(call, dict) or not isinstance(call.get("method"), str):
        return error(None, -32600, "Invalid Request")
    number, params = call.get("id"), call.get("params") or {}
    method = METHODS.get(call["method"])
    if method is None:
        return error(number, -32601, "Method not found")
    if not isinstance(params, dict):
        return error(number, -32602, "Invalid params")
    try:
        return {"jsonrpc": "2.0", "id": number, "result": method(params, user, store)}
    except (KeyError, TypeError, ValueError):
        return error(number, -32602, "Invalid params")


def serve(body: Any, user: User, store: Store) -> JSONResponse:
    if not isinstance(body, list):
        return JSONResponse(answer(body, user, store))
    if not 1 <= len(body) <= MOST_CALLS:
        return JSONResponse(error(None, -32600, "Invalid Request"))
    return JSONResponse([answer(call, user, store) for call in body])


def _schema(model: type[BaseModel]) -> dict:
    """One, or a batch of them."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return {"oneOf": [schema, {"type": "array", "maxItems": MOST_CALLS, "items": schema}]}


async def read_body(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        return None


@router.post(
    "/rpc",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _schema(Call)}}}},
    responses={
        200: {"content": {"application/json": {"schema": _schema(RpcAnswer)}}},
        **answers(401, 413),
    },
)
def rpc(body: Annotated[Any, Depends(read_body)], user: SignedIn, store: Database) -> JSONResponse:
    """One call, or a batch of at most ten."""
    return serve(body, user, store)
