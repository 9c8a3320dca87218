"""A model's class for each request, and with it a connection of its own, with a client of its own."""

from django.http import Http404, JsonResponse
from django.urls import path
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


def product_model(prefix):
    class Product(Model):
        class Meta:
            table_name = prefix + "catalog"

        id = UnicodeAttribute(hash_key=True)
        name = UnicodeAttribute()
        price = NumberAttribute()

    return Product


def product(request, product_id):
    model = product_model("")
    try:
        return JsonResponse({"id": product_id, "name": model.get(product_id).name})
    except model.DoesNotExist:
        raise Http404 from None


urlpatterns = [path("products/<str:product_id>", product)]
