"""A middleware lives as long as the process, and this one keeps every request it has measured."""

from time import perf_counter

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


class Timing:
    def __init__(self, get_response):
        self.get_response = get_response
        self.slow = []

    def __call__(self, request):
        started = perf_counter()
        response = self.get_response(request)
        self.slow.append((request, perf_counter() - started))
        return response


def product(request, product_id):
    try:
        request.item = Product.get(product_id)
    except Product.DoesNotExist:
        raise Http404 from None
    return JsonResponse({"id": product_id, "name": request.item.name})


MIDDLEWARE = ["before.Timing"]
urlpatterns = [path("products/<str:product_id>", product)]
