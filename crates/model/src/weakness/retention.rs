//! Weaknesses of retention: what outlives its request and is never given back (OWASP API4:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const UNBOUNDED_CACHE: Facts = Facts {
    id: "unbounded-cache",
    title: "Memory that grows with the requests and is never given back",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "A container that lives as long as the process takes something from every request, or from every new key, and nothing takes it out again. The worker grows until the system ends it, in the middle of somebody's request. When the key is chosen by the caller, anybody can make that happen.",
    fastapi: r##"Give the container a bound, and an age where the data changes. A cache of fixed size evicts for you; keep what is needed later, not the whole answer.

```python
from threading import Lock

from cachetools import TTLCache, cached


@cached(TTLCache(maxsize=1_000, ttl=60), lock=Lock())
def product_name(product_id: str) -> str | None:
    item = table.get_item(Key={"id": product_id}, ProjectionExpression="#n", ExpressionAttributeNames={"#n": "name"}).get("Item")
    return item["name"] if item else None
```

A decorator that caches knows nothing of `await`: in `async def` look into the `TTLCache` by hand. A log of the last events is a `deque(maxlen=100)`; a total is a number; anything that must
not be lost belongs in a store.

```python
from collections import deque

recent: deque[tuple[str, int]] = deque(maxlen=100)
```"##,
    django: r##"Use Django's cache framework: it has a largest number of entries and an age for each.

```python
from django.core.cache import cache


def product_name(product_id):
    def load():
        item = table.get_item(Key={"id": product_id}).get("Item")
        return item["name"] if item else None

    return cache.get_or_set(f"product-name:{product_id}", load, timeout=60)
```

`functools.lru_cache(maxsize=1024)` on a function of plain values does for what never changes; `maxsize=None` and `functools.cache` do not. A log of the last events is a `deque(maxlen=100)`."##,
};

pub(super) const RETAINED_REQUEST: Facts = Facts {
    id: "retained-request",
    title: "Request or response objects are kept",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "A request drags everything along that was reached from it: headers and body, the user, the rows that the handler attached, the environment of the server. Kept in something that lives as long as the process, each costs tens of kilobytes, and personal data stays in memory long after it should be gone.",
    fastapi: r##"Take the few values that are needed, and bound how many of them are kept.

```python
from collections import deque
from time import perf_counter

slow: deque[tuple[str, float]] = deque(maxlen=100)


@app.middleware("http")
async def measure(request, call_next):
    started = perf_counter()
    response = await call_next(request)
    slow.append((request.url.path, perf_counter() - started))
    return response
```"##,
    django: r##"A middleware is built once and lives as long as the process; what it keeps is kept. Record values, not the request, in something bounded.

```python
from collections import deque
from time import perf_counter


class Timing:
    slow = deque(maxlen=100)

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = perf_counter()
        response = self.get_response(request)
        self.slow.append((request.path, perf_counter() - started))
        return response
```"##,
};

pub(super) const RETAINED_EXCEPTION: Facts = Facts {
    id: "retained-exception",
    title: "Exceptions are kept with their tracebacks",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "An exception holds its traceback, the traceback its frames, and the frames every local variable of every function on the way: the request, the page of rows, the parsed body. A list of exceptions is a list of whole requests, and it grows fastest when things go wrong.",
    fastapi: r##"Log it, and keep text where something must be shown; bound how much.

```python
import traceback
from collections import deque

errors: deque[str] = deque(maxlen=50)

try:
    row = parse(page, order_id)
except KeyError as exc:
    errors.append("".join(traceback.format_exception_only(exc)).strip())
    raise HTTPException(status_code=404, detail="no such order") from None
```"##,
    django: r##"Log it, and keep text where something must be shown; bound how much.

```python
import traceback
from collections import deque

errors = deque(maxlen=50)

try:
    row = parse(page, order_id)
except KeyError as exc:
    errors.append("".join(traceback.format_exception_only(exc)).strip())
    raise Http404 from None
```"##,
};

