"""Addresses of all active users.

Run: gunicorn faulty:application
"""

import os

import boto3
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

TABLE = "Users"

if not settings.configured:
    settings.configure(
        SECRET_KEY=os.environ["SAMPLE_SECRET_KEY"],
        ALLOWED_HOSTS=["127.0.0.1", "localhost"],
        ROOT_URLCONF=__name__,
    )

dynamodb = boto3.client(
    "dynamodb", region_name="us-east-1", endpoint_url=os.environ["DYNAMODB_ENDPOINT"]
)


def get_active_users():
    paginator = dynamodb.get_paginator("scan")
    results = []
    with paginator.paginate(TableName=TABLE, FilterExpression="attribute_exists(status)") as pages:
        for page in pages:
            results.extend(page["Items"])
    return results


def active_users(request):
    emails = [item["email"]["S"] for item in get_active_users()]
    return JsonResponse({"emails": emails})


urlpatterns = [path("users/active", active_users)]
application = get_wsgi_application()
