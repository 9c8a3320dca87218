"""A user's own profile.

Only the signed-in user sees it: somebody else's id is answered like an id that
does not exist. `issue_token` makes the bearer token. Attributes are projected
at the store, may be missing, and are turned into JSON types one by one.

Run: gunicorn sound:application
"""

import os

import boto3
from django.conf import settings
from django.core import signing
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

TABLE = "Users"
TOKEN_SECONDS = 900

if not settings.configured:
    settings.configure(
        SECRET_KEY=os.environ["SAMPLE_SECRET_KEY"],
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
    )

dynamodb = boto3.client(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)


def issue_token(user_id):
    return signing.dumps(user_id, salt="user-token")


def signed_in_user(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    try:
        return signing.loads(token, salt="user-token", max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return None


@require_safe
def user_detail(request, user_id):
    signed_in = signed_in_user(request)
    if signed_in is None:
        return JsonResponse(
            {"detail": "sign in first"}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    item = read_user(user_id) if user_id == signed_in else None
    if item is None:
        return JsonResponse({"detail": "no such user"}, status=404)
    data = {
        "id": user_id,
        "name": item.get("name", {}).get("S"),
        "email": item.get("email", {}).get("S"),
        "groups": sorted(item.get("groups", {}).get("SS", [])),
    }
    return JsonResponse(data, headers={"Cache-Control": "no-store"})


def read_user(user_id):
    response = dynamodb.get_item(
        TableName=TABLE,
        Key={"id": {"S": user_id}},
        ProjectionExpression="#name, email, #groups",
        ExpressionAttributeNames={"#name": "name", "#groups": "groups"},
    )
    return response.get("Item")


urlpatterns = [path("users/<str:user_id>", user_detail)]
application = get_wsgi_application()