pub(super) const RETAINED_ITERATOR: Facts = Facts {
    id: "retained-iterator",
    title: "Half-read generators are kept between requests",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "A generator that was started and parked holds its frame and the page it stands on. Clients that never come back for the rest leave one behind each, and behind a load balancer the next request reaches another process that does not have it.",
    fastapi: r##"Keep no state between requests: hand out the position, signed, and start from it again. `seal` and `unseal` stand for signing and checking.

```python
@router.get("/orders")
def orders(customer_id: str, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50):
    request = {"KeyConditionExpression": Key("customer_id").eq(customer_id), "Limit": limit}
    if cursor:
        request["ExclusiveStartKey"] = unseal(cursor)
    answer = table.query(**request)
    last = answer.get("LastEvaluatedKey")
    return {"items": answer["Items"], "next_cursor": seal(last) if last else None}
```"##,
    django: r##"Keep no state between requests: hand out the position, signed, and start from it again.

```python
from django.core import signing


def orders(request, customer_id):
    options = {"KeyConditionExpression": Key("customer_id").eq(customer_id), "Limit": 50}
    if cursor := request.GET.get("cursor"):
        try:
            options["ExclusiveStartKey"] = signing.loads(cursor, salt="orders")
        except signing.BadSignature:
            return JsonResponse({"detail": "invalid cursor"}, status=400)
    answer = table.query(**options)
    last = answer.get("LastEvaluatedKey")
    return JsonResponse({"items": answer["Items"], "next_cursor": signing.dumps(last, salt="orders") if last else None})
```

Numbers are `Decimal` in a resource's answers; make keys and items plain before they are signed or encoded."##,
};

pub(super) const RETAINED_TASK: Facts = Facts {
    id: "retained-task",
    title: "Finished tasks are kept",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "A task must be referenced while it runs, so it is put in a set or a dict. When nothing takes it out, the finished task stays with its result, its exception and the context variables of its request, one per request, for ever.",
    fastapi: r##"Let the task take itself out when it is done.

```python
background: set[asyncio.Task] = set()


def start(coroutine) -> None:
    task = asyncio.create_task(coroutine)
    background.add(task)
    task.add_done_callback(background.discard)
```

For calls that are shared while they run, remove the key the same way: `task.add_done_callback(lambda _: inflight.pop(key, None))`."##,
    django: r##"In an async view, let the task take itself out when it is done. Work that must not be lost belongs in a queue outside of the process.

```python
background = set()


async def view(request, item_id):
    task = asyncio.create_task(record_view(item_id))
    background.add(task)
    task.add_done_callback(background.discard)
    return JsonResponse({"accepted": True}, status=202)
```"##,
};

pub(super) const RETAINED_CLIENT: Facts = Facts {
    id: "retained-client",
    title: "Clients, sessions or thread pools built per request are kept",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 772,
    owasp: "API4:2023",
    why: "A client, session or executor per request is waste; kept, it is a leak: threads that never end, connection pools, parsed service models, and handlers registered on a session that lives on. One long-lived botocore session wrapped in a new `boto3.Session` per request keeps about 3 KB of handlers for each, for good.",
    fastapi: r##"Build it once, when the application starts, and share it. Low-level clients may be shared between threads.

```python
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))
    with ThreadPoolExecutor(max_workers=8) as pool:
        app.state.pool = pool
        yield
    app.state.dynamodb.close()


app = FastAPI(lifespan=lifespan)
```"##,
    django: r##"Build it once per process, at the first use, and share it.

```python
from functools import cache

import boto3
from botocore.config import Config


@cache
def dynamodb():
    return boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))
```"##,
};

