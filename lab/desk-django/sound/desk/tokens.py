"""Bearer tokens, and what their bearers may do."""
from datetime import datetime, timedelta, timezone

import jwt
from django.conf import settings
from rest_framework import authentication, exceptions, permissions

ISSUER = "https://harbourdesk.io"
AUDIENCE = "desk-api"
LIFETIME = timedelta(hours=1)


class Caller:
    is_authenticated = True

    def __init__(self, number, name, role, tenant_id):
        self.id = number
        self.name = name
        self.role = role
        self.tenant_id = tenant_id


def issue(person):
    now = datetime.now(timezone.utc)
    claims = {
        "sub": str(person["id"]), "name": person["name"], "role": person["role"], "tenant": person["tenant_id"],
        "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME,
    }
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
            return Caller(int(claims["sub"]), claims["name"], claims["role"], claims["tenant"]), None
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise exceptions.AuthenticationFailed() from error

    def authenticate_header(self, request):
        return 'Bearer realm="harbour-desk"'


class Role(permissions.IsAuthenticated):
    """One of the roles; the contract names it beside the scheme."""

    role = None

    def has_permission(self, request, view):
        return super().has_permission(request, view) and request.user.role == self.role


class IsAdmin(Role):
    """An administrator of a company."""

    role = "admin"


class IsOperator(Role):
    """Somebody who runs the platform."""

    role = "operator"
