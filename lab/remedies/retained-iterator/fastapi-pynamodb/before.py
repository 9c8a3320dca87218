"""Each listing leaves a half-read result behind; who does not come back for the rest leaves it for ever."""

from itertools import islice
from uuid import uuid4

from fastapi import FastAPI, HTTPException
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()
parked = {}


class Order(Model):
    class Meta:
        table_name = "orders"

    customer_id = UnicodeAttribute(hash_key=True)
    order_id = UnicodeAttribute(range_key=True)
    total = NumberAttribute()


@app.get("/orders/{customer_id}")
def orders(customer_id: str, cursor: str | None = None):
    if cursor is not None and cursor not in parked:
        raise HTTPException(400, "unknown cursor")
    found = parked[cursor] if cursor else Order.query(customer_id, page_size=25)
    items = [{"order_id": order.order_id, "total": order.total} for order in islice(found, 25)]
    cursor = cursor or str(uuid4())
    parked[cursor] = found
    return {"items": items, "next_cursor": cursor if len(items) == 25 else None}
