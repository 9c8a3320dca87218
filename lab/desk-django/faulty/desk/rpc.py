"""JSON-RPC 2.0, for the telephone system."""

import json

from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from . import store
from .tokens import identify


def ping(params, user):
    return "pong"


def read_article(params, user):
    row = store.one(store.articles, "id", int(params["id"]))
    return {"id": row["id"], "title": row["title"]}


def count_tickets(params, user):
    if user is None:
        raise PermissionError
    return len(store.by(store.tickets, "by_tenant", "tenant_id", user.tenant_id))


def list_methods(params, user):
    return sorted(METHODS)


def debug_config(params, user):
    if user is None or user.role != "operator":
        raise PermissionError
    return {"workers": 1}


METHODS = {
    "desk.ping": ping,
    "article.get": read_article,
    "ticket.count": count_tickets,
    "system.listMethods": list_methods,
    "debug.config": debug_config,
}


def answer(call, user):
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


@csrf_exempt
@require_POST
def endpoint(request):
    caller = identify(request)
    try:
        body = json.loads(request.body)
    except ValueError:
        return JsonResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "Parse error"}})
    if isinstance(body, list):
        return JsonResponse([answer(call, caller) for call in body], safe=False)
    return JsonResponse(answer(body, caller))
