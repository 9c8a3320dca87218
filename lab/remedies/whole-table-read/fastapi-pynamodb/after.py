"""One page at a time, and of it only what is answered."""

import json

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


def lines():
    for product in Product.scan(attributes_to_get=["id", "price"], page_size=250):
        yield json.dumps({"id": product.id, "price": str(product.price)}) + "\n"


@app.get("/export")
def export():
    return StreamingResponse(lines(), media_type="application/x-ndjson")
