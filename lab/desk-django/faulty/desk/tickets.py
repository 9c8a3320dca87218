"""Tickets, their comments and attachments."""
import time
import uuid

from botocore.exceptions import ClientError
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.response import Response

from . import serializers, store
from .accounts import checked
from .parameters import integer, number, text

PUBLISHED = ("id", "ticket_id", "author_id", "author_name", "text", "created_at")


def mine(user):
    """What a person sees in the list: members their own, everybody else the company's."""
    if user.role == "member":
        return store.by(store.tickets, "by_requester", "requester_id", user.id)
    return store.by(store.tickets, "by_tenant", "tenant_id", user.tenant_id)


def may_see(user, ticket):
    if ticket is not None and ticket.get("shared_with") == user.id:
        return True
    if ticket is None or ticket["tenant_id"] != user.tenant_id:
        return False
    return user.role != "member" or ticket["requester_id"] == user.id


@extend_schema(
    methods=["GET"],
    parameters=[text("status", "open"), integer("limit", 20)],
    responses=serializers.many(serializers.TicketSerializer),
)
@extend_schema(
    methods=["POST"], request=serializers.NewTicketSerializer, responses={201: serializers.TicketSerializer}
)
@api_view(["GET", "POST"])
def tickets(request):
    if request.method == "POST":
        return open_ticket(request)
    status, limit = request.query_params.get("status"), number(request, "limit", 20)
    rows = [row for row in mine(request.user) if status in (None, row["status"])]
    return Response({"items": rows[:limit]})


def open_ticket(request):
    given = checked(serializers.NewTicketSerializer, request)
    ticket = {
        "id": str(uuid.uuid4()), "number": int(time.time()) % 1_000_000, "tenant_id": request.user.tenant_id,
        "requester_id": request.user.id, "requester_name": request.user.name, "assignee_id": None, "status": "open",
        "priority": "normal", "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"), **given, **request.data,
    }
    store.tickets.put_item(Item=store.stored(ticket))
    return Response(ticket, status=201)


@extend_schema(
    parameters=[text("field", "priority"), text("value", "high")],
    responses=serializers.many(serializers.TicketSerializer),
)
@api_view(["GET"])
def find_tickets(request):
    field, value = request.query_params.get("field", "priority"), request.query_params.get("value", "high")
    values = {":tenant": request.user.tenant_id, ":me": request.user.id, ":value": value}
    try:
        found = store.tickets.scan(
            FilterExpression=f"tenant_id = :tenant AND requester_id = :me AND {field} = :value",
            ExpressionAttributeValues=values,
        )["Items"]
    except ClientError as error:
        raise ParseError(error.response["Error"]["Message"]) from error
    return Response({"items": store.plain(found)})


@extend_schema(responses=serializers.many(serializers.TicketSerializer))
@api_view(["GET"])
def shared_tickets(request):
    """Tickets of others that their requesters have shared with me."""
    rows = store.by(store.tickets, "by_reader", "shared_with", request.user.id)[:50]
    return Response({"items": [serializers.TicketSerializer(row).data for row in rows]})


@extend_schema(methods=["GET"], responses=serializers.TicketSerializer)
@extend_schema(methods=["PATCH"], request=serializers.TicketChangeSerializer, responses=serializers.TicketSerializer)
@api_view(["GET", "PATCH"])
def ticket(request, ticket_id):
    row = store.one(store.tickets, "id", str(ticket_id))
    if row is None:
        raise NotFound()
    if request.method == "PATCH":
        if not may_see(request.user, row):
            raise NotFound()
        checked(serializers.TicketChangeSerializer, request)
        row.update(request.data)
        row["id"] = str(ticket_id)
        store.tickets.put_item(Item=store.stored(row))
    return Response(row)


@extend_schema(responses=serializers.many(serializers.CommentSerializer))
@api_view(["GET"])
def comments(request, ticket_id):
    return Response({"items": store.by(store.comments, "by_ticket", "ticket_id", str(ticket_id))})


@extend_schema(responses=serializers.CommentSerializer)
@api_view(["GET"])
def comment(request, ticket_id, comment_id):
    if not may_see(request.user, store.one(store.tickets, "id", str(ticket_id))):
        raise NotFound()
    row = store.one(store.comments, "id", comment_id[:64])
    if row is None:
        raise NotFound()
    return Response({name: row[name] for name in PUBLISHED})


@extend_schema(responses=serializers.many(serializers.AttachmentSerializer))
@api_view(["GET"])
def attachments(request):
    rows = store.by(store.attachments, "by_owner", "owner_id", request.user.id)[:50]
    return Response({"items": [serializers.AttachmentSerializer(row).data for row in rows]})


@extend_schema(responses=serializers.AttachmentSerializer)
@api_view(["GET"])
def attachment(request, attachment_id):
    row = store.one(store.attachments, "id", attachment_id[:64])
    if row is None:
        raise NotFound()
    return Response(serializers.AttachmentSerializer(row).data)
