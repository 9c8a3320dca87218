"""Sign-in and the caller's own account."""
from django.contrib.auth.hashers import check_password, make_password
from drf_spectacular.utils import extend_schema
from rest_framework import permissions
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.response import Response
from rest_framework.views import APIView

from . import serializers, store, tokens
from .customers import masked_email


class SignIn(APIView):
    # The authenticator names the challenge of a 401; no token is needed to ask for one.
    authentication_classes = [tokens.TokenAuthentication]
    permission_classes = [permissions.AllowAny]

    @extend_schema(
        operation_id="sign_in",
        request=serializers.CredentialsSerializer,
        responses=serializers.TokenSerializer,
        auth=[],
    )
    def post(self, request):
        given = serializers.CredentialsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        username, password = given.validated_data["username"], given.validated_data["password"]
        person = store.one(store.STAFF, {"username": username}, ["role", "password_hash"])
        if person is None:
            # The same work for unknown names, so that time does not tell who exists.
            make_password(password)
            raise AuthenticationFailed()
        if not check_password(password, person["password_hash"]):
            raise AuthenticationFailed()
        token = tokens.issue(username, person["role"])
        return Response(
            {"access_token": token, "token_type": "bearer", "expires_in": int(tokens.LIFETIME.total_seconds())}
        )


class Me(APIView):
    @extend_schema(operation_id="me", responses=serializers.ProfileSerializer)
    def get(self, request):
        person = store.one(store.STAFF, {"username": request.user.username}, ["username", "name", "role", "email"])
        if person is None:
            raise AuthenticationFailed()
        return Response({**person, "email": masked_email(person["email"])})
