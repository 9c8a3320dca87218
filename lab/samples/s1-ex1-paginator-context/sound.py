"""Active users, one bounded page per request.

A scan page is read, projected at the store to what is shown, and given out with
a signed cursor; no request holds more than one page. Rows without an address
are ordinary rows. The list is for signed-in staff: `issue_token` makes the
bearer token.

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
MAX_LIMIT = 100
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


def issue_token(staff_name):
    return signing.dumps(staff_name, salt="staff-token")


def is_staff(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    try:
        return bool(signing.loads(token, salt="staff-token", max_age=TOKEN_SECONDS))
    except signing.BadSignature:
        return False


def active_page(limit, start_key):
    start = {"ExclusiveStartKey": {"id": {"S": start_key}}} if start_key else {}
    page = dynamodb.scan(
        TableName=TABLE,
        Limit=limit,
        FilterExpression="attribute_exists(#status)",
        ProjectionExpression="id, email",
        ExpressionAttributeNames={"#status": "status"},
        **start,
    )
    users = [
        {"id": item["id"]["S"], "email": item.get("email", {}).get("S")} for item in page["Items"]
    ]
    return users, page.get("LastEvaluatedKey", {}).get("id", {}).get("S")


@require_safe
def active_users(request):
    if not is_staff(request):
        return JsonResponse(
            {"detail": "sign in first"}, status=401, headers={"WWW-Authenticate": "Bearer"}
        )
    try:
        limit = int(request.GET.get("limit", "50"))
    except ValueError:
        limit = 0
    if not 1 <= limit <= MAX_LIMIT:
        return JsonResponse({"detail": f"limit must be 1 to {MAX_LIMIT}"}, status=400)
    cursor = request.GET.get("cursor")
    try:
        start_key = signing.loads(cursor, salt="active-users") if cursor else None
    except signing.BadSignature:
        return JsonResponse({"detail": "the cursor is not one of ours"}, status=400)
    users, last = active_page(limit, start_key)
    # A filtered page may be empty and still not be the last one: only the cursor ends the list.
    next_cursor = signing.dumps(last, salt="active-users") if last else None
    return JsonResponse(
        {"users": users, "next_cursor": next_cursor}, headers={"Cache-Control": "no-store"}
    )


urlpatterns = [path("users/active", active_users)]
application = get_wsgi_application()
