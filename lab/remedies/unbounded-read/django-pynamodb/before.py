"""All products, however many there are."""

from django.http import JsonResponse
from django.urls import path
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Product(Model):
    class Meta:
        table_name = "catalog"

    id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute()
    price = NumberAttribute()


def products(request):
    return JsonResponse({"items": [{"id": product.id, "name": product.name} for product in Product.scan()]})


urlpatterns = [path("products", products)]
