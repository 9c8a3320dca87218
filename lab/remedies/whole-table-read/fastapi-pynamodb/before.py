"""The whole table is in memory, as models, before the first line goes out."""

import json

from fastapi import FastAPI, Response
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


@app.get("/export")
def export():
    products = list(Product.scan())
    lines = [json.dumps({"id": product.id, "price": str(product.price)}) for product in products]
    return Response("\n".join(lines) + "\n", media_type="application/x-ndjson")
