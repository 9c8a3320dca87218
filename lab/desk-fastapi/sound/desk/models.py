"""What goes in and out: every length, number and set of values has a bound in the contract."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from .inputs import DIGITS

PAGE = 50
ID = 10_000_000_000

Limit = Annotated[int, Query(ge=1, le=PAGE), DIGITS]
UserId = Annotated[int, Path(ge=1, le=ID, examples=[1001]), DIGITS]
InvoiceNumber = Annotated[int, Path(ge=1, le=ID, examples=[70001]), DIGITS]
ArticleId = Annotated[int, Path(ge=1, le=ID, examples=[3]), DIGITS]
AnnouncementId = Annotated[int, Path(ge=1, le=ID, examples=[301]), DIGITS]
PostId = Annotated[int, Path(ge=1, le=ID, examples=[501]), DIGITS]
TicketId = Annotated[UUID, Path()]
CommentId = Annotated[str, Path(pattern=r"^cmt_[A-Za-z0-9]{14}$", max_length=18)]
AttachmentId = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{22}$", max_length=22)]

Number = Annotated[int, Field(ge=0, le=ID)]
Tenant = Annotated[str, Field(max_length=40)]
Name = Annotated[str, Field(max_length=80)]
Stamp = Annotated[str, Field(max_length=32)]
Opaque = Annotated[str, Field(max_length=40)]
NextCursor = Annotated[str | None, Field(max_length=512, description="Cursor of the next page; null on the last one.")]
Status = Literal["open", "pending", "solved", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]


# What GraphQL variables and RPC parameters may be.
Scalars = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=200)] | Annotated[int, Field(ge=-ID, le=ID)] | bool],
    Field(max_length=20),
]


class Strict(BaseModel):
    """A body with nothing but what is declared."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Done(BaseModel):
    ok: bool


class Person(BaseModel):
    id: Number
    name: Name
    title: Name


class Colleagues(BaseModel):
    items: list[Person] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class Ticket(BaseModel):
    id: Opaque
    number: Number
    tenant_id: Tenant
    requester_id: Number
    requester_name: Name
    assignee_id: Number | None = None
    subject: str = Field(max_length=120)
    body: str = Field(max_length=4000)
    status: Status
    priority: Priority
    created_at: Stamp


TICKET = list(Ticket.model_fields)


class TicketPage(BaseModel):
    items: list[Ticket] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class NewTicket(Strict):
    subject: str = Field(min_length=1, max_length=120)
    body: str = Field(min_length=1, max_length=4000)
    priority: Priority = "normal"


class TicketChange(Strict):
    subject: str | None = Field(None, min_length=1, max_length=120)
    body: str | None = Field(None, min_length=1, max_length=4000)


class Comment(BaseModel):
    id: Opaque
    ticket_id: Opaque
    author_id: Number
    author_name: Name
    text: str = Field(max_length=2000)
    created_at: Stamp


COMMENT = list(Comment.model_fields)


class CommentPage(BaseModel):
    items: list[Comment] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class Attachment(BaseModel):
    id: Opaque
    ticket_id: Opaque
    owner_id: Number
    name: Name
    size: Number


ATTACHMENT = list(Attachment.model_fields)


class AttachmentPage(BaseModel):
    items: list[Attachment] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class Invoice(BaseModel):
    number: Number
    tenant_id: Tenant
    period: str = Field(max_length=10)
    seats: Number
    total_eur: float = Field(ge=0, le=10_000_000)
    status: Literal["paid", "due"]
    purchase_order: str = Field(max_length=20)


INVOICE = list(Invoice.model_fields)


class InvoicePage(BaseModel):
    items: list[Invoice] = Field(max_length=PAGE)
    next_cursor: NextCursor = None


class Hit(BaseModel):
    id: Number
    title: str = Field(max_length=120)
    votes: Number


class Hits(BaseModel):
    items: list[Hit] = Field(max_length=20)


class Article(Hit):
    slug: str = Field(max_length=80)
    body: str = Field(max_length=4000)


class Announcement(BaseModel):
    id: Number
    title: str = Field(max_length=120)
    text: str = Field(max_length=1000)
    created_at: Stamp


ANNOUNCEMENT = list(Announcement.model_fields)


class AnnouncementPage(BaseModel):
    items: list[Announcement] = Field(max_length=5)
    next_cursor: NextCursor = None
