"""A user's profile.

Run: gunicorn faulty:application
"""

import os

import boto3
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY=os.environ["SAMPLE_SECRET_KEY"],
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
    )

dynamodb = boto3.resource(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)
table = dynamodb.Table("Users")


def user_detail(request, user_id):
    item = table.get_item(Key={"id": user_id}).get("Item")
    # Pass on only what the page needs, not the item itself
    data = {
        "id": item.get("id"),
        "name": item.get("name"),
        "email": item.get("email"),
        "groups": item.get("groups"),
    }
    return JsonResponse(data)


urlpatterns = [path("users/<str:user_id>", user_detail)]
application = get_wsgi_application()
