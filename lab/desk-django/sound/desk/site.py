"""Plain pages: health, the portal, the retired first version, the web application."""
import re
import secrets

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import escape
from django.views import View

from . import search
from .problems import problem

PAGE = '<!doctype html><html lang="en"><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>'
WEB_APP = """<!doctype html>
<html lang="en"><head><title>Harbour Desk</title><script src="/static/app.js"></script></head>
<body><div id="root"></div></body></html>
"""


class PlainView(View):
    http_method_names = ["get", "head"]

    def http_method_not_allowed(self, request, *args, **kwargs):
        response = problem(405)
        response["Allow"] = "GET, HEAD"
        return response


class Health(PlainView):
    def get(self, request):
        return JsonResponse({"status": "ok"})


class Help(PlainView):
    def get(self, request):
        page = HttpResponse(PAGE.format(title="Help", body="<p>How can we help?</p>"))
        page.set_cookie("desk_visit_session", secrets.token_hex(16), secure=True, httponly=True, samesite="Lax")
        return page


class HelpSearch(PlainView):
    def get(self, request):
        q = request.GET.get("q", "vpn")
        if not re.fullmatch(r"[A-Za-z0-9 -]{1,40}", q):
            return problem(400)
        hits = search.select("instr(lower(title), lower(%s)) > 0", q)
        listed = "".join(f"<li>{escape(hit['title'])}</li>" for hit in hits)
        return HttpResponse(
            PAGE.format(title="Search", body=listed or f"<p>Nothing was found for <b>{escape(q)}</b>.</p>")
        )


class HelpTopic(PlainView):
    def get(self, request):
        name = request.GET.get("name", "printing")
        if not 1 <= len(name) <= 80:
            return problem(400)
        text = f"<p>Nothing has been written about {escape(name)} yet.</p>"
        return HttpResponse(PAGE.format(title="Topic", body=text))


class Continue(PlainView):
    def get(self, request):
        """Where to go after signing in: a path of the portal."""
        target = request.GET.get("next", "/help")
        if len(target) > 80 or not re.fullmatch(r"(/[a-z0-9-]+)+", target):
            return problem(400)
        return HttpResponseRedirect(target)


class OldTickets(PlainView):
    def get(self, request):
        response = problem(410)
        response["Deprecation"] = "@1767225600"
        response["Sunset"] = "Wed, 01 Jul 2026 00:00:00 GMT"
        response["Link"] = '</api/v2/tickets>; rel="successor-version"'
        return response


class Script(PlainView):
    def get(self, request):
        return HttpResponse("document.title='Harbour Desk';\n", content_type="text/javascript")


class WebApp(PlainView):
    def get(self, request, page):
        """The web application finds its pages itself."""
        policy = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"
        return HttpResponse(WEB_APP, headers={"Content-Security-Policy": policy})
