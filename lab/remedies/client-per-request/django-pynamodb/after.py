"""One class, in the module. What differs between environments is a setting."""

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


def product(request, product_id):
    try:
        return JsonResponse({"id": product_id, "name": Product.get(product_id).name})
    except Product.DoesNotExist:
        raise Http404 from None


urlpatterns = [path("products/<str:product_id>", product)]
