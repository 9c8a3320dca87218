"""A model's class for each request, and with it a connection of its own, with a client of its own."""

from fastapi import FastAPI, HTTPException
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

app = FastAPI()


def product_model(prefix: str) -> type[Model]:
    class Product(Model):
        class Meta:
            table_name = prefix + "catalog"

        id = UnicodeAttribute(hash_key=True)
        name = UnicodeAttribute()
        price = NumberAttribute()

    return Product


@app.get("/products/{product_id}")
def product(product_id: str):
    model = product_model("")
    try:
        return {"id": product_id, "name": model.get(product_id).name}
    except model.DoesNotExist:
        raise HTTPException(404) from None
