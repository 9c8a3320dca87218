//! Weaknesses of inventory and of the use of others' services (OWASP API9:2023, API10:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const INSECURE_THIRD_PARTY_URL: Facts = Facts {
    id: "insecure-third-party-url",
    title: "Answers send clients to http:// addresses",
    category: Category::UnsafeConsumption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 319,
    owasp: "API10:2023",
    why: "Whoever sits between the client and that host reads what is fetched and can change it: a feed, an image, a download. The API hands the address out, so its \
          users trust it as they trust the API.",
    fastapi: r#"Store and hand out `https://` only, and refuse anything else where the address comes in.

```python
from pydantic import BaseModel, HttpUrl, field_validator


class Partner(BaseModel):
    id: str
    feed: HttpUrl

    @field_validator("feed")
    @classmethod
    def only_https(cls, value: HttpUrl) -> HttpUrl:
        if value.scheme != "https":
            raise ValueError("must be an https address")
        return value
```"#,
    django: r#"Limit the schemes of the field, and migrate the rows that have another one.

```python
from django.core.validators import URLValidator
from rest_framework import serializers


class PartnerSerializer(serializers.Serializer):
    id = serializers.CharField()
    feed = serializers.CharField(validators=[URLValidator(schemes=["https"])])
```"#,
};

pub(super) const CALLBACK_SURFACE: Facts = Facts {
    id: "callback-surface",
    title: "The contract declares callbacks or webhooks",
    category: Category::UnsafeConsumption,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 918,
    owasp: "API10:2023",
    why: "A callback or webhook is a request that the service sends to an address that somebody else chose. Unless the address is checked, it can be one of the internal \
          network; unless the request is signed, its receiver cannot trust it.",
    fastapi: r#"Register addresses ahead of time, or check what each one resolves to before *every* request, send to the address that was checked, and follow no redirects.

```python
import ipaddress
import socket
from urllib.parse import urlsplit


def public_addresses(url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("callbacks need an https address")
    found = {info[4][0] for info in socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)}
    if not all(ipaddress.ip_address(address).is_global for address in found):
        raise ValueError("callbacks go to public hosts only")
    return sorted(found)
```"#,
    django: r#"The same check in the serializer refuses bad addresses early; repeat it where the request is sent, because names can change what they resolve to.

```python
from rest_framework import serializers


class OrderSerializer(serializers.Serializer):
    callback_url = serializers.URLField(required=False, max_length=500)

    def validate_callback_url(self, value):
        try:
            public_addresses(value)  # raises ValueError unless all addresses are public
        except (OSError, ValueError) as error:
            raise serializers.ValidationError("callbacks go to public https hosts only") from error
        return value
```"#,
};

pub(super) const DEPRECATED_OPERATION: Facts = Facts {
    id: "deprecated-operation",
    title: "A deprecated operation still answers",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 477,
    owasp: "API9:2023",
    why: "Nobody looks after a deprecated operation, yet it reaches the same data as its successor. Limits, access rules and fixes that the successor got are often \
          missing in it.",
    fastapi: r#"Announce the end (RFC 9745 `Deprecation`, RFC 8594 `Sunset`), then answer 410.

```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/v1/products", deprecated=True, responses={410: {"description": "Use /products"}})
def products_v1() -> None:
    raise HTTPException(410, "use /products", headers={"Link": '</products>; rel="successor-version"'})
```"#,
    django: r#"Answer 410 with the address of the successor, and keep the operation in the schema as deprecated until callers are gone.

```python
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.response import Response


@extend_schema(deprecated=True, responses={410: None})
@api_view(["GET"])
def products_v1(request):
    return Response(status=410, headers={"Link": '</products>; rel="successor-version"'})
```"#,
};

pub(super) const UNDOCUMENTED_OPERATION: Facts = Facts {
    id: "undocumented-operation",
    title: "An operation that the contract does not list",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 1059,
    owasp: "API9:2023",
    why: "What the contract does not list is in no review, no generated test and no rule of a gateway. Forgotten versions and internal operations are found by those \
          who look for them.",
    fastapi: r#"Leave `include_in_schema=False` to what is no API, and remove routes that nobody needs. A test keeps it so:

```python
from fastapi.routing import APIRoute

from app.main import app

UNLISTED = {"/health", "/metrics"}


def test_every_route_is_in_the_contract() -> None:
    listed = app.openapi()["paths"]
    routes = {route.path for route in app.routes if isinstance(route, APIRoute)}
    assert routes - set(listed) <= UNLISTED
```"#,
    django: r#"drf-spectacular lists views of REST framework only. Turn plain views into API views, and say what they answer.

```python
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view
from rest_framework.response import Response

from .serializers import PartnerStatusSerializer


@extend_schema(responses=PartnerStatusSerializer)
@api_view(["GET"])
def partner_status(request, partner_id):
    return Response(PartnerStatusSerializer({"id": partner_id, "active": True}).data)
```"#,
};

