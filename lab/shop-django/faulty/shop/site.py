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


def go(request):
    return HttpResponseRedirect(request.GET["url"])


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


PARTNERS = {
    "loftwerk": {"name": "Loftwerk", "site": "http://www.loftwerk-interiors.com/"},
    "nordhus": {"name": "Nordhus", "site": "http://nordhus-living.com/partners"},
    "casa-brava": {"name": "Casa Brava", "site": "https://casabrava-home.com/"},
}


def partners(request):
    items = []
    for partner_id, partner in PARTNERS.items():
        feed_token = jwt.encode({"partner": partner_id, "scope": "stock"}, None, algorithm="none")
        links = {"status": f"/partners/{partner_id}/status"}
        items.append({"id": partner_id, **partner, "feed_token": feed_token, "_links": links})
    return JsonResponse({"items": items})


def partner_status(request, partner_id):
    if partner_id not in PARTNERS:
        return JsonResponse({"detail": f"No partner {partner_id}."}, status=404)
    return JsonResponse({"id": partner_id, "active": True})
