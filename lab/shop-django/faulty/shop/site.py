"""Small pages: health, metrics, recently seen, redirects, partners."""
import platform
import socket

import django
import jwt
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from rest_framework.utils.encoders import JSONEncoder

from . import store
from .middleware import HistoryMiddleware
from .products import SUMMARY

RECENT = []


def health(request):
    return JsonResponse(
        {
            "status": "ok",
            "host": socket.gethostname(),
            "store": settings.DYNAMODB_ENDPOINT,
            "path": str(settings.BASE_DIR),
        }
    )


def metrics(request):
    lines = [
        "# TYPE shop_requests_total counter",
        f"shop_requests_total {len(HistoryMiddleware.history)}",
        "# TYPE shop_info gauge",
        f'shop_info{{django="{django.get_version()}",python="{platform.python_version()}"}} 1',
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def recent(request):
    arrivals = store.products.scan(Limit=3, **SUMMARY)["Items"]
    items = RECENT
    items.extend(arrivals)
    return JsonResponse({"items": items}, encoder=JSONEncoder)


def go(request):
    return HttpResponseRedirect(request.GET["url"])


def partners(request):
    feed_token = jwt.encode({"partner": "loftwerk", "scope": "stock"}, None, algorithm="none")
    return JsonResponse(
        {
            "items": [
                {"name": "Loftwerk", "site": "http://www.loftwerk-interiors.com/", "feed_token": feed_token},
                {"name": "Nordhus", "site": "http://nordhus-living.com/partners", "feed_token": None},
                {"name": "Casa Brava", "site": "https://casabrava-home.com/", "feed_token": None},
            ]
        }
    )
