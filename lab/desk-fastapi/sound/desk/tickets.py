"""Tickets, their comments and attachments: a member sees their own, agents and administrators the company's."""

from __future__ import annotations

import time
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query

from .answers import PrivateRoute
from .cursors import Cursor, seal, unseal
from .models import (
    ATTACHMENT,
    COMMENT,
    TICKET,
    Attachment,
    AttachmentId,
    AttachmentPage,
    Comment,
    CommentId,
    CommentPage,
    Limit,
    NewTicket,
    Status,
    Ticket,
    TicketChange,
    TicketId,
    TicketPage,
)
from .problems import answers
from .security import SignedIn, User
from .store import ATTACHMENTS, COMMENTS, MY_TICKETS, SHARED, TICKETS, Database, Store

router = APIRouter(prefix="/api/v2", tags=["tickets"], route_class=PrivateRoute)

Field_ = Literal["priority", "status"]
Word = Annotated[str, Query(pattern=r"^[a-z]{1,10}$", max_length=10)]


def own(store: Store, user: User, ticket_id: uuid.UUID) -> dict:
    """The ticket, or 404 when it is not there or not the caller's to see."""
    ticket = store.item("desk-tickets", {"id": str(ticket_id)}, [*TICKET, "shared_with"])
    if ticket is not None and ticket.pop("shared_with", None) == user.id:
        return ticket
    if ticket is None or ticket["tenant_id"] != user.tenant_id:
        raise HTTPException(404)
    if user.role == "member" and ticket["requester_id"] != user.id:
        raise HTTPException(404)
    return ticket


def listed(
    store: Store, user: User, limit: int, cursor: str | None = None, equal: tuple[str, str] | None = None
) -> TicketPage:
    """One page of what the caller may see."""
    index, owner = (MY_TICKETS, user.id) if user.role == "member" else (TICKETS, user.tenant_id)
    scope = f"tickets/{owner}/{equal}"
    page = store.page(index, owner, TICKET, limit, unseal(cursor, scope, list(index.keys)), equal)
    return TicketPage(items=[Ticket(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/tickets", responses=answers(400, 401))
def list_tickets(
    user: SignedIn, store: Database, status: Status | None = None, limit: Limit = 20, cursor: Cursor = None
) -> TicketPage:
    """One page of the tickets, the newest first."""
    return listed(store, user, limit, cursor, ("status", status) if status else None)


@router.post("/tickets", status_code=201, responses=answers(401, 413))
def open_ticket(body: NewTicket, user: SignedIn, store: Database) -> Ticket:
    """Open a ticket of one's own."""
    ticket = {
        **body.model_dump(), "id": str(uuid.uuid4()), "number": int(time.time()) % 1_000_000,
        "tenant_id": user.tenant_id, "requester_id": user.id, "requester_name": user.name, "status": "open",
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    store.put_new("desk-tickets", "id", ticket)
    return Ticket(**ticket)


@router.get("/tickets/find", responses=answers(400, 401))
def find_tickets(
    user: SignedIn, store: Database, field: Field_ = "priority", value: Word = "high", limit: Limit = 20,
    cursor: Cursor = None,
) -> TicketPage:
    """One page of the tickets of a priority or a status."""
    return listed(store, user, limit, cursor, (field, value))


@router.get("/tickets/shared", responses=answers(400, 401))
def shared_tickets(user: SignedIn, store: Database, limit: Limit = 20, cursor: Cursor = None) -> TicketPage:
    """One page of the tickets of others that their requesters have shared with the caller."""
    scope = f"shared/{user.id}"
    page = store.page(SHARED, user.id, TICKET, limit, unseal(cursor, scope, list(SHARED.keys)))
    return TicketPage(items=[Ticket(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/tickets/{ticket_id}", responses=answers(401, 404))
def one_ticket(ticket_id: TicketId, user: SignedIn, store: Database) -> Ticket:
    """One ticket."""
    return Ticket(**own(store, user, ticket_id))


@router.patch("/tickets/{ticket_id}", responses=answers(401, 404, 413))
def change_ticket(ticket_id: TicketId, body: TicketChange, user: SignedIn, store: Database) -> Ticket:
    """Change the text of a ticket; those with whom it is shared read it only."""
    if own(store, user, ticket_id)["tenant_id"] != user.tenant_id:
        raise HTTPException(404)
    if values := body.model_dump(exclude_none=True):
        store.change("desk-tickets", {"id": str(ticket_id)}, values)
    return Ticket(**own(store, user, ticket_id))


@router.get("/tickets/{ticket_id}/comments", responses=answers(400, 401, 404))
def list_comments(
    ticket_id: TicketId, user: SignedIn, store: Database, limit: Limit = 20, cursor: Cursor = None
) -> CommentPage:
    """One page of the comments of a ticket."""
    own(store, user, ticket_id)
    scope = f"comments/{ticket_id}"
    page = store.page(COMMENTS, str(ticket_id), COMMENT, limit, unseal(cursor, scope, list(COMMENTS.keys)))
    return CommentPage(items=[Comment(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/tickets/{ticket_id}/comments/{comment_id}", responses=answers(401, 404))
def one_comment(ticket_id: TicketId, comment_id: CommentId, user: SignedIn, store: Database) -> Comment:
    """One comment of this ticket."""
    own(store, user, ticket_id)
    comment = store.item("desk-comments", {"id": comment_id}, COMMENT)
    if comment is None or comment["ticket_id"] != str(ticket_id):
        raise HTTPException(404)
    return Comment(**comment)


@router.get("/attachments", responses=answers(400, 401))
def list_attachments(user: SignedIn, store: Database, limit: Limit = 20, cursor: Cursor = None) -> AttachmentPage:
    """One page of one's own attachments."""
    scope = f"attachments/{user.id}"
    page = store.page(ATTACHMENTS, user.id, ATTACHMENT, limit, unseal(cursor, scope, list(ATTACHMENTS.keys)))
    return AttachmentPage(items=[Attachment(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/attachments/{attachment_id}", responses=answers(401, 404))
def one_attachment(attachment_id: AttachmentId, user: SignedIn, store: Database) -> Attachment:
    """An attachment of one's own, or of a ticket that one may see."""
    row = store.item("desk-attachments", {"id": attachment_id}, [*ATTACHMENT, "tenant_id"])
    if row is None or row["tenant_id"] != user.tenant_id or (user.role == "member" and row["owner_id"] != user.id):
        raise HTTPException(404)
    return Attachment(**row)
