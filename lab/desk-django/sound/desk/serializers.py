"""Answers and bodies, with their bounds."""
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from . import fields
from .outbound import LISTED
from .queries import PRIORITIES, STATUSES

ID = 10_000_000_000
EMAIL = r"^[^@\s]{1,64}@[^@\s]{1,55}$"


def words(length, **options):
    return fields.Text(max_length=length, **options)


def whole(**options):
    return serializers.IntegerField(**{"min_value": 0, "max_value": ID, **options})


def many(child, most):
    return serializers.ListField(child=child, max_length=most)


class Strict(serializers.Serializer):
    """A body with nothing but what is declared."""

    def to_internal_value(self, data):
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError(dict.fromkeys(unknown, ["Not known."]))
        return super().to_internal_value(data)


class LoginSerializer(Strict):
    email = fields.Pattern(EMAIL, max_length=120)
    password = words(128)


class TokenSerializer(serializers.Serializer):
    access_token = words(1024)
    token_type = words(16)
    expires_in = serializers.IntegerField(min_value=1, max_value=86_400)


class RegistrationSerializer(Strict):
    email = fields.Pattern(EMAIL, max_length=120)
    name = words(80)
    password = words(128, min_length=12)


class ResetSerializer(Strict):
    email = fields.Pattern(EMAIL, max_length=120)


class OkSerializer(serializers.Serializer):
    ok = serializers.BooleanField()


class AccountSerializer(serializers.Serializer):
    id = whole()
    email = words(120, help_text="Masked")
    name = words(80)
    tenant_id = words(40)
    role = words(16)
    plan = words(16)
    language = words(5)


class AccountChangeSerializer(Strict):
    name = words(80, required=False)
    language = fields.Pattern(r"^[a-z]{2}$", max_length=5, required=False)


class PersonSerializer(serializers.Serializer):
    id = whole()
    name = words(80)
    title = words(80)


class CardSerializer(PersonSerializer):
    language = words(5, required=False)


class PostSerializer(serializers.Serializer):
    id = whole()
    author_id = whole()
    author_name = words(80)
    title = words(120)
    text = words(1000)
    created_at = words(32)


class PreferencesSerializer(serializers.Serializer):
    user_id = whole()
    language = words(5)
    digest = words(16)


class TicketSerializer(serializers.Serializer):
    id = words(40)
    number = whole()
    tenant_id = words(40)
    requester_id = whole()
    requester_name = words(80)
    assignee_id = whole(required=False)
    subject = words(120)
    body = words(4000)
    status = serializers.ChoiceField(STATUSES)
    priority = serializers.ChoiceField(PRIORITIES)
    created_at = words(32)


class NewTicketSerializer(Strict):
    subject = words(120)
    body = words(4000)
    priority = serializers.ChoiceField(PRIORITIES, default="normal")


class TicketChangeSerializer(Strict):
    subject = words(120, required=False)
    body = words(4000, required=False)


class CommentSerializer(serializers.Serializer):
    id = words(40)
    ticket_id = words(40)
    author_id = whole()
    author_name = words(80)
    text = words(2000)
    created_at = words(32)


class AttachmentSerializer(serializers.Serializer):
    id = words(40)
    ticket_id = words(40)
    owner_id = whole()
    name = words(80)
    size = whole()


class InvoiceSerializer(serializers.Serializer):
    number = whole()
    tenant_id = words(40)
    period = words(10)
    seats = serializers.IntegerField(min_value=0, max_value=100_000)
    total_eur = serializers.FloatField(min_value=0, max_value=10_000_000)
    status = serializers.ChoiceField(["paid", "due"])
    purchase_order = words(20)


class RateSerializer(serializers.Serializer):
    currency = words(3)
    rate = words(16)


class CouponSerializer(Strict):
    code = fields.Pattern(r"^[A-Z0-9]{4,20}$", max_length=20)


class DiscountSerializer(serializers.Serializer):
    percent = serializers.IntegerField(min_value=0, max_value=100)


class PaymentSerializer(Strict):
    event = serializers.ChoiceField(["paid", "refunded"])
    invoice = fields.Whole(min_value=1, max_value=ID)


class ReceivedSerializer(serializers.Serializer):
    received = serializers.BooleanField()


class HitSerializer(serializers.Serializer):
    id = whole()
    title = words(120)
    votes = whole()


class ArticleSerializer(HitSerializer):
    slug = words(80)
    body = words(4000)


class AnnouncementSerializer(serializers.Serializer):
    id = whole()
    title = words(120)
    text = words(1000)
    created_at = words(32)


class PreviewSerializer(serializers.Serializer):
    status = serializers.IntegerField(min_value=100, max_value=599)
    title = words(200)


class WebhookSerializer(Strict):
    url = fields.Pattern(LISTED, min_length=8, max_length=300)


class RenderedSerializer(serializers.Serializer):
    text = words(2000)


class ContactSerializer(serializers.Serializer):
    id = words(20)
    company = words(80)
    city = words(80)


class UserRowSerializer(serializers.Serializer):
    id = whole()
    name = words(80)
    role = words(16)


class RoleChangeSerializer(Strict):
    role = serializers.ChoiceField(["member", "agent"])


class EventSerializer(serializers.Serializer):
    at = words(32)
    text = words(200)


class CompanySerializer(serializers.Serializer):
    id = words(40)
    name = words(80)
    plan = words(16)
    seats = whole()


class SettingsSerializer(serializers.Serializer):
    tenant_id = words(40)
    business_hours = words(20)
    auto_close_days = serializers.IntegerField(min_value=1, max_value=365)


class ServiceLevelSerializer(serializers.Serializer):
    state = serializers.ChoiceField(["good", "at-risk", "broken"])
    answered = serializers.IntegerField(min_value=0, max_value=300)
    share_in_time = serializers.FloatField(min_value=0, max_value=1)


class UsageSerializer(serializers.Serializer):
    seats = whole()
    tickets = serializers.IntegerField(min_value=0, max_value=300)


class QueueSerializer(serializers.Serializer):
    queue = words(20)
    waiting = serializers.IntegerField(min_value=0, max_value=300)


@extend_schema_serializer(many=False)
class PageSerializer(serializers.Serializer):
    next_cursor = words(512, allow_null=True)


def page_of(child, most=50):
    """The serializer of a page whose items are `child`."""
    name = type(child).__name__.replace("Serializer", "Page")
    return type(f"{name}Serializer", (PageSerializer,), {"items": many(child, most), "__module__": __name__})


def few(child, most=20):
    """The serializer of a list that is always short."""
    name = type(child).__name__.replace("Serializer", "List")
    return type(f"{name}Serializer", (serializers.Serializer,), {"items": many(child, most), "__module__": __name__})


Colleagues = page_of(PersonSerializer())
Board = page_of(PostSerializer())
TicketPage = page_of(TicketSerializer())
CommentPage = page_of(CommentSerializer())
AttachmentPage = page_of(AttachmentSerializer())
InvoicePage = page_of(InvoiceSerializer())
AnnouncementPage = page_of(AnnouncementSerializer(), 5)
UserPage = page_of(UserRowSerializer())
Hits = few(HitSerializer())
Contacts = few(ContactSerializer())
Audit = few(EventSerializer())
Companies = few(CompanySerializer())


def names(serializer):
    """The attributes that an answer holds."""
    return list(serializer().get_fields())
