"""Invoices, coupons, exchange rates and what the payment provider tells us."""
import requests
from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from . import serializers, store
from .accounts import checked
from .parameters import text


@extend_schema(parameters=[text("tenant_id", "kestrel")], responses=serializers.many(serializers.InvoiceSerializer))
@api_view(["GET"])
def invoices(request):
    tenant = request.query_params.get("tenant_id") or request.user.tenant_id
    return Response({"items": store.by(store.invoices, "by_tenant", "tenant_id", tenant)[:50]})


@extend_schema(responses=serializers.InvoiceSerializer)
@api_view(["GET"])
def invoice(request, number):
    row = store.one(store.invoices, "number", number)
    if row is None:
        raise NotFound()
    return Response(row)


@extend_schema(responses=serializers.InvoiceTextSerializer)
@api_view(["GET"])
def invoice_text(request, number):
    row = store.one(store.invoices, "number", number)
    if row is None or row["tenant_id"] != request.user.tenant_id:
        raise NotFound()
    lines = f"Invoice {row['number']}\nPeriod {row['period']}\nTotal EUR {row['total_eur']}\n"
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


@extend_schema(parameters=[text("currency", "EUR")], responses=serializers.RateSerializer, auth=[])
@api_view(["GET"])
@permission_classes([AllowAny])
def exchange_rate(request):
    currency = request.query_params.get("currency", "EUR")[:10]
    answer = requests.get(f"{settings.UPSTREAM}/rates/{currency}", timeout=3)
    if answer.status_code != 200:
        response = HttpResponse(answer.content, status=answer.status_code, content_type=answer.headers.get("content-type"))
        response["X-Upstream-Server"] = answer.headers.get("server", "")
        return response
    return Response(answer.json())


@extend_schema(request=serializers.CouponSerializer, responses=serializers.DiscountSerializer, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def redeem(request):
    row = store.one(store.coupons, "code", checked(serializers.CouponSerializer, request)["code"])
    if row is None:
        raise NotFound("Unknown code.")
    return Response({"percent": row["percent"]})


@extend_schema(request=serializers.PaymentSerializer, responses={202: serializers.ReceivedSerializer}, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def payment(request):
    """The payment provider calls this for every payment."""
    given = checked(serializers.PaymentSerializer, request)
    if given["event"] == "paid" and store.one(store.invoices, "number", given["invoice"]):
        store.invoices.update_item(
            Key={"number": given["invoice"]},
            UpdateExpression="SET #s = :paid",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":paid": "paid"},
        )
    return Response({"received": True}, status=202)
