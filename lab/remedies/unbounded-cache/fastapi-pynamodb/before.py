"""Models, remembered for ever: one for each id that anybody asks for."""

from functools import cache

from fastapi import FastAPI, HTTPException
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


@cache
def load(product_id: str) -> Product:
    return Product.get(product_id)


@app.get("/products/{product_id}")
def product(product_id: str):
    try:
        return {"id": product_id, "name": load(product_id).name}
    except Product.DoesNotExist:
        raise HTTPException(404) from None
