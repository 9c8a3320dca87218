"""The position is handed out, signed, and taken back: any process can go on from there, and nothing waits."""

import os

from fastapi import FastAPI, HTTPException
from itsdangerous import BadSignature, URLSafeSerializer
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()
signed = URLSafeSerializer(os.environ["CURSOR_SECRET"])


def seal(key, purpose):
    return signed.dumps(key, salt=purpose) if key else None


def unseal(cursor, purpose):
    try:
        return signed.loads(cursor, salt=purpose)
    except BadSignature:
        raise HTTPException(400, "unknown cursor") from None


class Order(Model):
    class Meta:
        table_name = "orders"

    customer_id = UnicodeAttribute(hash_key=True)
    order_id = UnicodeAttribute(range_key=True)
    total = NumberAttribute()


@app.get("/orders/{customer_id}")
def orders(customer_id: str, cursor: str | None = None):
    start = unseal(cursor, customer_id) if cursor else None
    found = Order.query(customer_id, limit=25, last_evaluated_key=start)
    items = [{"order_id": order.order_id, "total": order.total} for order in found]
    return {"items": items, "next_cursor": seal(found.last_evaluated_key, customer_id)}
