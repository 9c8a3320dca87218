//! Weaknesses of resource consumption (OWASP API4:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const UNBOUNDED_READ: Facts = Facts {
    id: "unbounded-read",
    title: "A read whose size the data decides",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::High,
    cwe: 770,
    owasp: "API4:2023",
    why: "The answer grows with the data, and with it the memory and the time that the service spends on every call, the read cost of the store and the time a client waits. What works with test data fails in production, and any caller can repeat the request until it does.",
    fastapi: r##"Read one page, hand out a cursor, take it back. `Limit` bounds what one call reads, not the result: without the cursor the rest would be lost. `seal` and `unseal` stand for signing and checking, as `URLSafeSerializer` of itsdangerous does.

```python
@router.get("/customers")
def customers(limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None) -> Page:
    request = {"Limit": limit, "ProjectionExpression": "id, #n", "ExpressionAttributeNames": {"#n": "name"}}
    if cursor:
        request["ExclusiveStartKey"] = unseal(cursor)  # 400 where the signature does not match
    answer = table.scan(**request)
    return Page(items=answer["Items"], next_cursor=seal(answer.get("LastEvaluatedKey")))
```"##,
    django: r##"Set a pagination class with a largest page for every list view; a view that reads DynamoDB itself takes a limit and a signed cursor.

```python
from django.core import signing
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView


class PageQuery(serializers.Serializer):
    limit = serializers.IntegerField(min_value=1, max_value=100, default=50)
    cursor = serializers.CharField(max_length=512, required=False)


class Customers(APIView):
    def get(self, request):
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        options = {"Limit": query.validated_data["limit"]}
        if cursor := query.validated_data.get("cursor"):
            try:
                options["ExclusiveStartKey"] = signing.loads(cursor, salt="customers")
            except signing.BadSignature:
                raise serializers.ValidationError({"cursor": "invalid"})
        answer = table.scan(**options)
        key = answer.get("LastEvaluatedKey")
        return Response({"items": answer["Items"], "next_cursor": signing.dumps(key, salt="customers") if key else None})
```"##,
};

pub(super) const UNBOUNDED_PAGE_SIZE: Facts = Facts {
    id: "unbounded-page-size",
    title: "A page size without a maximum",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "A page size without a maximum is no bound. One caller who asks for a million elements, for zero or for minus one gets a request as expensive as the whole table, and a few of them at once starve the service.",
    fastapi: r#"Declare both ends; FastAPI refuses everything else with 422 and publishes the bounds in the contract.

```python
Limit = Annotated[int, Query(ge=1, le=100, description="Page size")]


@router.get("/orders")
def orders(limit: Limit = 50, cursor: str | None = None) -> Page: ...
```"#,
    django: r#"Set `max_page_size`, or check the parameter with a serializer before it is used.

```python
from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 100


# settings.py
REST_FRAMEWORK = {"DEFAULT_PAGINATION_CLASS": "shop.paging.Pages", "PAGE_SIZE": 50}
```"#,
};

pub(super) const SILENT_TRUNCATION: Facts = Facts {
    id: "silent-truncation",
    title: "A list is cut off without saying so",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 221,
    owasp: "API4:2023",
    why: "The rest of the data is lost without an error: totals are too low, exports miss rows, and nobody notices until the table has outgrown the cut. With DynamoDB it is the usual result of a `Limit`, or of the 1 MB page of every call, without a look at `LastEvaluatedKey`.",
    fastapi: r#"Say whether there is more, and how to get it. `LastEvaluatedKey` is the only sign of the end; a short or empty page is none.

```python
answer = table.query(KeyConditionExpression=Key("customer_id").eq(customer_id), Limit=limit)
key = answer.get("LastEvaluatedKey")
return Page(items=answer["Items"], next_cursor=seal(key) if key else None)
```"#,
    django: r#"Return the cursor with every page, `null` at the end.

```python
from django.core import signing

answer = table.query(KeyConditionExpression=Key("customer_id").eq(customer_id), Limit=limit)
key = answer.get("LastEvaluatedKey")
return Response({"items": answer["Items"], "next_cursor": signing.dumps(key, salt="orders") if key else None})
```"#,
};

