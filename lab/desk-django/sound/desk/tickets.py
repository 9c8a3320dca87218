"""Tickets, their comments and attachments: a member sees their own, agents and administrators the company's."""
import time
import uuid

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import bodies, paging, queries, serializers, store

TICKET = serializers.names(serializers.TicketSerializer)
COMMENT = serializers.names(serializers.CommentSerializer)
ATTACHMENT = serializers.names(serializers.AttachmentSerializer)


def in_path(name, **schema):
    return OpenApiParameter(name, {"type": "string", **schema}, OpenApiParameter.PATH)


TICKET_ID = in_path("ticket_id", format="uuid")
COMMENT_ID = in_path("comment_id", pattern="^cmt_[A-Za-z0-9]{14}$", maxLength=18)
ATTACHMENT_ID = in_path("attachment_id", pattern="^[A-Za-z0-9]{22}$", maxLength=22)


def own(user, ticket_id):
    """The ticket, or 404 when it is not there or not the caller's to see."""
    ticket = store.one("desk-tickets", {"id": str(ticket_id)}, [*TICKET, "shared_with"])
    if ticket is not None and ticket.pop("shared_with", None) == user.id:
        return ticket
    if ticket is None or ticket["tenant_id"] != user.tenant_id:
        raise Http404
    if user.role == "member" and ticket["requester_id"] != user.id:
        raise Http404
    return {name: value for name, value in ticket.items() if value is not None}


def listed(user, query, equal=None):
    """One page of what the caller may see."""
    index, owner = (store.MY_TICKETS, user.id) if user.role == "member" else (store.TICKETS, user.tenant_id)
    return paging.read(index, owner, TICKET, query, "tickets", equal)


class Tickets(APIView):
    @extend_schema(operation_id="tickets", parameters=[queries.TicketQuery], responses=serializers.TicketPage)
    def get(self, request):
        query = queries.read(queries.TicketQuery, request)
        return Response(listed(request.user, query, ("status", query["status"]) if "status" in query else None))

    @extend_schema(
        operation_id="open_ticket", request=serializers.NewTicketSerializer,
        responses={201: serializers.TicketSerializer},
    )
    def post(self, request):
        """Open a ticket of one's own."""
        ticket = {
            **bodies.read(serializers.NewTicketSerializer, request),
            "id": str(uuid.uuid4()), "number": int(time.time()) % 1_000_000, "tenant_id": request.user.tenant_id,
            "requester_id": request.user.id, "requester_name": request.user.name, "status": "open",
            "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        store.put_new("desk-tickets", ticket)
        return Response(ticket, status=201)


class Find(APIView):
    @extend_schema(operation_id="find_tickets", parameters=[queries.FindQuery], responses=serializers.TicketPage)
    def get(self, request):
        """One page of the tickets of a priority or a status."""
        query = queries.read(queries.FindQuery, request)
        return Response(listed(request.user, query, (query["field"], query["value"])))


class Shared(APIView):
    @extend_schema(operation_id="shared_tickets", parameters=[paging.PageQuery], responses=serializers.TicketPage)
    def get(self, request):
        """One page of the tickets of others that their requesters have shared with the caller."""
        query = queries.read(paging.PageQuery, request)
        return Response(paging.read(store.SHARED, request.user.id, TICKET, query, "shared"))


class Ticket(APIView):
    @extend_schema(operation_id="ticket", parameters=[TICKET_ID], responses=serializers.TicketSerializer)
    def get(self, request, ticket_id):
        return Response(own(request.user, ticket_id))

    @extend_schema(
        operation_id="change_ticket", parameters=[TICKET_ID], request=serializers.TicketChangeSerializer,
        responses=serializers.TicketSerializer,
    )
    def patch(self, request, ticket_id):
        """Change the text of a ticket; those with whom it is shared read it only."""
        if own(request.user, ticket_id)["tenant_id"] != request.user.tenant_id:
            raise Http404
        if values := bodies.read(serializers.TicketChangeSerializer, request):
            store.change("desk-tickets", {"id": str(ticket_id)}, values)
        return Response(own(request.user, ticket_id))


class Comments(APIView):
    @extend_schema(
        operation_id="comments", parameters=[TICKET_ID, paging.PageQuery], responses=serializers.CommentPage
    )
    def get(self, request, ticket_id):
        query = queries.read(paging.PageQuery, request)
        own(request.user, ticket_id)
        return Response(paging.read(store.COMMENTS, str(ticket_id), COMMENT, query, "comments"))


class Comment(APIView):
    @extend_schema(
        operation_id="comment", parameters=[TICKET_ID, COMMENT_ID], responses=serializers.CommentSerializer
    )
    def get(self, request, ticket_id, comment_id):
        """One comment of this ticket."""
        own(request.user, ticket_id)
        row = store.one("desk-comments", {"id": comment_id}, COMMENT)
        if row is None or row["ticket_id"] != str(ticket_id):
            raise Http404
        return Response(row)


class Attachments(APIView):
    @extend_schema(operation_id="attachments", parameters=[paging.PageQuery], responses=serializers.AttachmentPage)
    def get(self, request):
        """One page of one's own attachments."""
        query = queries.read(paging.PageQuery, request)
        return Response(paging.read(store.ATTACHMENTS, request.user.id, ATTACHMENT, query, "attachments"))


class Attachment(APIView):
    @extend_schema(
        operation_id="attachment", parameters=[ATTACHMENT_ID], responses=serializers.AttachmentSerializer
    )
    def get(self, request, attachment_id):
        row = store.one("desk-attachments", {"id": attachment_id}, [*ATTACHMENT, "tenant_id"])
        if row is None or row.pop("tenant_id") != request.user.tenant_id:
            raise Http404
        if request.user.role == "member" and row["owner_id"] != request.user.id:
            raise Http404
        return Response(row)
