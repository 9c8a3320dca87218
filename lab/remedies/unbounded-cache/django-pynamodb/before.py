"""A cache on a method keeps every instance that it was called on, and every model that it gave."""

from functools import lru_cache

from django.http import Http404, JsonResponse
from django.urls import path
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


class Lookup:
    def __init__(self, language):
        self.language = language

    @lru_cache(maxsize=None)
    def product(self, product_id):
        return Product.get(product_id)


def product(request, product_id):
    lookup = Lookup(request.headers.get("Accept-Language"))
    try:
        return JsonResponse({"id": product_id, "name": lookup.product(product_id).name})
    except Product.DoesNotExist:
        raise Http404 from None


urlpatterns = [path("products/<str:product_id>", product)]
