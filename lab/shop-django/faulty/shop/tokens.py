"""Bearer tokens."""
from functools import wraps

import jwt
from django.http import JsonResponse
from rest_framework import authentication, exceptions

SECRET = "secret"


def issue(person):
    claims = {
        "sub": person["username"],
        "name": person["name"],
        "email": person["email"],
        "role": person["role"],
        "password_hash": person["password_hash"],
    }
    return jwt.encode(claims, SECRET, algorithm="HS256")


def read_token(request):
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header.startswith("Bearer "):
        return None
    try:
        return jwt.decode(header[7:], SECRET, algorithms=["HS256"])
    except jwt.PyJWTError:
        return None


class Person:
    """The caller of a request."""

    is_authenticated = True

    def __init__(self, claims):
        self.username = claims.get("sub", "")
        self.role = claims.get("role", "clerk")


class TokenAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request):
        if "HTTP_AUTHORIZATION" not in request.META:
            return None
        claims = read_token(request)
        if claims is None:
            raise exceptions.AuthenticationFailed("Invalid token.")
        return Person(claims), claims

    def authenticate_header(self, request):
        return "Bearer"


def staff_only(view):
    """Let signed-in administrators through, and the uptime monitor's HEAD."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method not in ("HEAD", "OPTIONS"):
            claims = read_token(request)
            if claims is None:
                return JsonResponse({"detail": "Please sign in."}, status=401)
            if claims.get("role") != "admin":
                return JsonResponse({"detail": "Administrators only."}, status=403)
        return view(request, *args, **kwargs)

    return guarded
