//! Weaknesses in how input is taken (OWASP API8:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const INJECTABLE_DEPENDENCY: Facts = Facts {
    id: "injectable-dependency",
    title: "A caller can replace an internal dependency",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::High,
    cwe: 15,
    owasp: "API8:2023",
    why: "What the service meant to set itself is set by the caller: a database handle, a table, a client. In FastAPI a default value such as `db=boto3.resource(\"dynamodb\")` declares a query parameter; it is copied for each request, which fails, and replaced by whatever text the caller sends.",
    fastapi: r#"Build the client once, and inject it with `Depends`: then it is no parameter of the request. A low-level client may be shared by threads, a resource may not.

```python
from functools import lru_cache

import boto3
from fastapi import Depends


@lru_cache(maxsize=1)
def database():
    return boto3.client("dynamodb")


@router.get("/items/{item_id}")
def item(item_id: str, db=Depends(database)): ...
```"#,
    django: r#"Build the client once per process, and never choose a table, a client or a database from the request.

```python
from functools import lru_cache

import boto3


@lru_cache(maxsize=1)
def database():
    return boto3.client("dynamodb")


def inventory(request, product_id):
    answer = database().get_item(TableName="products", Key={"id": {"S": product_id}})
    ...
```"#,
};

pub(super) const UNHANDLED_INPUT: Facts = Facts {
    id: "unhandled-input",
    title: "Bad input ends in a server error",
    category: Category::InputValidation,
    kind: Kind::Crash,
    severity: Severity::Medium,
    cwe: 755,
    owasp: "API8:2023",
    why: "An unhandled error is a path that nobody thought of. It costs a stack trace and an alert, may leave \
          work half done, tells an attacker where to look closer, and callers cannot tell their own mistake \
          from an outage.",
    fastapi: r#"Declare what is allowed, so that FastAPI answers 422 before the handler runs, and give every read that may find nothing an answer of its own. An error handler for everything
else hides the cause; it does not replace either.

```python
from datetime import date
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query

app = FastAPI()
PRODUCTS = {"prod-00001": {"id": "prod-00001"}}


@app.get("/products/{product_id}")
def product(product_id: Annotated[str, Path(pattern=r"^prod-[0-9]{5}$")]):
    item = PRODUCTS.get(product_id)
    if item is None:
        raise HTTPException(404, "No such product")
    return item


@app.get("/orders")
def orders(
    start: Annotated[date, Query(alias="from")],
    end: Annotated[date, Query(alias="to")],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
):
    if end < start:
        raise HTTPException(422, "`to` lies before `from`")
    return {"from": start, "to": end, "limit": limit, "items": []}
```"#,
    django: r#"Read parameters through a serializer, so that a bad value answers 400, and let a missing thing answer 404. `request.GET["x"]`, `int(…)` and `item["key"]` on what a caller or a
store gave are where the errors come from.

```python
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import APIView

ORDERS = {}


class OrderQuery(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField()
    limit = serializers.IntegerField(min_value=1, max_value=100, default=20)

    def validate(self, values):
        if values["end"] < values["start"]:
            raise serializers.ValidationError("`end` lies before `start`")
        return values


class Orders(APIView):
    def get(self, request, customer_id):
        query = OrderQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = ORDERS.get(customer_id)
        if rows is None:
            raise NotFound("No such customer")
        return Response({"items": rows[: query.validated_data["limit"]]})
```"#,
};

pub(super) const INVALID_VALUE_ACCEPTED: Facts = Facts {
    id: "invalid-value-accepted",
    title: "A value outside the contract is accepted",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 1284,
    owasp: "API8:2023",
    why: "Whoever reads the contract relies on its rules: the client that leaves a check to the server, the \
          gateway, the reviewer who sees a bound. A rule that nobody enforces hides typing errors and lets \
          values through that the code behind it never expected.",
    fastapi: r#"Put the rule into the type, where FastAPI enforces and documents it. A rule that is only written into `json_schema_extra` or `description` is not enforced.

```python
from enum import StrEnum
from typing import Annotated

from fastapi import FastAPI, Query

app = FastAPI()


class Sort(StrEnum):
    name = "name"
    price = "price"


@app.get("/products")
def products(sort: Sort = Sort.name, days: Annotated[int, Query(ge=1, le=366)] = 7):
    return {"sort": sort, "days": days}
```"#,
    django: r#"A parameter in `extend_schema` is documentation; only a serializer enforces it. Pass the same serializer to both.

```python
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView


class ProductQuery(serializers.Serializer):
    sort = serializers.ChoiceField(choices=["name", "price"], default="name")
    days = serializers.IntegerField(min_value=1, max_value=366, default=7)


class Products(APIView):
    @extend_schema(parameters=[ProductQuery])
    def get(self, request):
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(query.validated_data)
```"#,
};

