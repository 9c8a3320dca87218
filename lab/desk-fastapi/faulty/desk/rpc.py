"""JSON-RPC 2.0, for the telephone system."""

import json

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from . import db
from .security import optional_user

router = APIRouter(tags=["rpc"])


class Call(BaseModel):
    jsonrpc: str = Field("2.0", max_length=3)
    method: str = Field(max_length=60, examples=["desk.ping"])
    params: dict | None = None
    id: int | None = 1


def ping(params, user):
    return "pong"


def read_article(params, user):
    row = db.one(db.articles, "id", int(params["id"]))
    return {"id": row["id"], "title": row["title"]}


def count_tickets(params, user):
    if user is None:
        raise PermissionError
    return len(db.by(db.tickets, "by_tenant", "tenant_id", user["tenant_id"]))


def list_methods(params, user):
    return sorted(METHODS)


def debug_config(params, user):
    if user is None or user["role"] != "operator":
        raise PermissionError
    return {"workers": 1}


METHODS = {
    "desk.ping": ping,
    "article.get": read_article,
    "ticket.count": count_tickets,
    "system.listMethods": list_methods,
    "debug.config": debug_config,
}


def answer(call, user: dict | None) -> dict:
    if not isinstance(call, dict) or not isinstance(call.get("method"), str):
        return {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "Invalid Request"}}
    head = {"jsonrpc": "2.0", "id": call.get("id")}
    method = METHODS.get(call["method"])
    if method is None:
        return {**head, "error": {"code": -32601, "message": "Method not found"}}
    try:
        return {**head, "result": method(call.get("params") or {}, user)}
    except PermissionError:
        return {**head, "error": {"code": -32001, "message": "Please sign in"}}
    except (KeyError, TypeError, ValueError):
        return {**head, "error": {"code": -32602, "message": "Invalid params"}}


@router.post(
    "/rpc",
    openapi_extra={"security": [{}], "requestBody": {"content": {"application/json": {"schema": Call.model_json_schema()}}}},
)
async def rpc(request: Request, user: dict | None = Depends(optional_user)):
    try:
        body = json.loads(await request.body())
    except ValueError:
        return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}})
    if isinstance(body, list):
        return JSONResponse([answer(call, user) for call in body])
    return JSONResponse(answer(body, user))
