"""All products, however many there are."""

from fastapi import FastAPI
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


@app.get("/products")
def products():
    return {"items": [{"id": product.id, "name": product.name} for product in Product.scan()]}
