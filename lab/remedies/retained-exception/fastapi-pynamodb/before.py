"""Errors are kept for a page of the operators: with their tracebacks, and so with every local variable."""

from fastapi import FastAPI, HTTPException
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()
errors = []


class Order(Model):
    class Meta:
        table_name = "orders"

    customer_id = UnicodeAttribute(hash_key=True)
    order_id = UnicodeAttribute(range_key=True)
    total = NumberAttribute()


@app.get("/orders/{customer_id}/{order_id}")
def order(customer_id: str, order_id: str):
    try:
        return {"total": Order.get(customer_id, order_id).total}
    except Order.DoesNotExist as exc:
        errors.append(exc)
        raise HTTPException(404, "no such order") from None
