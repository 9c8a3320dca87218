"""Invoices, coupons, exchange rates and what the payment provider tells us."""
import hashlib
import hmac
import json

from django.conf import settings
from django.http import Http404, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import permissions
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.response import Response
from rest_framework.views import APIView

from . import bodies, paging, queries, serializers, store
from .outbound import NoAnswer, fetch

INVOICE = serializers.names(serializers.InvoiceSerializer)
NUMBER = OpenApiParameter(
    "number", {"type": "integer", "minimum": 1, "maximum": serializers.ID, "example": 70001}, OpenApiParameter.PATH
)


def own(user, number):
    row = store.one("desk-invoices", {"number": number}, INVOICE)
    if row is None or row["tenant_id"] != user.tenant_id:
        raise Http404
    return row


class Invoices(APIView):
    @extend_schema(operation_id="invoices", parameters=[queries.InvoiceQuery], responses=serializers.InvoicePage)
    def get(self, request):
        """One page of the company's invoices."""
        query = queries.read(queries.InvoiceQuery, request)
        if query.get("tenant_id", request.user.tenant_id) != request.user.tenant_id:
            raise PermissionDenied()
        return Response(paging.read(store.INVOICES, request.user.tenant_id, INVOICE, query, "invoices"))


class Invoice(APIView):
    @extend_schema(operation_id="invoice", parameters=[NUMBER], responses=serializers.InvoiceSerializer)
    def get(self, request, number):
        return Response(own(request.user, number))


class InvoiceText(APIView):
    @extend_schema(
        operation_id="invoice_text", parameters=[NUMBER],
        responses={(200, "text/plain"): {"type": "string", "maxLength": 400}},
    )
    def get(self, request, number):
        row = own(request.user, number)
        lines = f"Invoice {row['number']}\nPeriod {row['period']}\nTotal EUR {row['total_eur']}\n"
        return HttpResponse(lines, content_type="text/plain; charset=utf-8")


class ExchangeRate(APIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]

    @extend_schema(
        operation_id="exchange_rate", parameters=[queries.CurrencyQuery], responses=serializers.RateSerializer
    )
    def get(self, request):
        currency = queries.read(queries.CurrencyQuery, request)["currency"]
        status, text = fetch(f"{settings.UPSTREAM}/rates/{currency}")
        try:
            rate = str(float(json.loads(text)["rate"])) if status == 200 else None
        except (KeyError, TypeError, ValueError) as error:
            raise NoAnswer() from error
        if rate is None:
            raise NoAnswer()
        return Response({"currency": currency, "rate": rate}, headers={"Cache-Control": "public, max-age=30"})


class Redeem(APIView):
    @extend_schema(
        operation_id="redeem", request=serializers.CouponSerializer, responses=serializers.DiscountSerializer
    )
    def post(self, request):
        """What a code is worth."""
        code = bodies.read(serializers.CouponSerializer, request)["code"]
        row = store.one("desk-coupons", {"code": code}, ["percent"])
        if row is None:
            raise Http404
        return Response({"percent": row["percent"]})


class Payment(APIView):
    # What comes is believed when its signature is right; the token of a person has no part in it.
    permission_classes = [permissions.AllowAny]

    @extend_schema(
        operation_id="payment", request=serializers.PaymentSerializer,
        responses={202: serializers.ReceivedSerializer}, auth=[{"paymentSignature": []}],
    )
    def post(self, request):
        """The payment provider calls this for every payment."""
        given = bodies.read(serializers.PaymentSerializer, request) if "X-Signature" in request.headers else None
        if given is None:
            raise AuthenticationFailed()
        message = f"{given['event']}:{given['invoice']}".encode()
        wanted = hmac.new(settings.HOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers["X-Signature"].encode(), wanted.encode()):
            raise AuthenticationFailed()
        if store.one("desk-invoices", {"number": given["invoice"]}, ["number"]) is not None:
            status = "paid" if given["event"] == "paid" else "due"
            store.change("desk-invoices", {"number": given["invoice"]}, {"status": status})
        return Response({"received": True}, status=202)
