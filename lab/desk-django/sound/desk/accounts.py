"""Signing in and up, and one's own account."""
from django.contrib.auth.hashers import check_password, make_password
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import permissions
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.views import APIView

from . import bodies, serializers, store, tokens

SIGN_IN = ["id", "name", "role", "tenant_id", "password_hash"]
ACCOUNT = serializers.names(serializers.AccountSerializer)


def masked(email):
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host[:1]}***"


def account(user):
    row = store.one("desk-users", {"id": user.id}, ACCOUNT)
    if row is None:
        raise Http404
    return {**row, "email": masked(row["email"])}


class SignIn(APIView):
    # The authenticator names the challenge of a 401; no token is needed to ask for one.
    permission_classes = [permissions.AllowAny]

    @extend_schema(
        operation_id="sign_in", request=serializers.LoginSerializer, responses=serializers.TokenSerializer, auth=[]
    )
    def post(self, request):
        given = bodies.read(serializers.LoginSerializer, request)
        found, _ = store.page(store.BY_EMAIL, given["email"], SIGN_IN, 1)
        if not found:
            # The same work for unknown addresses, so that time does not tell who exists.
            make_password(given["password"])
            raise AuthenticationFailed()
        if not check_password(given["password"], found[0]["password_hash"]):
            raise AuthenticationFailed()
        token, seconds = tokens.issue(found[0]), int(tokens.LIFETIME.total_seconds())
        response = Response({"access_token": token, "token_type": "bearer", "expires_in": seconds})
        response.set_cookie(
            "desk_session", token, max_age=seconds, path="/api/", secure=True, httponly=True, samesite="Strict"
        )
        return response


class Register(APIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]

    @extend_schema(
        operation_id="register", request=serializers.RegistrationSerializer, responses={202: serializers.OkSerializer}
    )
    def post(self, request):
        """The rest is in the message that goes to the address, whether it is known already or not."""
        bodies.read(serializers.RegistrationSerializer, request)
        return Response({"ok": True}, status=202)


class Reset(APIView):
    authentication_classes = []
    permission_classes = [permissions.AllowAny]

    @extend_schema(operation_id="reset", request=serializers.ResetSerializer, responses=serializers.OkSerializer)
    def post(self, request):
        """The answer is the same for every address."""
        bodies.read(serializers.ResetSerializer, request)
        return Response({"ok": True})


class Me(APIView):
    @extend_schema(operation_id="me", responses=serializers.AccountSerializer)
    def get(self, request):
        return Response(account(request.user))

    @extend_schema(
        operation_id="change_me", request=serializers.AccountChangeSerializer, responses=serializers.AccountSerializer
    )
    def patch(self, request):
        """Change name or language; nothing else of an account is its owner's to change."""
        values = bodies.read(serializers.AccountChangeSerializer, request)
        account(request.user)
        if values:
            store.change("desk-users", {"id": request.user.id}, values)
        return Response(account(request.user))