pub(super) const BROKEN_PAGINATION: Facts = Facts {
    id: "broken-pagination",
    title: "Following the pages loses, repeats or never ends",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 835,
    owasp: "API4:2023",
    why: "A client that reads all pages runs for ever, imports rows twice, or stops before the end, and nothing tells it so. Filters that DynamoDB applies after `Limit` are a common cause: a page may be empty although matching items follow.",
    fastapi: r#"Fill the page: read on until it has enough items, the store is at its end, or a bounded number of calls is spent. Then make the cursor from the last item that is returned, so that nothing is skipped.

```python
def read_page(request: dict, limit: int, names: list[str], start: dict | None, calls: int = 5):
    """`names` are the key attributes of the table and of the index that is queried."""
    items: list[dict] = []
    for _ in range(calls):
        answer = table.query(**request, **({"ExclusiveStartKey": start} if start else {}))
        items += answer["Items"]
        start = answer.get("LastEvaluatedKey")
        if len(items) > limit:
            last = items[limit - 1]
            return items[:limit], {name: last[name] for name in names}
        if start is None:
            return items, None
    return items, start
```"#,
    django: r#"Page over an order that is total, and start after the last row that was returned: a cursor class does both. For a view that reads DynamoDB, fill the page before it is returned and make the cursor from the last item in it.

```python
from rest_framework.pagination import CursorPagination


class Orders(CursorPagination):
    page_size = 50
    ordering = ("created_at", "id")  # unique together: no row is repeated or skipped
```"#,
};

pub(super) const RESPONSE_SIZE_OUTLIER: Facts = Facts {
    id: "response-size-outlier",
    title: "An answer far larger than its siblings",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "Clients, timeouts and memory are sized for the ordinary answer. One that is ten times as large comes from a field or an embedded list without a bound, and whoever \
          writes that row decides what every reader pays.",
    fastapi: r##"Bound the field where it is written, leave it out where it is not needed, and serve the large part from a path of its own. Read only what the answer needs.

```python
from boto3.dynamodb.types import TypeDeserializer
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field

app = FastAPI()
deserialize = TypeDeserializer().deserialize


class Product(BaseModel):
    id: str
    name: str = Field(max_length=200)
    summary: str = Field("", max_length=1_000)


@app.get("/products/{product_id}")
def product(product_id: str, request: Request) -> Product:
    answer = request.app.state.dynamodb.get_item(
        TableName="products",
        Key={"id": {"S": product_id}},
        ProjectionExpression="id, #n, summary",
        ExpressionAttributeNames={"#n": "name"},
    )
    if "Item" not in answer:
        raise HTTPException(404)
    return Product(**{name: deserialize(value) for name, value in answer["Item"].items()})
```"##,
    django: r#"List the fields that go out, bound them where they come in, and serve the large one from a path of its own.

```python
from rest_framework import serializers


class ProductSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=1_000, default="")
```"#,
};

pub(super) const GROWING_ANSWER: Facts = Facts {
    id: "growing-answer",
    title: "The same request answers with more each time",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "Something piles up from request to request and is sent out in whole each time. It has no upper end, so time and bytes of this call grow with all earlier \
          traffic, and callers may see what belongs to others.",
    fastapi: r#"Keep a bounded history, and answer with a bounded part of it.

```python
from collections import deque

from fastapi import FastAPI, Query

app = FastAPI()
recent: deque[str] = deque(maxlen=50)


@app.get("/recent")
def recently_seen(limit: int = Query(20, ge=1, le=50)) -> dict:
    return {"items": list(recent)[-limit:]}
```

A module-level list that a handler extends (`CACHE.extend(rows)`, `CACHE += rows`) is the usual cause: build a new list in the handler instead."#,
    django: r#"Keep a bounded history, and answer with a bounded part of it. Never extend a list that lives in a module or a class.

```python
from collections import deque

from rest_framework.decorators import api_view
from rest_framework.response import Response

recent = deque(maxlen=50)


@api_view(["GET"])
def recently_seen(request):
    return Response({"items": list(recent)[-20:]})
```"#,
};

