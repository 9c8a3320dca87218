"""A slice for each request, and the way to the next one in a header: what breaks off goes on where it was."""

import json
import os
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Response
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


@app.get("/export")
def export(rows: Annotated[int, Query(ge=1, le=250)] = 250, cursor: str | None = None):
    start = unseal(cursor, "export") if cursor else None
    found = Product.scan(limit=rows, attributes_to_get=["id", "price"], last_evaluated_key=start)
    lines = [json.dumps({"id": product.id, "price": str(product.price)}) for product in found]
    following = seal(found.last_evaluated_key, "export")
    return Response(
        "".join(line + "\n" for line in lines),
        media_type="application/x-ndjson",
        headers={"X-Next-Cursor": following} if following else None,
    )
