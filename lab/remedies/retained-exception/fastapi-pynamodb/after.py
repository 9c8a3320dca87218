"""The last fifty errors as text."""

from collections import deque

from fastapi import FastAPI, HTTPException
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()
errors: deque[str] = deque(maxlen=50)


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
    except Order.DoesNotExist:
        errors.append(f"{customer_id} has no order {order_id}")
        raise HTTPException(404, "no such order") from None