pub(super) const INPUT_DRIVEN_COST: Facts = Facts {
    id: "input-driven-cost",
    title: "The cost of a request grows with an input",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 400,
    owasp: "API4:2023",
    why: "The caller chooses how much work one request is. A limit on the number of requests does not help when each of them can be made a hundred times as \
          expensive.",
    fastapi: r#"Bound the input in the declaration, so that contract and service agree, and read in batches instead of once per value.

```python
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request

app = FastAPI()


@app.get("/products/by-ids")
def by_ids(request: Request, ids: Annotated[str, Query(max_length=600)]) -> dict:
    wanted = sorted({part.strip() for part in ids.split(",") if part.strip()})
    if not 1 <= len(wanted) <= 50:
        raise HTTPException(422, "give 1 to 50 ids")
    answer = request.app.state.dynamodb.batch_get_item(
        RequestItems={"products": {"Keys": [{"id": {"S": one}} for one in wanted]}}
    )
    return {"items": answer["Responses"]["products"], "incomplete": bool(answer["UnprocessedKeys"])}


@app.get("/reports/daily")
def daily(days: Annotated[int, Query(ge=1, le=31)] = 7) -> dict:
    return {"days": days}
```"#,
    django: r#"Bound the input in a serializer for the query, and declare the same bound in the schema.

```python
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.response import Response


class DailyQuery(serializers.Serializer):
    days = serializers.IntegerField(min_value=1, max_value=31, default=7)


@extend_schema(parameters=[DailyQuery])
@api_view(["GET"])
def daily(request):
    query = DailyQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    return Response({"days": query.validated_data["days"]})
```"#,
};

pub(super) const UNBOUNDED_SEARCH: Facts = Facts {
    id: "unbounded-search",
    title: "A search for nothing returns everything",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::High,
    cwe: 770,
    owasp: "API4:2023",
    why: "A search is the cheapest request to write and often the most expensive to answer: on DynamoDB it is a scan, whatever it finds. An empty search or a wildcard that is answered with everything is a download of the table, open to whoever may search.",
    fastapi: r#"Ask for a word worth searching, query an index instead of scanning, and page the result. A `FilterExpression` is no bound: it lowers neither what is read nor what it costs.

```python
@router.get("/search")
def search(
    q: Annotated[str, Query(min_length=2, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 '-]+$")],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: str | None = None,
) -> Page:
    answer = table.query(
        IndexName="by_initial",
        KeyConditionExpression=Key("initial").eq(q[0].lower()) & Key("name_lower").begins_with(q.lower()),
        Limit=limit,
        **({"ExclusiveStartKey": unseal(cursor)} if cursor else {}),
    )
    return Page(items=answer["Items"], next_cursor=seal(answer.get("LastEvaluatedKey")))
```"#,
    django: r#"Check the text with a serializer, query an index instead of scanning, and page the result.

```python
class SearchQuery(serializers.Serializer):
    q = serializers.RegexField(r"^[A-Za-z0-9][A-Za-z0-9 '-]+$", min_length=2, max_length=64)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=20)


class Search(APIView):
    def get(self, request):
        query = SearchQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        text = query.validated_data["q"].lower()
        answer = table.query(
            IndexName="by_initial",
            KeyConditionExpression=Key("initial").eq(text[0]) & Key("name_lower").begins_with(text),
            Limit=query.validated_data["limit"],
        )
        return Response({"items": answer["Items"], "more": "LastEvaluatedKey" in answer})
```"#,
};

pub(super) const UNBOUNDED_BATCH: Facts = Facts {
    id: "unbounded-batch",
    title: "A batch, range or expansion without a bound",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "One request stands for any number of reads: ids, levels, days, expansions. Limits on requests do not help, because each of them is worth hundreds, and the caller decides how many.",
    fastapi: r#"Bound every dimension of a request, count repeated ids once, and read them in one call (`BatchGetItem` takes 100 keys).

```python
@router.get("/products/by-ids")
def by_ids(ids: Annotated[list[str], Query(min_length=1, max_length=50)]) -> list[Product]: ...


@router.get("/products/{product_id}/related")
def related(product_id: str, depth: Annotated[int, Query(ge=1, le=3)] = 1) -> list[Product]: ...


@router.get("/orders")
def orders(start: Annotated[date, Query(alias="from")], end: Annotated[date, Query(alias="to")]) -> Page:
    if not timedelta(0) <= end - start <= timedelta(days=31):
        raise HTTPException(422, "a range covers at most 31 days")
    ...
```"#,
    django: r#"Bound every dimension of a request in its serializer.

```python
class BatchQuery(serializers.Serializer):
    ids = serializers.ListField(child=serializers.CharField(max_length=64), min_length=1, max_length=50)


class TreeQuery(serializers.Serializer):
    depth = serializers.IntegerField(min_value=1, max_value=3, default=1)


class RangeQuery(serializers.Serializer):
    start = serializers.DateField()
    end = serializers.DateField()

    def validate(self, attrs):
        if not timedelta(0) <= attrs["end"] - attrs["start"] <= timedelta(days=31):
            raise serializers.ValidationError("a range covers at most 31 days")
        return attrs
```"#,
};

