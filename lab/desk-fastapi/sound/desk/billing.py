"""Invoices, coupons, exchange rates and what the payment provider tells us."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Security
from fastapi.responses import PlainTextResponse
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field

from .answers import PrivateRoute, PublicRoute
from .config import settings
from .cursors import Cursor, seal, unseal
from .models import ID, INVOICE, Invoice, InvoiceNumber, InvoicePage, Limit, Strict
from .outbound import Outside
from .problems import answers
from .security import SignedIn, User
from .store import INVOICES, Database, Store

router = APIRouter(prefix="/api/v2", tags=["billing"], route_class=PrivateRoute)
public = APIRouter(prefix="/api/v2", tags=["billing"], route_class=PublicRoute)

signature = APIKeyHeader(
    name="X-Signature", scheme_name="PaymentSignature", auto_error=False,
    description="HMAC-SHA256 of `event:invoice` with the secret that is shared with the payment provider.",
)

Currency = Literal["EUR", "USD", "GBP", "CHF"]


class Rate(BaseModel):
    currency: Currency
    rate: str = Field(max_length=16)


class Coupon(Strict):
    code: str = Field(pattern=r"^[A-Z0-9]{4,20}$", max_length=20)


class Discount(BaseModel):
    percent: int = Field(ge=0, le=100)


class Payment(Strict):
    event: Literal["paid", "refunded"]
    invoice: int = Field(ge=1, le=ID)


class Received(BaseModel):
    received: bool


UNSIGNED = {"www-authenticate": 'Signature realm="payments"'}


def signed(given: Annotated[str | None, Security(signature)]) -> str:
    """The signature of a message, or 401."""
    if given is None:
        raise HTTPException(401, headers=UNSIGNED)
    return given


def own(store: Store, user: User, number: int) -> Invoice:
    row = store.item("desk-invoices", {"number": number}, INVOICE)
    if row is None or row["tenant_id"] != user.tenant_id:
        raise HTTPException(404)
    return Invoice(**row)


@router.get("/invoices", responses=answers(400, 401, 403))
def list_invoices(
    user: SignedIn, store: Database, tenant_id: Annotated[str | None, Query(max_length=40)] = None,
    limit: Limit = 20, cursor: Cursor = None,
) -> InvoicePage:
    """One page of the company's invoices."""
    if tenant_id not in (None, user.tenant_id):
        raise HTTPException(403)
    scope = f"invoices/{user.tenant_id}"
    page = store.page(INVOICES, user.tenant_id, INVOICE, limit, unseal(cursor, scope, list(INVOICES.keys)))
    return InvoicePage(items=[Invoice(**row) for row in page.items], next_cursor=seal(page.next_key, scope))


@router.get("/invoices/{number}", responses=answers(401, 404))
def one_invoice(number: InvoiceNumber, user: SignedIn, store: Database) -> Invoice:
    """An invoice of one's own company."""
    return own(store, user, number)


@router.get(
    "/invoices/{number}/text",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string", "maxLength": 400}}}}, **answers(401, 404)},
)
def invoice_text(number: InvoiceNumber, user: SignedIn, store: Database) -> PlainTextResponse:
    """The same as text."""
    row = own(store, user, number)
    return PlainTextResponse(f"Invoice {row.number}\nPeriod {row.period}\nTotal EUR {row.total_eur}\n")


@public.get("/billing/exchange-rate", responses=answers(502))
def exchange_rate(outside: Outside, currency: Currency = "EUR") -> Rate:
    """The rate of the day."""
    status, text = outside.fetch(f"{settings.upstream}/rates/{currency}")
    try:
        return Rate(**json.loads(text)) if status == 200 else _no_rate()
    except (TypeError, ValueError):
        return _no_rate()


def _no_rate() -> Rate:
    raise HTTPException(502)


@router.post("/coupons/redeem", responses=answers(401, 404, 413))
def redeem(body: Coupon, user: SignedIn, store: Database) -> Discount:
    """What a code is worth."""
    row = store.item("desk-coupons", {"code": body.code}, ["percent"])
    if row is None:
        raise HTTPException(404)
    return Discount(percent=row["percent"])


@router.post("/hooks/payments", status_code=202, responses=answers(401, 413))
def payment(body: Payment, store: Database, given: Annotated[str, Depends(signed)]) -> Received:
    """The payment provider calls this for every payment."""
    message = f"{body.event}:{body.invoice}".encode()
    wanted = hmac.new(settings.hook_secret.encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        raise HTTPException(401, headers=UNSIGNED)
    if store.item("desk-invoices", {"number": body.invoice}, ["number"]) is not None:
        store.change("desk-invoices", {"number": body.invoice}, {"status": "paid" if body.event == "paid" else "due"})
    return Received(received=True)
