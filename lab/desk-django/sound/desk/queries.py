"""Query parameters with their bounds: the contract and the views read the same classes."""
from django.conf import settings
from rest_framework import serializers

from . import fields
from .outbound import LISTED
from .paging import PageQuery

STATUSES = ["open", "pending", "solved", "closed"]
PRIORITIES = ["low", "normal", "high", "urgent"]
RELEASE_NOTES = f"{settings.UPSTREAM}/pages/release-notes"
LOGO = "https://logos.harbourdesk.io/kestrel.svg"
TERM = r"^[A-Za-z0-9 -]+$"


def read(serializer, request):
    """The checked parameters of a request, or a 400 that names the wrong ones."""
    query = serializer(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    return query.validated_data


class TicketQuery(PageQuery):
    status = serializers.ChoiceField(STATUSES, required=False)


class FindQuery(PageQuery):
    field = serializers.ChoiceField(["priority", "status"], default="priority")
    value = fields.Pattern(r"^[a-z]{1,10}$", max_length=10, default="high")


class InvoiceQuery(PageQuery):
    tenant_id = fields.Text(max_length=40, required=False)


class AnnouncementQuery(PageQuery):
    limit = fields.Digits(min_value=1, max_value=5, default=5, help_text="Page size")


class ExportQuery(PageQuery):
    limit = fields.Digits(min_value=1, max_value=100, default=100, help_text="Rows per request")


class CurrencyQuery(serializers.Serializer):
    currency = serializers.ChoiceField(settings.CURRENCIES, default="EUR")


class SearchQuery(serializers.Serializer):
    q = fields.Pattern(TERM, max_length=40, default="a", help_text="Words of a title")


class SlugQuery(serializers.Serializer):
    slug = fields.Pattern(r"^[a-z0-9-]+$", max_length=80, default="pair-a-scanner")


class PrefixQuery(serializers.Serializer):
    prefix = fields.Pattern(TERM, max_length=40, default="re", help_text="Beginning of a title")


class SeenQuery(serializers.Serializer):
    ref = fields.Pattern(r"^[a-z]+$", max_length=20, default="search")


class PreviewQuery(serializers.Serializer):
    url = fields.Pattern(LISTED, min_length=8, max_length=300, default=RELEASE_NOTES)


class AvatarQuery(serializers.Serializer):
    src = fields.Pattern(LISTED, min_length=8, max_length=300, default=RELEASE_NOTES)


class LogoQuery(serializers.Serializer):
    url = fields.Text(min_length=8, max_length=300, default=LOGO)


class MacroQuery(serializers.Serializer):
    text = fields.Text(min_length=1, max_length=500, default="Hello {{ customer }}")


class GreetingQuery(serializers.Serializer):
    name = fields.Text(min_length=1, max_length=80, default="Anna")


class LookupQuery(serializers.Serializer):
    code = fields.Pattern(r"^[0-9]{6}$", max_length=6)
    city = fields.Pattern(r"^[A-Za-z -]+$", max_length=80, required=False)
