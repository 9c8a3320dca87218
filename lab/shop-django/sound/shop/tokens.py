"""Bearer tokens and who may do what."""
from datetime import datetime, timedelta, timezone

import jwt
from django.conf import settings
from rest_framework import authentication, exceptions, permissions

ISSUER = "https://plank-and-tide.shop"
AUDIENCE = "shop-api"
LIFETIME = timedelta(hours=1)


class Caller:
    is_authenticated = True

    def __init__(self, username, role):
        self.username = username
        self.role = role


def issue(username, role):
    now = datetime.now(timezone.utc)
    claims = {"sub": username, "role": role, "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME}
    return jwt.encode(claims, settings.JWT_SECRET, algorithm="HS256")


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer":
            raise exceptions.AuthenticationFailed()
        try:
            claims = jwt.decode(
                token,
                settings.JWT_SECRET,
                algorithms=["HS256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={"require": ["exp", "sub", "role"]},
            )
        except jwt.PyJWTError as error:
            raise exceptions.AuthenticationFailed() from error
        return Caller(claims["sub"], claims["role"]), None

    def authenticate_header(self, request):
        return 'Bearer realm="shop"'


class IsAdmin(permissions.IsAuthenticated):
    # The contract names it beside the scheme.
    role = "admin"

    def has_permission(self, request, view):
        return super().has_permission(request, view) and request.user.role == self.role
