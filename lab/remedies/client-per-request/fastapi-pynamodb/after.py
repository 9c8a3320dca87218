"""One class, in the module. What differs between environments is a setting."""

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


@app.get("/products/{product_id}")
def product(product_id: str):
    try:
        return {"id": product_id, "name": Product.get(product_id).name}
    except Product.DoesNotExist:
        raise HTTPException(404) from None