pub(super) const PERMISSIVE_CORS: Facts = Facts {
    id: "permissive-cors",
    title: "Any web page may call the API",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 942,
    owasp: "API8:2023",
    why: "CORS decides which web pages may read the answers in the browsers of their visitors. With any origin \
          allowed every page may; with credentials as well, every page acts as its visitor. CORS protects \
          nobody from callers that are no browsers.",
    fastapi: r#"Name the origins of your own pages. `allow_origins=["*"]` with `allow_credentials=True` makes Starlette send back whatever origin asks.

```python
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

app = FastAPI()
app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://shop.example"],
    allow_credentials=True,
    allow_methods=["GET", "POST"],
    allow_headers=["Authorization", "Content-Type"],
)
```"#,
    django: r#"Use `django-cors-headers` with a list of origins instead of a middleware of your own, and never `CORS_ALLOW_ALL_ORIGINS` together with credentials. Without pages of other origins, send
no CORS headers at all.

```python
# settings.py
INSTALLED_APPS = ["corsheaders"]  # beside the others
MIDDLEWARE = [
    "corsheaders.middleware.CorsMiddleware",  # before everything that answers
    "django.middleware.common.CommonMiddleware",
]
CORS_ALLOWED_ORIGINS = ["https://shop.example"]
CORS_ALLOW_CREDENTIALS = True
```"#,
};

pub(super) const UNEXPECTED_METHOD: Facts = Facts {
    id: "unexpected-method",
    title: "A method that should be refused is answered",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 650,
    owasp: "API8:2023",
    why: "TRACE sends a request back with the headers that proxies added and the credentials that browsers \
          hide from scripts. A view that does not look at the method runs for all of them, past whatever was \
          decided by method: protection, caching, logging.",
    fastapi: r#"Routes answer only the methods that they declare; what answers more is a middleware or `api_route`. Refuse what nobody declared before any middleware sees it.

```python
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

app = FastAPI()
KNOWN = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


@app.middleware("http")
async def known_methods(request: Request, call_next):
    if request.method not in KNOWN:
        return PlainTextResponse("Method Not Allowed", 405, {"Allow": ", ".join(sorted(KNOWN))})
    return await call_next(request)
```"#,
    django: r#"A function view runs for every method unless it says otherwise. Say it on each, or use class-based views, which answer only the methods that they define.

```python
from django.http import JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def health(request):
    return JsonResponse({"status": "ok"})
```"#,
};

pub(super) const DEBUG_MODE: Facts = Facts {
    id: "debug-mode",
    title: "The application runs in debug mode",
    category: Category::InputValidation,
    kind: Kind::Config,
    severity: Severity::High,
    cwe: 489,
    owasp: "API8:2023",
    why: "Debug pages show code, variables, settings, routes and versions to anybody who causes an error. Some \
          have a console that runs code.",
    fastapi: r#"Leave `debug` off and turn it on from the environment of a developer's machine only. Errors then answer 500 without a traceback, and the traceback goes to the log.

```python
import os

from fastapi import FastAPI

app = FastAPI(debug=os.environ.get("APP_DEBUG") == "1")
```"#,
    django: r#"`DEBUG` must be off wherever others can reach the service, and `ALLOWED_HOSTS` must name the hosts. `manage.py check --deploy` finds both.

```python
# settings.py
import os

DEBUG = os.environ.get("DJANGO_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(",")
```"#,
};

pub(super) const OPEN_REDIRECT: Facts = Facts {
    id: "open-redirect",
    title: "A caller decides where a redirect leads",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Medium,
    cwe: 601,
    owasp: "API8:2023",
    why: "A link that begins with a name that people trust leads them to a page that they should not trust. \
          Where sign-in redirects so, codes and tokens go along.",
    fastapi: r#"Redirect by name, not by address. Where the address must come from the caller, compare its host with a list; a check for a leading slash is not enough, because `//host` and `/\host`
are addresses of other hosts.

```python
from fastapi import FastAPI, HTTPException
from fastapi.responses import RedirectResponse

app = FastAPI()
PARTNERS = {"northwood": "https://northwood-timber.example/"}


@app.get("/go/{partner}")
def go(partner: str):
    address = PARTNERS.get(partner)
    if address is None:
        raise HTTPException(404, "No such partner")
    return RedirectResponse(address)
```"#,
    django: r#"Django compares for you; its function knows the odd forms.

```python
from django.http import HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

PARTNERS = {"northwood-timber.example"}


def go(request):
    address = request.GET.get("url", "")
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=PARTNERS, require_https=True):
        return HttpResponseBadRequest("unknown partner")
    return HttpResponseRedirect(address)
```"#,
};
