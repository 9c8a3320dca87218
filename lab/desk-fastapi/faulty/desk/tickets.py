"""Tickets, their comments and attachments."""

import time
import uuid

from botocore.exceptions import ClientError
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from . import db
from .accounts import stored
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["tickets"])


class Ticket(BaseModel):
    id: str
    number: int
    tenant_id: str
    requester_id: int
    requester_name: str
    assignee_id: int | None = None
    subject: str
    body: str
    status: str
    priority: str
    created_at: str


class TicketList(BaseModel):
    items: list[Ticket]


class NewTicket(BaseModel):
    subject: str = Field(max_length=120)
    body: str = Field(max_length=4000)
    priority: str = Field("normal", max_length=10)


class TicketChange(BaseModel):
    subject: str | None = Field(None, max_length=120)
    body: str | None = Field(None, max_length=4000)


class Comment(BaseModel):
    id: str
    ticket_id: str
    author_id: int
    author_name: str
    text: str
    created_at: str


class CommentList(BaseModel):
    items: list[Comment]


class Attachment(BaseModel):
    id: str
    ticket_id: str
    owner_id: int
    name: str
    size: int


class AttachmentList(BaseModel):
    items: list[Attachment]


def mine(user: dict) -> list[dict]:
    """What a person sees in the list: members their own, everybody else the company's."""
    if user["role"] == "member":
        return db.by(db.tickets, "by_requester", "requester_id", user["id"])
    return db.by(db.tickets, "by_tenant", "tenant_id", user["tenant_id"])


def may_see(user: dict, ticket: dict | None) -> bool:
    if ticket is not None and ticket.get("shared_with") == user["id"]:
        return True
    if ticket is None or ticket["tenant_id"] != user["tenant_id"]:
        return False
    return user["role"] != "member" or ticket["requester_id"] == user["id"]


@router.get("/tickets", responses={200: {"model": TicketList}})
def list_tickets(status: str | None = None, limit: int = 20, user: dict = Depends(current_user)):
    rows = [row for row in mine(user) if status in (None, row["status"])]
    return {"items": rows[:limit]}


@router.post("/tickets", status_code=201, responses={201: {"model": Ticket}})
async def open_ticket(body: NewTicket, request: Request, user: dict = Depends(current_user)):
    ticket = {
        "id": str(uuid.uuid4()), "number": int(time.time()) % 1_000_000, "tenant_id": user["tenant_id"],
        "requester_id": user["id"], "requester_name": user["name"], "assignee_id": None, "status": "open",
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"), **body.model_dump(), **(await request.json()),
    }
    db.tickets.put_item(Item=stored(ticket))
    return ticket


@router.get("/tickets/find", responses={200: {"model": TicketList}, 400: {"description": "The search failed"}})
def find_tickets(field: str = "priority", value: str = "high", user: dict = Depends(current_user)):
    try:
        found = db.tickets.scan(
            FilterExpression=f"tenant_id = :tenant AND requester_id = :me AND {field} = :value",
            ExpressionAttributeValues={":tenant": user["tenant_id"], ":me": user["id"], ":value": value},
        )["Items"]
    except ClientError as error:
        raise HTTPException(400, error.response["Error"]["Message"]) from error
    return {"items": db.plain(found)}


@router.get("/tickets/shared", response_model=TicketList)
def shared_tickets(user: dict = Depends(current_user)):
    """Tickets of others that their requesters have shared with me."""
    return {"items": db.by(db.tickets, "by_reader", "shared_with", user["id"])[:50]}


@router.get("/tickets/{ticket_id}", responses={200: {"model": Ticket}, 404: {"description": "Not found"}})
def one_ticket(ticket_id: uuid.UUID, user: dict = Depends(current_user)):
    ticket = db.one(db.tickets, "id", str(ticket_id))
    if ticket is None:
        raise HTTPException(404, "Not found")
    return ticket


@router.patch("/tickets/{ticket_id}", responses={200: {"model": Ticket}, 404: {"description": "Not found"}})
async def change_ticket(
    ticket_id: uuid.UUID, body: TicketChange, request: Request, user: dict = Depends(current_user)
):
    ticket = db.one(db.tickets, "id", str(ticket_id))
    if not may_see(user, ticket):
        raise HTTPException(404, "Not found")
    ticket.update(await request.json())
    ticket["id"] = str(ticket_id)
    db.tickets.put_item(Item=stored(ticket))
    return ticket


@router.get("/tickets/{ticket_id}/comments", responses={200: {"model": CommentList}})
def list_comments(ticket_id: uuid.UUID, user: dict = Depends(current_user)):
    return {"items": db.by(db.comments, "by_ticket", "ticket_id", str(ticket_id))}


@router.get(
    "/tickets/{ticket_id}/comments/{comment_id}", response_model=Comment, responses={404: {"description": "Not found"}}
)
def one_comment(ticket_id: uuid.UUID, comment_id: str, user: dict = Depends(current_user)):
    if not may_see(user, db.one(db.tickets, "id", str(ticket_id))):
        raise HTTPException(404, "Not found")
    comment = db.one(db.comments, "id", comment_id[:64])
    if comment is None:
        raise HTTPException(404, "Not found")
    return comment


@router.get("/attachments", response_model=AttachmentList)
def list_attachments(user: dict = Depends(current_user)):
    return {"items": db.by(db.attachments, "by_owner", "owner_id", user["id"])[:50]}


@router.get(
    "/attachments/{attachment_id}", response_model=Attachment, responses={404: {"description": "Not found"}}
)
def one_attachment(attachment_id: str, user: dict = Depends(current_user)):
    row = db.one(db.attachments, "id", attachment_id[:64])
    if row is None:
        raise HTTPException(404, "Not found")
    return row
