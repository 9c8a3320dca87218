"""Sign-in and the caller's own account."""
from django.contrib.auth.hashers import check_password
from drf_spectacular.utils import extend_schema
from rest_framework import permissions
from rest_framework.decorators import api_view, permission_classes
from rest_framework.response import Response

from . import store, tokens
from .serializers import CredentialsSerializer, StaffSerializer, TokenSerializer


@extend_schema(request=CredentialsSerializer, responses=TokenSerializer, auth=[], tags=["auth"])
@api_view(["POST"])
def token(request):
    person = store.table(store.STAFF).get_item(Key={"username": request.data["username"]}).get("Item")
    if person is None or not check_password(request.data["password"], person["password_hash"]):
        return Response({"detail": "Unknown user or wrong password."}, status=401)
    return Response({"access_token": tokens.issue(person), "token_type": "bearer"})


@extend_schema(responses=StaffSerializer, tags=["auth"])
@api_view(["GET"])
@permission_classes([permissions.IsAuthenticated])
def me(request):
    person = store.table(store.STAFF).get_item(Key={"username": request.user.username}).get("Item")
    return Response(person)
