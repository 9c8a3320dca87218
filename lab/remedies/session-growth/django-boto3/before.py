"""Every item that a visitor has looked at goes into the session, which is read and written with each request."""

import boto3
from django.http import Http404, JsonResponse
from django.urls import path

client = boto3.client("dynamodb")


def product(request, product_id):
    item = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
    if item is None:
        raise Http404
    seen = request.session.get("seen", [])
    seen.append(item)
    request.session["seen"] = seen
    return JsonResponse({"id": product_id, "name": item["name"]["S"]})


urlpatterns = [path("products/<str:product_id>", product)]