pub(super) const VERSION_BANNER: Facts = Facts {
    id: "version-banner",
    title: "Product and version in a header",
    category: Category::Inventory,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 497,
    owasp: "API9:2023",
    why: "A header with an exact version lets anybody look up the known vulnerabilities of exactly this release, and find every server that runs it in a search \
          engine. It helps no client.",
    fastapi: r#"uvicorn leaves its name out with `--no-server-header`. Delete lines that set such headers elsewhere; at a proxy, nginx has `server_tokens off`.

```python
import uvicorn

if __name__ == "__main__":
    uvicorn.run("app.main:app", server_header=False)
```"#,
    django: r#"gunicorn has no switch for its name. Remove it at the proxy (`proxy_hide_header Server` in nginx), or in `gunicorn.conf.py`:

```python
def post_fork(server, worker):
    from gunicorn.http import wsgi

    original = wsgi.Response.default_headers

    def without_server(response):
        return [line for line in original(response) if not line.lower().startswith("server:")]

    wsgi.Response.default_headers = without_server
```"#,
};

pub(super) const DOCUMENTATION_EXPOSED: Facts = Facts {
    id: "documentation-exposed",
    title: "Interactive documentation without credentials",
    category: Category::Inventory,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 200,
    owasp: "API9:2023",
    why: "Public APIs publish their documentation on purpose. That of an internal API is a map for whoever finds it: every operation, parameter and role, with a page \
          to try them on.",
    fastapi: r#"Switch the built-in pages off where the API is not public, or serve them to those who sign in.

```python
from fastapi import Depends, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html

from .security import require_staff

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/openapi.json", include_in_schema=False, dependencies=[Depends(require_staff)])
def contract() -> dict:
    return app.openapi()


@app.get("/docs", include_in_schema=False, dependencies=[Depends(require_staff)])
def documentation():
    return get_swagger_ui_html(openapi_url="/openapi.json", title="Shop")
```"#,
    django: r#"drf-spectacular takes the permissions of its views from a setting.

```python
SPECTACULAR_SETTINGS = {
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAdminUser"],
}
```"#,
};

pub(super) const METRICS_EXPOSED: Facts = Facts {
    id: "metrics-exposed",
    title: "Metrics without credentials",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 497,
    owasp: "API9:2023",
    why: "Metrics tell which routes exist, how often they are called, which of them fail and which versions run; an environment page also holds secrets. Only the \
          monitoring needs them.",
    fastapi: r#"Serve metrics on a port of their own that only the monitoring reaches, or ask for a token.

```python
import os
import secrets

from fastapi import Depends, FastAPI, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

app = FastAPI()
bearer = HTTPBearer()


def monitoring(given: HTTPAuthorizationCredentials = Depends(bearer)) -> None:
    if not secrets.compare_digest(given.credentials.encode(), os.environ["METRICS_TOKEN"].encode()):
        raise HTTPException(403)


@app.get("/metrics", dependencies=[Depends(monitoring)])
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
```"#,
    django: r#"Ask for a token before the view of the metrics library runs.

```python
import os
import secrets

from django.http import HttpResponse, HttpResponseForbidden
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def metrics(request):
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), os.environ["METRICS_TOKEN"].encode()):
        return HttpResponseForbidden()
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
```"#,
};

pub(super) const EXPOSED_FILE: Facts = Facts {
    id: "exposed-file",
    title: "Files that are for nobody are served",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::High,
    cwe: 538,
    owasp: "API9:2023",
    why: "Secrets, sources, dumps and logs that lie below the served folder are found within hours by those who ask every host for the same few names. What was in them has to be \
          taken for known: a password cannot be called back.",
    fastapi: r#"Serve one folder that holds nothing else, and change every secret that was in the file.

```python
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

app = FastAPI()
app.mount("/static", StaticFiles(directory="app/static"), name="static")  # never "." or the project's root
```"#,
    django: r#"Serve `STATIC_ROOT` and `MEDIA_ROOT` only, keep them outside of the project, and change every secret that was in the file. At the proxy, refuse names that begin with a dot.

```python
STATIC_ROOT = "/srv/shop/static"
MEDIA_ROOT = "/srv/shop/media"
```

```text
location ~ /\.(?!well-known) { return 404; }
```"#,
};

