"""The pages of the portal, and what belongs to operating it."""
import secrets

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from . import assets, store

PAGE = "<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@require_safe
def health(request):
    return JsonResponse({"status": "ok"})


@require_safe
def help_page(request):
    page = HttpResponse(PAGE.format(title="Help", body="<p>How can we help?</p>"))
    page.set_cookie("desk_visit_session", secrets.token_hex(16))
    return page


@require_safe
def help_search(request):
    q = request.GET.get("q", "vpn")
    hits = [row["title"] for row in store.everything(store.articles) if q.lower() in row["title"].lower()]
    listed = "".join(f"<li>{title}</li>" for title in hits) or f"<p>Nothing was found for <b>{q}</b>.</p>"
    return HttpResponse(PAGE.format(title="Search", body=listed))


@require_safe
def help_topic(request):
    name = escape(request.GET.get("name", "printing"))
    return HttpResponse(PAGE.format(title="Topic", body=f"<p>Nothing has been written about {name} yet.</p>"))


@require_safe
def continue_to(request):
    """Where to go after signing in."""
    return HttpResponseRedirect(request.GET.get("next", "/help"))


@require_safe
def old_tickets(request):
    rows = store.plain(store.tickets.scan(Limit=25)["Items"])
    return JsonResponse({"tickets": sorted(rows, key=lambda row: row["number"])})


@require_safe
def metrics(request):
    return HttpResponse(assets.METRICS, content_type="text/plain; version=0.0.4")


@require_safe
def web_app(request, page):
    """The web application finds its pages itself."""
    return HttpResponse(assets.WEB_APP)


@require_safe
def asset(request, name):
    found = assets.FILES.get(name)
    if found is None:
        return JsonResponse({"detail": "Not found."}, status=404)
    kind, text = found
    return HttpResponse(text, content_type=kind)