pub(super) const LATENCY_DRIFT: Facts = Facts {
    id: "latency-drift",
    title: "The same cheap request becomes slower",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 400,
    owasp: "API4:2023",
    why: "A request that does the same work took longer and longer while the service ran. Something that every request walks is getting longer; under real traffic this ends in \
          timeouts, and a restart only sets the clock back.",
    fastapi: r#"Look for a list or dict that each request adds to and searches, in middleware first. Replace it by counters, or by something bounded:

```python
from collections import Counter

from fastapi import FastAPI, Request

app = FastAPI()
visits: Counter[str] = Counter()


@app.middleware("http")
async def count_visits(request: Request, call_next):
    response = await call_next(request)
    route = request.scope.get("route")
    visits[route.path if route else "unmatched"] += 1
    return response
```

The templates of routes are few; concrete paths are not."#,
    django: r#"Look for a list that each request adds to and searches, in middleware first, and for signal receivers that are connected in views. Replace it by counters, or by
something bounded:

```python
from collections import Counter


class Visits:
    counts: Counter = Counter()

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        match = request.resolver_match
        self.counts[match.route if match else "unmatched"] += 1
        return response
```"#,
};

pub(super) const SYNCHRONOUS_EXPORT: Facts = Facts {
    id: "synchronous-export",
    title: "An export does the whole job inside one request",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 400,
    owasp: "API4:2023",
    why: "The request lasts as long as the data is large. It holds a worker and a connection, runs into the time limits of proxies, and begins again from the start after each interruption. Streaming keeps the memory small, not the time nor the read cost.",
    fastapi: r#"Export in slices that a client walks through, each one bounded read; or accept the job with 202, do it in a worker, and serve the finished file.

```python
@router.get("/export/orders")
def export_orders(rows: Annotated[int, Query(ge=1, le=200)] = 200, cursor: str | None = None) -> StreamingResponse:
    answer = table.scan(Limit=rows, **({"ExclusiveStartKey": unseal(cursor)} if cursor else {}))
    lines = (json.dumps(row, default=str) + "\n" for row in answer["Items"])
    key = answer.get("LastEvaluatedKey")
    headers = {"X-Next-Cursor": seal(key)} if key else {}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)
```"#,
    django: r#"Export in slices that a client walks through, each one bounded read; or start a task, answer 202 with its address, and serve the finished file.

```python
import json

from django.core import signing
from django.http import StreamingHttpResponse


def export_orders(request):
    options = {"Limit": 200}
    if cursor := request.GET.get("cursor"):
        options["ExclusiveStartKey"] = signing.loads(cursor, salt="export")  # BadSignature: answer 400
    answer = table.scan(**options)
    lines = (json.dumps(row, default=str) + "\n" for row in answer["Items"])
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    if key := answer.get("LastEvaluatedKey"):
        response["X-Next-Cursor"] = signing.dumps(key, salt="export")
    return response
```"#,
};

pub(super) const NO_RATE_LIMIT: Facts = Facts {
    id: "no-rate-limit",
    title: "Callers are not limited",
    category: Category::ResourceConsumption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 799,
    owasp: "API4:2023",
    why: "One caller can take what all callers share, guess ids and passwords at line speed, and run up the bill of a store that is paid by the read. Every other weakness \
          of this family is worse without a limit.",
    fastapi: r#"Limit at the gateway, where one counter serves all processes, or in the application with a shared store. SlowAPI counts in Redis; its `default_limits` need the middleware.

```python
from fastapi import FastAPI
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware
from slowapi.util import get_remote_address

limiter = Limiter(
    key_func=get_remote_address,
    default_limits=["100/minute"],
    headers_enabled=True,
    storage_uri="redis://localhost:6379",
)
app = FastAPI()
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
app.add_middleware(SlowAPIMiddleware)
```"#,
    django: r#"REST framework counts in the default cache: configure one that all processes share. Plain views are not covered; limit those at the gateway.

```python
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://localhost:6379"},
}
REST_FRAMEWORK = {
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "600/min"},
}
```"#,
};

