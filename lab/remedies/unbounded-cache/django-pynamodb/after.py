"""Django's cache, with the name as text: a largest number of entries, and an age for each."""

from django.core.cache import cache
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


def name_of(product_id):
    def load():
        return Product.get(product_id, attributes_to_get=["name"]).name

    return cache.get_or_set(f"product-name:{product_id}", load, timeout=60)


def product(request, product_id):
    try:
        return JsonResponse({"id": product_id, "name": name_of(product_id)})
    except Product.DoesNotExist:
        raise Http404 from None


urlpatterns = [path("products/<str:product_id>", product)]
