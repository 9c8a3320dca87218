"""What the contract says of bodies and answers."""
from rest_framework import serializers as s


def many(serializer):
    name = serializer.__name__.replace("Serializer", "List")
    return type(name, (s.Serializer,), {"items": serializer(many=True), "__module__": __name__})


class LoginSerializer(s.Serializer):
    email = s.CharField(max_length=120)
    password = s.CharField(max_length=128)


class TokenSerializer(s.Serializer):
    access_token = s.CharField()
    token_type = s.CharField()


class RegistrationSerializer(s.Serializer):
    email = s.CharField(max_length=120)
    name = s.CharField(max_length=80)
    password = s.CharField(max_length=128)


class ResetSerializer(s.Serializer):
    email = s.CharField(max_length=120)


class OkSerializer(s.Serializer):
    ok = s.BooleanField()


class AccountSerializer(s.Serializer):
    id = s.IntegerField()
    email = s.CharField()
    name = s.CharField()
    tenant_id = s.CharField()
    role = s.CharField()
    is_admin = s.BooleanField()
    plan = s.CharField()
    credit_cents = s.IntegerField()
    language = s.CharField()


class AccountChangeSerializer(s.Serializer):
    name = s.CharField(max_length=80, required=False)
    language = s.CharField(max_length=5, required=False)


class PersonSerializer(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    title = s.CharField()


class CardSerializer(PersonSerializer):
    language = s.CharField(required=False)


class PostSerializer(s.Serializer):
    id = s.IntegerField()
    author_id = s.IntegerField()
    author_name = s.CharField()
    title = s.CharField()
    text = s.CharField()
    created_at = s.CharField()


class PreferencesSerializer(s.Serializer):
    user_id = s.IntegerField()
    language = s.CharField()
    digest = s.CharField()


class TicketSerializer(s.Serializer):
    id = s.UUIDField()
    number = s.IntegerField()
    tenant_id = s.CharField()
    requester_id = s.IntegerField()
    requester_name = s.CharField()
    assignee_id = s.IntegerField(allow_null=True, required=False)
    subject = s.CharField()
    body = s.CharField()
    status = s.CharField()
    priority = s.CharField()
    created_at = s.CharField()


class NewTicketSerializer(s.Serializer):
    subject = s.CharField(max_length=120)
    body = s.CharField(max_length=4000)
    priority = s.CharField(max_length=10, required=False)


class TicketChangeSerializer(s.Serializer):
    subject = s.CharField(max_length=120, required=False)
    body = s.CharField(max_length=4000, required=False)


class CommentSerializer(s.Serializer):
    id = s.CharField()
    ticket_id = s.UUIDField()
    author_id = s.IntegerField()
    author_name = s.CharField()
    text = s.CharField()
    created_at = s.CharField()


class AttachmentSerializer(s.Serializer):
    id = s.CharField()
    ticket_id = s.UUIDField()
    owner_id = s.IntegerField()
    name = s.CharField()
    size = s.IntegerField()


class InvoiceSerializer(s.Serializer):
    number = s.IntegerField()
    tenant_id = s.CharField()
    period = s.CharField()
    seats = s.IntegerField()
    total_eur = s.FloatField()
    status = s.CharField()
    purchase_order = s.CharField()


class InvoiceTextSerializer(s.Serializer):
    number = s.IntegerField()
    text = s.CharField()


class RateSerializer(s.Serializer):
    currency = s.CharField()
    rate = s.CharField()


class CouponSerializer(s.Serializer):
    code = s.CharField(max_length=20)


class DiscountSerializer(s.Serializer):
    percent = s.IntegerField()


class PaymentSerializer(s.Serializer):
    event = s.CharField(max_length=40)
    invoice = s.IntegerField()


class ReceivedSerializer(s.Serializer):
    received = s.BooleanField()


class HitSerializer(s.Serializer):
    id = s.IntegerField()
    title = s.CharField()
    votes = s.IntegerField()


class ArticleSerializer(HitSerializer):
    slug = s.CharField()
    body = s.CharField()


class AnnouncementSerializer(s.Serializer):
    id = s.IntegerField()
    title = s.CharField()
    text = s.CharField()
    created_at = s.CharField()


class PreviewSerializer(s.Serializer):
    status = s.IntegerField()
    title = s.CharField()
    excerpt = s.CharField()


class WebhookSerializer(s.Serializer):
    url = s.CharField(max_length=400)


class RenderedSerializer(s.Serializer):
    text = s.CharField()


class ContactSerializer(s.Serializer):
    id = s.CharField()
    company = s.CharField()
    city = s.CharField()


class UserRowSerializer(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    role = s.CharField()


class RoleChangeSerializer(s.Serializer):
    role = s.CharField(max_length=10)


class EventSerializer(s.Serializer):
    at = s.CharField()
    text = s.CharField()


class CompanySerializer(s.Serializer):
    id = s.CharField()
    name = s.CharField()
    plan = s.CharField()
    seats = s.IntegerField()


class SettingsSerializer(s.Serializer):
    tenant_id = s.CharField()
    business_hours = s.CharField()
    auto_close_days = s.IntegerField()


class ServiceLevelSerializer(s.Serializer):
    state = s.ChoiceField(["good", "at-risk", "broken"])
    answered = s.IntegerField(min_value=0)
    share_in_time = s.FloatField(min_value=0, max_value=1)


class UsageSerializer(s.Serializer):
    seats = s.IntegerField()
    tickets = s.IntegerField()


class QueueSerializer(s.Serializer):
    queue = s.CharField()
    waiting = s.IntegerField()