pub(super) const EXPOSED_ADMIN_PANEL: Facts = Facts {
    id: "exposed-admin-panel",
    title: "An administration panel is served to anybody",
    category: Category::Inventory,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 284,
    owasp: "API9:2023",
    why: "A panel reaches everything that the service has, and its users' passwords are guessed day and night once it is found. One that lets people in without any is the \
          service itself.",
    fastapi: r#"Serve panels on an address that only the staff's network reaches, and behind a dependency that refuses everybody else.

```python
from fastapi import APIRouter, Depends

from .security import require_staff

admin = APIRouter(prefix="/staff-4f1c", dependencies=[Depends(require_staff)], include_in_schema=False)
```"#,
    django: r#"Include the admin only where it is wanted, and let the proxy admit the staff's network alone.

```python
from django.conf import settings
from django.contrib import admin
from django.urls import path

urlpatterns = []
if settings.SERVE_ADMIN:
    urlpatterns += [path("admin/", admin.site.urls)]
```"#,
};

pub(super) const EXPOSED_DEBUG_ENDPOINT: Facts = Facts {
    id: "exposed-debug-endpoint",
    title: "What developers look inside with is served to anybody",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::High,
    cwe: 489,
    owasp: "API9:2023",
    why: "Profilers, consoles, heap dumps and debug operations show memory, settings, other people's requests, and some run code. They were made for one desk and came along with \
          the rest.",
    fastapi: r#"Include debug routes in development only, and test that they are not in production.

```python
from fastapi import FastAPI

from . import debug
from .settings import settings

app = FastAPI(debug=False)
if settings.environment == "development":
    app.include_router(debug.router)
```"#,
    django: r#"Add debug applications and their addresses in the development settings only.

```python
# settings/development.py
from .base import *  # noqa: F403

DEBUG = True
INSTALLED_APPS += ["debug_toolbar", "silk"]  # noqa: F405
```

```python
# urls.py
from django.conf import settings
from django.urls import include, path

urlpatterns = []
if settings.DEBUG:
    urlpatterns += [path("__debug__/", include("debug_toolbar.urls")), path("silk/", include("silk.urls"))]
```"#,
};

pub(super) const OLDER_VERSION_ANSWERS: Facts = Facts {
    id: "older-version-answers",
    title: "An older version answers beside the current one",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 1059,
    owasp: "API9:2023",
    why: "What the current version learned (limits, access rules, hidden fields) the older one often never got, and both reach the same data. Nobody watches the one that is in no \
          contract.",
    fastapi: r#"Mount versions from one list, and answer 410 for those that have ended.

```python
from fastapi import FastAPI, HTTPException

from . import v2

app = FastAPI()
app.include_router(v2.router, prefix="/v2")


@app.api_route("/v1/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def ended(rest: str):
    raise HTTPException(410, "version 1 has ended; use /v2")
```"#,
    django: r#"Name the versions that are served, and refuse all others.

```python
REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "DEFAULT_VERSION": "v2",
    "ALLOWED_VERSIONS": ["v2"],
}
```"#,
};

pub(super) const STAGING_HOST_EXPOSED: Facts = Facts {
    id: "staging-host-exposed",
    title: "Answers name hosts that are not for production",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 200,
    owasp: "API9:2023",
    why: "Staging and test systems run unfinished code with copied data and weaker doors. An answer that names one tells where to look, and that this service reaches for it.",
    fastapi: r#"Take addresses from the environment of the deployment, and refuse to start in production with one of another.

```python
from pydantic import HttpUrl, field_validator
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    public_url: HttpUrl
    environment: str = "production"

    @field_validator("public_url")
    @classmethod
    def only_production(cls, value: HttpUrl) -> HttpUrl:
        if any(word in (value.host or "") for word in ("staging", "dev.", "test.")):
            raise ValueError("this is not production's address")
        return value
```"#,
    django: r#"Build links from the request or from a setting of the deployment, never from what was stored elsewhere.

```python
def links(request, order):
    return {"self": request.build_absolute_uri(f"/orders/{order.pk}")}
```"#,
};
