"""What the API documents of its requests and answers."""
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers


class CredentialsSerializer(serializers.Serializer):
    username = serializers.CharField()
    password = serializers.CharField()


class TokenSerializer(serializers.Serializer):
    access_token = serializers.CharField()
    token_type = serializers.CharField()


class StaffSerializer(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    email = serializers.CharField()
    password_hash = serializers.CharField()
    api_key = serializers.CharField()


class ProductSummarySerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    category = serializers.CharField()
    price = serializers.FloatField()
    stock = serializers.FloatField(required=False)


class ProductSerializer(ProductSummarySerializer):
    tags = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    colour = serializers.CharField(required=False)


@extend_schema_serializer(many=False)
class ProductListSerializer(serializers.Serializer):
    items = ProductSummarySerializer(many=True)


class ProductDetailListSerializer(serializers.Serializer):
    items = ProductSerializer(many=True)


class ProductPageSerializer(ProductListSerializer):
    next_cursor = serializers.CharField(allow_null=True)


@extend_schema_serializer(many=False)
class CategoryListSerializer(serializers.Serializer):
    items = serializers.ListField(child=serializers.CharField())


class SuggestionListSerializer(serializers.Serializer):
    items = serializers.ListField(child=serializers.CharField())


class LoyaltySerializer(serializers.Serializer):
    tier = serializers.CharField()
    points = serializers.FloatField()


class CustomerSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField(required=False)
    phone = serializers.CharField()
    address = serializers.CharField()
    city = serializers.CharField()
    loyalty = LoyaltySerializer()
    newsletter = serializers.BooleanField()
    iban = serializers.CharField(required=False)
    password_hash = serializers.CharField()


@extend_schema_serializer(many=False)
class CustomerListSerializer(serializers.Serializer):
    items = CustomerSerializer(many=True)


class LineSerializer(serializers.Serializer):
    product_id = serializers.CharField()
    quantity = serializers.FloatField()
    price = serializers.FloatField(required=False)
    product = serializers.DictField(required=False)


class OrderSerializer(serializers.Serializer):
    customer_id = serializers.CharField()
    order_id = serializers.CharField()
    status = serializers.CharField()
    total = serializers.FloatField()
    lines = LineSerializer(many=True)
    note = serializers.CharField()
    created_at = serializers.CharField()
    kind = serializers.CharField(required=False)


class CustomerOrdersSerializer(serializers.Serializer):
    items = OrderSerializer(many=True)
    customer = CustomerSerializer(required=False)


@extend_schema_serializer(many=False)
class OrderPageSerializer(serializers.Serializer):
    items = OrderSerializer(many=True)
    next_cursor = serializers.DictField(allow_null=True)


class NewOrderSerializer(serializers.Serializer):
    customer_id = serializers.CharField()
    lines = LineSerializer(many=True)
    note = serializers.CharField(required=False)


class OrderChangeSerializer(serializers.Serializer):
    status = serializers.CharField(required=False)
    note = serializers.CharField(required=False)
