"""The whole table is in memory, as models, before the first line goes out."""

import json

from django.http import HttpResponse
from django.urls import path
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


def export(request):
    products = list(Product.scan())
    lines = [json.dumps({"id": product.id, "price": str(product.price)}) for product in products]
    return HttpResponse("\n".join(lines) + "\n", content_type="application/x-ndjson")


urlpatterns = [path("export", export)]
