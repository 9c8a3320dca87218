"""Query parameters with their bounds: the contract and the views read the same classes."""
from datetime import date, timedelta

from django.conf import settings
from rest_framework import serializers

from . import fields
from .paging import PageQuery

MAX_DAYS = 31
MAX_IDS = 50


def read(serializer, request):
    """The checked parameters of a request, or a 400 that names the wrong ones."""
    query = serializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return query.validated_data


class ProductQuery(PageQuery):
    category = serializers.ChoiceField(settings.CATEGORIES, required=False)


class IdsQuery(serializers.Serializer):
    ids = fields.Pattern(
        r"^prod-[0-9]{5}(,prod-[0-9]{5}){0,49}$",
        max_length=MAX_IDS * 11,
        help_text="At most 50 product ids, separated by commas",
    )


class RelatedQuery(PageQuery):
    limit = fields.Digits(min_value=1, max_value=12, default=6, help_text="Page size")


class SearchQuery(PageQuery):
    q = fields.Pattern(
        r"^[A-Za-z0-9'-][A-Za-z0-9 '-]*$", min_length=2, max_length=64, help_text="Part of a product's name"
    )
    limit = fields.Digits(min_value=1, max_value=50, default=20, help_text="Page size")


class SuggestQuery(PageQuery):
    prefix = fields.Pattern(
        r"^[A-Za-z][A-Za-z0-9 '-]*$", min_length=1, max_length=32, help_text="Beginning of a product's name"
    )
    limit = fields.Digits(min_value=1, max_value=25, default=12, help_text="Page size")


class CustomerOrdersQuery(PageQuery):
    depth = fields.Digits(
        min_value=0, max_value=10, default=0, help_text="For how many orders to include the products"
    )
    expand = serializers.ChoiceField(["customer"], required=False, help_text="Include the customer")


class RangeQuery(PageQuery):
    to = fields.Day(required=False, help_text="Last day, today when absent")

    def get_fields(self):
        # `from` is a keyword, so it cannot be written as a class attribute.
        return {
            **super().get_fields(),
            "from": fields.Day(required=False, help_text="First day, at most 31 days before the last"),
        }

    def validate(self, values):
        from .reports import today

        last = values.get("to", today())
        # The calendar has no days before its first week.
        first = values.get("from") or max(last, date.min + timedelta(days=6)) - timedelta(days=6)
        if not 0 <= (last - first).days < MAX_DAYS:
            raise serializers.ValidationError({"from": "The range has to be 1 to 31 days."})
        return {**values, "from": first, "to": last}


class DaysQuery(serializers.Serializer):
    days = fields.Digits(min_value=1, max_value=MAX_DAYS, default=7, help_text="How many days back")


class ExportQuery(PageQuery):
    limit = fields.Digits(min_value=1, max_value=500, default=200, help_text="Rows per request")