pub(super) const INEFFECTIVE_RATE_LIMIT: Facts = Facts {
    id: "ineffective-rate-limit",
    title: "A rate limit is declared and not kept",
    category: Category::ResourceConsumption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 799,
    owasp: "API4:2023",
    why: "Everybody believes that callers are limited: operators, who would otherwise limit them elsewhere, and honest clients, who slow down for nothing. The usual causes \
          are a counter for each process, and a window that begins anew with every request.",
    fastapi: r#"Count in one place for all processes, in a window that does not depend on the request, and send the headers from that count.

```python
import time

from fastapi import HTTPException, Request, Response
from redis.asyncio import Redis

LIMIT, WINDOW = 100, 60
redis = Redis()


async def limited(request: Request, response: Response) -> None:
    window = int(time.time()) // WINDOW
    key = f"rate:{request.client.host}:{window}"
    async with redis.pipeline(transaction=True) as pipe:
        used, _ = await pipe.incr(key).expire(key, 2 * WINDOW).execute()
    reset = str((window + 1) * WINDOW - int(time.time()))
    if used > LIMIT:
        raise HTTPException(429, headers={"Retry-After": reset})
    response.headers["RateLimit-Limit"] = str(LIMIT)
    response.headers["RateLimit-Remaining"] = str(LIMIT - used)
    response.headers["RateLimit-Reset"] = reset
```"#,
    django: r#"Use the throttles of REST framework with a cache that all processes share; the default cache is one for each process. Behind a proxy, set how many there are, or all
callers count as one.

```python
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://localhost:6379"},
}
REST_FRAMEWORK = {
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min"},
    "NUM_PROXIES": 1,
}
```"#,
};

pub(super) const UNCOMPRESSED_ANSWER: Facts = Facts {
    id: "uncompressed-answer",
    title: "A large answer is neither compressed nor revalidated",
    category: Category::ResourceConsumption,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 405,
    owasp: "API4:2023",
    why: "JSON shrinks to a fifth or less with gzip, and a client that may ask whether it has changed gets a 304 of a few bytes. Without either, each poll moves everything.",
    fastapi: r"Compress what is large. For validators, answer with an `ETag` that changes with the data, and with 304 where the client has it.

```python
from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

app = FastAPI()
app.add_middleware(GZipMiddleware, minimum_size=1_024)
```

Leave answers uncompressed that hold a secret together with input of the caller (BREACH).",
    django: r#"Both are part of Django. `GZipMiddleware` comes first; `ConditionalGetMiddleware` adds the `ETag` and answers 304.

```python
MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
]
```"#,
};

pub(super) const OVERSIZED_REQUEST_ACCEPTED: Facts = Facts {
    id: "oversized-request-accepted",
    title: "Very long requests are accepted",
    category: Category::ResourceConsumption,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "Every byte of a request line and of headers is read, kept and often logged before the application sees it. No client needs a URL of many kilobytes; RFC 9112 \
          recommends to support 8,000 octets.",
    fastapi: r#"Set the limits where requests arrive (`large_client_header_buffers 4 8k` in nginx), and bound what the application takes. A pure ASGI middleware costs nothing:

```python
from starlette.responses import PlainTextResponse

MAX_TARGET, MAX_HEADERS = 8_000, 16_384


class RequestSize:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            target = len(scope["raw_path"]) + len(scope["query_string"])
            headers = sum(len(name) + len(value) for name, value in scope["headers"])
            if target > MAX_TARGET:
                return await PlainTextResponse("URI Too Long", 414)(scope, receive, send)
            if headers > MAX_HEADERS:
                return await PlainTextResponse("Request Header Fields Too Large", 431)(scope, receive, send)
        return await self.app(scope, receive, send)
```"#,
    django: r"gunicorn has limits by default; do not set them to 0. In `gunicorn.conf.py`:

```python
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
```",
};
