"""Plain pages: health, recently seen, redirects, partners, the retired first version."""
from django.conf import settings
from django.http import HttpResponseRedirect, JsonResponse
from django.views import View

from .problems import body, problem
from .recent import recent

READ_ONLY = ["get", "head"]


class PlainView(View):
    http_method_names = READ_ONLY

    def http_method_not_allowed(self, request, *args, **kwargs):
        response = problem(405)
        response["Allow"] = "GET, HEAD"
        return response


class Health(PlainView):
    def get(self, request):
        return JsonResponse({"status": "ok"})


class Recent(PlainView):
    def get(self, request):
        return JsonResponse({"items": recent.items()})


class Go(PlainView):
    def get(self, request):
        target = request.GET.get("url")
        if target not in settings.REDIRECTS:
            return problem(400)
        return HttpResponseRedirect(target)


PARTNERS = {
    "loftwerk": {"name": "Loftwerk", "site": "https://www.loftwerk-interiors.com/"},
    "nordhus": {"name": "Nordhus", "site": "https://nordhus-living.com/partners"},
    "casa-brava": {"name": "Casa Brava", "site": "https://casabrava-home.com/"},
}
KEPT = {"Cache-Control": "public, max-age=300"}


class Partners(PlainView):
    def get(self, request):
        items = [
            {"id": partner_id, **partner, "_links": {"status": f"/partners/{partner_id}/status"}}
            for partner_id, partner in PARTNERS.items()
        ]
        return JsonResponse({"items": items}, headers=KEPT)


class PartnerStatus(PlainView):
    def get(self, request, partner_id):
        if partner_id not in PARTNERS:
            return problem(404)
        return JsonResponse({"id": partner_id, "active": True}, headers=KEPT)


class OldProducts(PlainView):
    def get(self, request):
        return JsonResponse(
            body(410, "Use /products"),
            status=410,
            content_type="application/problem+json",
            headers={
                "Deprecation": "@1767225600",
                "Sunset": "Thu, 01 Jan 2026 00:00:00 GMT",
                "Link": '</products>; rel="successor-version"',
            },
        )
