"""Invoices, coupons, exchange rates and what the payment provider tells us."""

import httpx
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field

from . import config, db
from .security import current_user

router = APIRouter(prefix="/api/v2", tags=["billing"])


class Invoice(BaseModel):
    number: int
    tenant_id: str
    period: str
    seats: int
    total_eur: float
    status: str
    purchase_order: str


class InvoiceList(BaseModel):
    items: list[Invoice]


class InvoiceText(BaseModel):
    number: int
    text: str


class Rate(BaseModel):
    currency: str
    rate: str


class Coupon(BaseModel):
    code: str = Field(max_length=20)


class Discount(BaseModel):
    percent: int


class Payment(BaseModel):
    event: str = Field(max_length=40)
    invoice: int


class Received(BaseModel):
    received: bool


@router.get("/invoices", response_model=InvoiceList)
def list_invoices(tenant_id: str | None = None, user: dict = Depends(current_user)):
    return {"items": db.by(db.invoices, "by_tenant", "tenant_id", tenant_id or user["tenant_id"])[:50]}


@router.get("/invoices/{number}", response_model=Invoice, responses={404: {"description": "Not found"}})
def one_invoice(number: int, user: dict = Depends(current_user)):
    row = db.one(db.invoices, "number", number)
    if row is None:
        raise HTTPException(404, "Not found")
    return row


@router.get("/invoices/{number}/text", response_model=InvoiceText, responses={404: {"description": "Not found"}})
def invoice_text(number: int, user: dict = Depends(current_user)):
    row = db.one(db.invoices, "number", number)
    if row is None or row["tenant_id"] != user["tenant_id"]:
        raise HTTPException(404, "Not found")
    return PlainTextResponse(f"Invoice {row['number']}\nPeriod {row['period']}\nTotal EUR {row['total_eur']}\n")


@router.get("/billing/exchange-rate", response_model=Rate)
def exchange_rate(currency: str = "EUR"):
    answer = httpx.get(f"{config.UPSTREAM}/rates/{currency[:10]}", timeout=3, trust_env=False)
    if answer.status_code != 200:
        return Response(
            answer.content, answer.status_code, media_type=answer.headers.get("content-type"),
            headers={"X-Upstream-Server": answer.headers.get("server", "")},
        )
    return answer.json()


@router.post("/coupons/redeem", response_model=Discount, responses={404: {"description": "Unknown code"}})
def redeem(body: Coupon):
    row = db.one(db.coupons, "code", body.code or "-")
    if row is None:
        raise HTTPException(404, "Unknown code")
    return {"percent": row["percent"]}


@router.post("/hooks/payments", status_code=202, response_model=Received)
def payment(body: Payment, request: Request):
    """The payment provider calls this for every payment."""
    row = db.one(db.invoices, "number", body.invoice)
    if row and body.event == "paid":
        db.invoices.update_item(
            Key={"number": body.invoice}, UpdateExpression="SET #s = :paid",
            ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":paid": "paid"},
        )
    return {"received": True}
