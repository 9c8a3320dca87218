"""One page, with its end as a cursor. A scan knows the end only after it was iterated."""

from django.core import signing
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
    cursor = request.GET.get("cursor")
    try:
        limit = min(max(int(request.GET.get("limit", 50)), 1), 100)
        start = signing.loads(cursor, salt="products") if cursor else None
    except (ValueError, signing.BadSignature):
        return JsonResponse({"detail": "limit is a number, cursor is what the page before gave"}, status=400)
    found = Product.scan(limit=limit, attributes_to_get=["id", "name"], last_evaluated_key=start)
    items = [{"id": product.id, "name": product.name} for product in found]
    last = found.last_evaluated_key
    following = signing.dumps(last, salt="products") if last else None
    return JsonResponse({"items": items, "next_cursor": following})


urlpatterns = [path("products", products)]
