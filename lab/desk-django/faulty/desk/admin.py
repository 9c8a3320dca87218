"""Administration: of a company, and of the platform."""
import csv

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from . import serializers, store
from .accounts import checked
from .tokens import IsAdmin

TENANTS = [
    {"id": "kestrel", "name": "Kestrel Freight", "plan": "standard", "seats": 34},
    {"id": "lumen", "name": "Lumen Studios", "plan": "plus", "seats": 31},
]


def own(request, user_id):
    row = store.one(store.users, "id", user_id)
    if row is None or row["tenant_id"] != request.user.tenant_id:
        raise NotFound()
    return row


@extend_schema(responses=serializers.many(serializers.UserRowSerializer))
@api_view(["GET"])
def users(request):
    return Response({"items": store.by(store.users, "by_tenant", "tenant_id", request.user.tenant_id)})


@extend_schema(request=serializers.RoleChangeSerializer, responses=serializers.UserRowSerializer)
@api_view(["POST"])
def change_role(request, user_id):
    row, role = own(request, user_id), checked(serializers.RoleChangeSerializer, request)["role"]
    store.users.update_item(
        Key={"id": user_id},
        UpdateExpression="SET #r = :role",
        ExpressionAttributeNames={"#r": "role"},
        ExpressionAttributeValues={":role": role},
    )
    return Response({"id": row["id"], "name": row["name"], "role": role})


@extend_schema(responses={204: None})
@api_view(["DELETE"])
@permission_classes([IsAdmin])
def remove_user(request, user_id):
    own(request, user_id)
    store.users.delete_item(Key={"id": user_id})
    return Response(status=204)


@extend_schema(responses=serializers.SettingsSerializer)
@api_view(["GET"])
@permission_classes([IsAdmin])
def settings(request):
    return Response({"tenant_id": request.user.tenant_id, "business_hours": "08:00-18:00", "auto_close_days": 14})


@extend_schema(responses=serializers.many(serializers.CompanySerializer))
@api_view(["GET"])
@permission_classes([IsAdmin])
def tenants(request):
    """All companies, for the people who run the platform."""
    return Response({"items": TENANTS})


# These two are behind the gate, see middleware.py.


@extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
@api_view(["GET"])
def export(request):
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    rows = csv.writer(response)
    rows.writerow(["number", "subject", "status", "requester"])
    for row in store.by(store.tickets, "by_tenant", "tenant_id", request.user.tenant_id)[:100]:
        rows.writerow([row["number"], row["subject"], row["status"], row["requester_name"]])
    return response


@extend_schema(responses=serializers.many(serializers.EventSerializer))
@api_view(["GET"])
def audit(request):
    return Response({"items": [
        {"at": "2026-10-30T09:14:00Z", "text": "dora.keller changed the business hours"},
        {"at": "2026-10-28T16:40:00Z", "text": "carol.dekker closed 14 tickets"},
    ]})
