"""Administration: of a company by its administrators, of the platform by its operators."""
import csv

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import bodies, paging, queries, serializers, store
from .middleware.counters import Counters
from .people import USER_ID
from .tokens import IsAdmin, IsOperator

ROW = serializers.names(serializers.UserRowSerializer)
EXPORTED = ["number", "subject", "status", "requester_name"]
TENANTS = [
    {"id": "kestrel", "name": "Kestrel Freight", "plan": "standard", "seats": 34},
    {"id": "lumen", "name": "Lumen Studios", "plan": "plus", "seats": 31},
]
AUDIT = [
    {"at": "2026-10-30T09:14:00Z", "text": "The business hours were changed"},
    {"at": "2026-10-28T16:40:00Z", "text": "14 tickets were closed"},
]
NEXT_CURSOR = OpenApiParameter(
    "X-Next-Cursor", {"type": "string", "maxLength": 512}, OpenApiParameter.HEADER, response=[200],
    description="Cursor of the next portion; absent at the end",
)


def own(user, user_id):
    row = store.one("desk-users", {"id": user_id}, [*ROW, "tenant_id"])
    if row is None or row.pop("tenant_id") != user.tenant_id:
        raise Http404
    return row


class Users(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="admin_users", parameters=[paging.PageQuery], responses=serializers.UserPage)
    def get(self, request):
        query = queries.read(paging.PageQuery, request)
        return Response(paging.read(store.USERS, request.user.tenant_id, ROW, query, "admin-users"))


class ChangeRole(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(
        operation_id="change_role", parameters=[USER_ID], request=serializers.RoleChangeSerializer,
        responses=serializers.UserRowSerializer,
    )
    def post(self, request, user_id):
        """Make somebody an agent, or a member again."""
        role = bodies.read(serializers.RoleChangeSerializer, request)["role"]
        row = own(request.user, user_id)
        store.change("desk-users", {"id": user_id}, {"role": role})
        return Response({**row, "role": role})


class User(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="remove_user", parameters=[USER_ID], responses={204: None})
    def delete(self, request, user_id):
        """Remove an account of the company."""
        own(request.user, user_id)
        store.client.delete_item(TableName="desk-users", Key=store.to_store({"id": user_id}))
        return Response(status=204)


class Settings(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="admin_settings", responses=serializers.SettingsSerializer)
    def get(self, request):
        tenant = request.user.tenant_id
        return Response({"tenant_id": tenant, "business_hours": "08:00-18:00", "auto_close_days": 14})


class Tenants(APIView):
    permission_classes = [IsOperator]

    @extend_schema(operation_id="admin_tenants", responses=serializers.Companies)
    def get(self, request):
        """All companies, for the people who run the platform."""
        return Response({"items": TENANTS})


class Export(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(
        operation_id="admin_export", parameters=[queries.ExportQuery, NEXT_CURSOR],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request):
        """The company's tickets, portion by portion."""
        query = queries.read(queries.ExportQuery, request)
        page = paging.read(store.TICKETS, request.user.tenant_id, EXPORTED, query, "export")
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        rows = csv.writer(response)
        rows.writerow(["number", "subject", "status", "requester"])
        rows.writerows([row[name] for name in EXPORTED] for row in page["items"])
        if page["next_cursor"]:
            response["X-Next-Cursor"] = page["next_cursor"]
        return response


class Audit(APIView):
    permission_classes = [IsAdmin]

    @extend_schema(operation_id="admin_audit", responses=serializers.Audit)
    def get(self, request):
        """What was changed lately."""
        return Response({"items": AUDIT})


class Metrics(APIView):
    permission_classes = [IsOperator]

    @extend_schema(operation_id="metrics", responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request):
        lines = ["# TYPE desk_answers_total counter"]
        lines += [f'desk_answers_total{{class="{kind}xx"}} {count}' for kind, count in Counters.answers.items()]
        return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8")
