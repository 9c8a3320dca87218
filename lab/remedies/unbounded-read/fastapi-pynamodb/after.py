"""One page, with its end as a cursor. A scan knows the end only after it was iterated."""

import os
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
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


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


@app.get("/products")
def products(limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None):
    start = unseal(cursor, "products") if cursor else None
    found = Product.scan(limit=limit, attributes_to_get=["id", "name"], last_evaluated_key=start)
    items = [{"id": product.id, "name": product.name} for product in found]
    return {"items": items, "next_cursor": seal(found.last_evaluated_key, "products")}
