"""JSON-RPC 2.0, for the telephone system: a few methods, at most ten calls at a time."""

from django.http import JsonResponse
from rest_framework.views import APIView

from . import store

MOST_CALLS = 10


def ping(_, __):
    return "pong"


def read_article(params, _):
    number = params["id"]
    if not isinstance(number, int) or isinstance(number, bool):
        raise ValueError("not an id")
    row = store.one("desk-articles", {"id": number}, ["id", "title"])
    if row is None:
        raise KeyError(number)
    return row


def count_tickets(_, user):
    """How many of the newest hundred are open."""
    rows, _ = store.page(store.TICKETS, user.tenant_id, ["status"], 100)
    return sum(row["status"] == "open" for row in rows)


METHODS = {"desk.ping": ping, "article.get": read_article, "ticket.count": count_tickets}


def error(number, code, message):
    known = number if isinstance(number, int) and not isinstance(number, bool) else None
    return {"jsonrpc": "2.0", "id": known, "error": {"code": code, "message": message}}


def answer(call, user):
    if not isinstance(call, dict) or not isinstance(call.get("method"), str):
        return error(None, -32600, "Invalid Request")
    number, params = call.get("id"), call.get("params") or {}
    method = METHODS.get(call["method"])
    if method is None:
        return error(number, -32601, "Method not found")
    if not isinstance(params, dict):
        return error(number, -32602, "Invalid params")
    try:
        return {"jsonrpc": "2.0", "id": number, "result": method(params, user)}
    except (KeyError, TypeError, ValueError):
        return error(number, -32602, "Invalid params")


class Endpoint(APIView):
    schema = None  # see contract.py

    def post(self, request):
        """One call, or a batch of at most ten."""
        body = request.data
        if not isinstance(body, list):
            return JsonResponse(answer(body, request.user))
        if not 1 <= len(body) <= MOST_CALLS:
            return JsonResponse(error(None, -32600, "Invalid Request"))
        return JsonResponse([answer(call, request.user) for call in body], safe=False)
