"""Answers and bodies, with their bounds."""
from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from . import fields

PRODUCT_ID = r"^prod-[0-9]{5}$"
CUSTOMER_ID = r"^cust-[0-9]{3}$"
ORDER_ID = r"^ord-[0-9a-f]{6,16}$"
IDEMPOTENCY_KEY = r"^[A-Za-z0-9_-]{16,64}$"
STATUSES = ["new", "paid", "packed", "sent", "delivered", "returned"]


def text(length, **options):
    return fields.Text(max_length=length, **options)


def identifier(pattern):
    return fields.Pattern(pattern, max_length=24)


def many(child, most):
    return serializers.ListField(child=child, max_length=most)


class CredentialsSerializer(serializers.Serializer):
    username = text(64)
    password = text(128)


class TokenSerializer(serializers.Serializer):
    access_token = text(2048)
    token_type = text(16)
    expires_in = serializers.IntegerField(min_value=1, max_value=86_400)


class ProfileSerializer(serializers.Serializer):
    username = text(64)
    name = text(128)
    role = text(16)
    email = text(128, help_text="Masked")


class StaffSerializer(serializers.Serializer):
    username = text(64)
    name = text(128)
    role = text(16)


class ProductSummarySerializer(serializers.Serializer):
    id = text(24)
    name = text(200)
    category = serializers.ChoiceField(settings.CATEGORIES)
    price = serializers.FloatField(min_value=0, max_value=1_000_000)
    stock = serializers.IntegerField(min_value=0, max_value=1_000_000)


class ProductSerializer(ProductSummarySerializer):
    tags = many(text(40), 20)
    description = text(1200)
    colour = text(40, required=False)


class StockSerializer(serializers.Serializer):
    product_id = text(24)
    name = text(200)
    stock = serializers.IntegerField(min_value=0, max_value=1_000_000)


class LoyaltySerializer(serializers.Serializer):
    tier = text(16)
    points = serializers.IntegerField(min_value=0, max_value=10_000_000)


class CustomerSerializer(serializers.Serializer):
    id = text(24)
    name = text(128)
    email = text(128, required=False, help_text="Masked")
    phone = text(40, help_text="Masked")
    city = text(80)
    loyalty = LoyaltySerializer()


class LineSerializer(serializers.Serializer):
    product_id = text(24)
    quantity = serializers.IntegerField(min_value=1, max_value=99)
    price = serializers.FloatField(min_value=0, max_value=1_000_000)
    product = ProductSummarySerializer(required=False)


class OrderSerializer(serializers.Serializer):
    customer_id = text(24)
    order_id = text(24)
    status = serializers.ChoiceField(STATUSES)
    total = serializers.FloatField(min_value=0, max_value=100_000_000)
    lines = many(LineSerializer(), 20)
    note = text(200, allow_blank=True)
    created_at = serializers.DateTimeField()


class NewLineSerializer(serializers.Serializer):
    product_id = identifier(PRODUCT_ID)
    quantity = fields.Whole(min_value=1, max_value=99)


class NewOrderSerializer(serializers.Serializer):
    customer_id = identifier(CUSTOMER_ID)
    lines = serializers.ListField(child=NewLineSerializer(), min_length=1, max_length=20)
    note = text(200, required=False, allow_blank=True)


class OrderChangeSerializer(serializers.Serializer):
    status = serializers.ChoiceField(STATUSES, required=False)
    note = text(200, required=False, allow_blank=True)


@extend_schema_serializer(many=False)
class PageSerializer(serializers.Serializer):
    next_cursor = text(512, allow_null=True)


def page_of(name, child, most=100):
    """The serializer of a page whose items are `child`."""
    return type(f"{name}Serializer", (PageSerializer,), {"items": many(child, most), "__module__": __name__})


ProductPage = page_of("ProductPage", ProductSummarySerializer())
ProductBatch = page_of("ProductBatch", ProductSerializer(), 50)
NamePage = page_of("NamePage", text(200))
CustomerPage = page_of("CustomerPage", CustomerSerializer())
OrderPage = page_of("OrderPage", OrderSerializer())
StaffPage = page_of("StaffPage", StaffSerializer())


class CustomerOrdersSerializer(OrderPage):
    customer = CustomerSerializer(required=False)


class CategoriesSerializer(serializers.Serializer):
    items = many(serializers.ChoiceField(settings.CATEGORIES), 40)


class BestCustomerSerializer(serializers.Serializer):
    customer_id = text(24)
    total = text(24)


class LinksSerializer(serializers.Serializer):
    daily = text(200)
    events = text(200)


class SalesSerializer(serializers.Serializer):
    orders = serializers.IntegerField(min_value=0, max_value=1_000_000)
    total = text(24)
    by_status = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=1_000_000))
    best_customers = many(BestCustomerSerializer(), 5)
    _links = LinksSerializer()


class DaySerializer(serializers.Serializer):
    day = serializers.DateField()
    orders = serializers.IntegerField(min_value=0, max_value=1_000_000)
    total = text(24)


class DaysSerializer(serializers.Serializer):
    items = many(DaySerializer(), 31)


class ConsumerSerializer(serializers.Serializer):
    status = text(16)
    pending = serializers.IntegerField(min_value=0, max_value=1_000)
    processed = serializers.IntegerField(min_value=0)
    items = many(text(40), 12)


class ConfigSerializer(serializers.Serializer):
    region = text(40)
    debug = serializers.BooleanField()
    page_size_max = serializers.IntegerField(min_value=1, max_value=1000)