pub(super) const HANDLER_PER_REQUEST: Facts = Facts {
    id: "handler-per-request",
    title: "A handler is registered for every request",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 401,
    owasp: "API4:2023",
    why: "Signals, event systems, loggers and `atexit` keep what is registered with them, and what it closes over. Registered in a request and never taken away, one more handler stays for each, and all of them run at every later event, so that requests become slower as well.",
    fastapi: r##"Register once, at import, with a stable id; read what belongs to the request from a context variable.

```python
from contextvars import ContextVar

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")


def add_trace(request, **kwargs):
    request.headers.add_header("X-Trace", trace_id.get())


client.meta.events.register("before-sign.dynamodb.GetItem", add_trace, unique_id="trace")


@app.get("/products/{item_id}")
def read_product(item_id: str, x_request_id: Annotated[str, Header()] = "-"):
    trace_id.set(x_request_id)
    return client.get_item(TableName="catalog", Key={"id": {"S": item_id}})["Item"]
```

What must be registered for one request (a log handler) is taken away in `finally`."##,
    django: r##"Connect once, in `AppConfig.ready()`, with a `dispatch_uid`, and pass what belongs to the request in `send()`.

```python
from django.apps import AppConfig


class ShopConfig(AppConfig):
    name = "shop"

    def ready(self):
        from shop.signals import on_listed, order_listed

        order_listed.connect(on_listed, dispatch_uid="shop.on_listed")


# in the view
order_listed.send(sender=None, rows=page["Items"])
```"##,
};

pub(super) const UNBOUNDED_QUEUE: Facts = Facts {
    id: "unbounded-queue",
    title: "A queue in memory without a bound",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::High,
    cwe: 770,
    owasp: "API4:2023",
    why: "When what is put in comes faster than it is taken out, and under load it does, the difference stays in memory and is lost when the process ends. A bound turns that into a wait or a refusal, which the caller can act on.",
    fastapi: r##"Bound the queue and say so when it is full. Dropping silently (`deque(maxlen=…)`) is no substitute where entries matter.

```python
queue: asyncio.Queue = asyncio.Queue(maxsize=64)


@app.post("/stock/{item_id}", status_code=202)
async def stock(item_id: str, delta: int = 1):
    try:
        queue.put_nowait((item_id, delta))
    except asyncio.QueueFull:
        raise HTTPException(status_code=503, detail="busy", headers={"Retry-After": "1"}) from None
    return {"queued": True}
```"##,
    django: r##"Bound the queue and say so when it is full; what must not be lost belongs in a queue outside of the process (SQS, Celery).

```python
import queue

pending = queue.Queue(maxsize=64)


def stock(request, item_id):
    try:
        pending.put_nowait(item_id)
    except queue.Full:
        return JsonResponse({"detail": "busy"}, status=503, headers={"Retry-After": "1"})
    return JsonResponse({"queued": True}, status=202)
```"##,
};

pub(super) const SESSION_GROWTH: Facts = Facts {
    id: "session-growth",
    title: "A session's content grows with every request",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "A session is read, decoded, encoded and written back for every request of its visitor. A list in it that only gets longer makes each request of that visitor slower than the one before, and where sessions live in the memory of the process, it fills that too. Signed cookies break at 4 KB.",
    fastapi: r##"Keep identifiers, and only the last few.

```python
seen = [product_id, *(known for known in request.session.get("seen", []) if known != product_id)]
request.session["seen"] = seen[:10]
```"##,
    django: r##"Keep identifiers, and only the last few; use a session store outside of the process.

```python
seen = [product_id, *(known for known in request.session.get("seen", []) if known != product_id)]
request.session["seen"] = seen[:10]

# settings.py
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
```"##,
};

pub(super) const QUERY_LOG_GROWTH: Facts = Facts {
    id: "query-log-growth",
    title: "Every SQL statement of a long-running process is kept",
    category: Category::ResourceConsumption,
    kind: Kind::Leak,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "With `DEBUG = True` Django keeps the text of every statement, up to 9,000 for each connection. It forgets them when a request begins, and a command, consumer or thread has no requests: it fills up with statements, which may be long, and their parameters.",
    fastapi: r##"Only Django keeps such a log. With SQLAlchemy, leave `echo` and statement listeners off in anything that runs for long, and do not collect statements in a list.

```python
engine = create_engine(settings.database_url, echo=False, pool_size=10)
```"##,
    django: r##"Switch `DEBUG` off in everything that runs for long, and forget the statements in the loop of a command that must run with it.

```python
from django.db import reset_queries

while True:
    handle(next_batch())
    reset_queries()
```"##,
};
