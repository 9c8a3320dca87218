"""One page at a time, and of it only what is answered."""

import json

from django.http import StreamingHttpResponse
from django.urls import path
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


def lines():
    for product in Product.scan(attributes_to_get=["id", "price"], page_size=250):
        yield json.dumps({"id": product.id, "price": str(product.price)}) + "\n"


def export(request):
    return StreamingHttpResponse(lines(), content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
