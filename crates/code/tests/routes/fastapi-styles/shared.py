"""Routers, kept in lists and dicts."""

from fastapi import APIRouter


class TenantRouter(APIRouter):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, prefix="/tenants/{tenant}", **kwargs)


class PlainRouter(APIRouter):
    pass


invoices = TenantRouter(tags=["invoices"])
payments = PlainRouter(prefix="/payments")
plain = APIRouter()
ALL = [invoices, payments, plain]


@invoices.get("/invoices")
def list_invoices(tenant: str):
    return [tenant]


@payments.post("/{payment_id}/refund")
def refund(payment_id: str):
    return payment_id


@plain.put("/plain/{key}")
@plain.patch("/plain/{key}")
def change(key: str):
    return key
