"""Signing in and up, and one's own account."""
import time

from boto3.dynamodb.conditions import Key
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, permission_classes
from rest_framework.exceptions import APIException, AuthenticationFailed, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from . import serializers, store, tokens

ACCOUNT = ("id", "email", "name", "tenant_id", "role", "is_admin", "plan", "credit_cents", "language")


class Taken(APIException):
    status_code = 409
    default_detail = "This e-mail address has an account already."


def find_by_email(email):
    rows = store.users.query(IndexName="by_email", KeyConditionExpression=Key("email").eq(email))["Items"]
    return store.plain(rows[0]) if rows else None


def checked(serializer, request):
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def shown(row):
    return {name: row.get(name) for name in ACCOUNT}


@extend_schema(request=serializers.LoginSerializer, responses=serializers.TokenSerializer, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def sign_in(request):
    given = checked(serializers.LoginSerializer, request)
    person = find_by_email(given["email"])
    if person is None or not tokens.password_matches(given["password"], person["password_hash"]):
        raise AuthenticationFailed("Wrong e-mail or password.")
    token = tokens.issue(person)
    response = Response({"access_token": token, "token_type": "bearer"})
    response.set_cookie("desk_session", token)
    return response


@extend_schema(request=serializers.RegistrationSerializer, responses={201: serializers.AccountSerializer}, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def register(request):
    given = checked(serializers.RegistrationSerializer, request)
    if find_by_email(given["email"]):
        raise Taken()
    number = int(time.time() * 1000) % 10_000_000 + 10_000
    person = {
        "id": number, "tenant_id": "lumen", "title": "", "role": "member", "is_admin": False, "plan": "trial",
        "credit_cents": 0, "language": "en", "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ"), **request.data,
    }
    person["password_hash"] = tokens.hashed(person.pop("password"), f"desk{number}")
    store.users.put_item(Item=store.stored(person))
    return Response(shown(person), status=201)


@extend_schema(request=serializers.ResetSerializer, responses=serializers.OkSerializer, auth=[])
@api_view(["POST"])
@permission_classes([AllowAny])
def reset(request):
    if find_by_email(checked(serializers.ResetSerializer, request)["email"]) is None:
        raise NotFound("There is no account with this e-mail address.")
    return Response({"ok": True})


@extend_schema(methods=["GET"], responses=serializers.AccountSerializer)
@extend_schema(methods=["PATCH"], request=serializers.AccountChangeSerializer, responses=serializers.AccountSerializer)
@api_view(["GET", "PATCH"])
def me(request):
    person = store.one(store.users, "id", request.user.id)
    if person is None:
        raise NotFound()
    if request.method == "PATCH":
        checked(serializers.AccountChangeSerializer, request)
        person.update(request.data)
        person["id"] = request.user.id
        store.users.put_item(Item=store.stored(person))
    return Response(shown(person))
