//! Weaknesses of lifecycle: what is built too often, shared where it may not be, or never closed.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const CLIENT_PER_REQUEST: Facts = Facts {
    id: "client-per-request",
    title: "A client or thread pool is built for every request",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 405,
    owasp: "API4:2023",
    why: "Building a boto3 client takes some 6 to 20 ms of processor time, a resource 8 to 20 ms, a session 110 to 240 ms, because service models are parsed again; and the first call opens a new connection. That is no leak: the collector frees it all. It is latency and money for every request.",
    fastapi: r##"Build it once, when the application starts, and hand it out as a dependency. A low-level client may be shared between threads; a resource may not.

```python
@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.dynamodb = boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))
    yield
    app.state.dynamodb.close()


def dynamodb(request: Request):
    return request.app.state.dynamodb


@router.get("/products/{product_id}")
def product(product_id: str, db: Annotated[Any, Depends(dynamodb)]): ...
```

With aioboto3, enter one client per process in the lifespan: `async with session.client("dynamodb") as client: app.state.dynamodb = client; yield`. With PynamoDB, declare models in a module: a class that is made in a function
has a connection, and so a client, of its own."##,
    django: r##"Build it once per process, at the first use.

```python
from functools import cache

import boto3
from botocore.config import Config


@cache
def dynamodb():
    return boto3.client("dynamodb", config=Config(max_pool_connections=50, connect_timeout=2, read_timeout=5))
```"##,
};

pub(super) const UNCLOSED_CLIENT: Facts = Facts {
    id: "unclosed-client",
    title: "A client is opened and not closed on every path",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 772,
    owasp: "API4:2023",
    why: "An asynchronous client that is entered by hand and not exited leaves its connection to the garbage collector. On current versions nothing is lost for good, but every request opens a new TCP connection and pays for a new client, cleaning up happens late, and the log fills with *Unclosed connector* warnings.",
    fastapi: r##"Open it with `async with`, best once in the lifespan.

```python
session = aioboto3.Session()


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with session.client("dynamodb") as client:
        app.state.dynamodb = client
        yield
```

What belongs to one request is a dependency with `yield`, which is closed on every path.

```python
async def storage():
    async with session.client("s3") as client:
        yield client
```"##,
    django: r##"Enter one for the process when it is first asked for: Django's ASGI handler has no lifespan to do it in. A lock keeps two requests from doing it at once. What belongs to one request is opened with `async with`.

```python
session = aioboto3.Session()
_client = None
_entering = asyncio.Lock()


async def dynamodb():
    global _client
    async with _entering:
        if _client is None:
            _client = await session.client("dynamodb").__aenter__()
    return _client


async def product(request, product_id):
    client = await dynamodb()
    answer = await client.get_item(TableName="catalog", Key={"id": {"S": product_id}})
    if "Item" not in answer:
        return JsonResponse({"detail": "no such product"}, status=404)
    return JsonResponse({"id": product_id, "name": answer["Item"]["name"]["S"]})
```"##,
};

pub(super) const SHARED_RESOURCE_THREADS: Facts = Facts {
    id: "shared-resource-threads",
    title: "A boto3 resource or session is shared between threads",
    category: Category::ResourceConsumption,
    kind: Kind::Crash,
    severity: Severity::Low,
    cwe: 362,
    owasp: "API4:2023",
    why: "Low-level clients may be used from several threads; resources and sessions may not (boto3 guide, multithreading). Web servers run handlers in threads, so that one shared resource is used by many at once, and each `resource.Table()` builds a class again, some 8 ms.",
    fastapi: r##"Share a client, and convert at the edge; or keep one resource per thread.

```python
import threading

_local = threading.local()


def table(name: str):
    if not hasattr(_local, "tables"):
        _local.resource = boto3.session.Session().resource("dynamodb")
        _local.tables = {}
    if name not in _local.tables:
        _local.tables[name] = _local.resource.Table(name)
    return _local.tables[name]
```"##,
    django: r##"Share a client, and convert at the edge; or keep one resource per thread.

```python
from boto3.dynamodb.types import TypeDeserializer

client = boto3.client("dynamodb")
plain = TypeDeserializer()


def product(product_id):
    item = client.get_item(TableName="catalog", Key={"id": {"S": product_id}}).get("Item")
    return {name: plain.deserialize(value) for name, value in item.items()} if item else None
```"##,
};

pub(super) const USELESS_DEL: Facts = Facts {
    id: "useless-del",
    title: "A del that frees nothing",
    category: Category::ResourceConsumption,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 1164,
    owasp: "API4:2023",
    why: "`del name` removes a name. At the end of a function, or before the name is bound again, it frees nothing that would not be freed at once anyway; the peak has passed. It suggests that memory was a worry here, and that the cause was not found.",
    fastapi: r##"Leave it out; read page by page, so that no more than one page is alive.

```python
def rows():
    for page in client.get_paginator("scan").paginate(TableName="orders"):
        yield from page["Items"]
```"##,
    django: r##"Leave it out; read page by page, so that no more than one page is alive.

```python
def rows():
    for page in client.get_paginator("scan").paginate(TableName="orders"):
        yield from page["Items"]
```"##,
};

pub(super) const HARD_CODED_CREDENTIALS: Facts = Facts {
    id: "hard-coded-credentials",
    title: "Credentials in the source",
    category: Category::Authentication,
    kind: Kind::Exposure,
    severity: Severity::High,
    cwe: 798,
    owasp: "API8:2023",
    why: "Whoever can read the repository, an image layer or a stack trace has the key, and it stays in the history after it was deleted. It is the same for every environment, and nobody dares to rotate it.",
    fastapi: r##"Let the provider chain of boto3 find credentials (role of the task or instance, environment, profile), and read other secrets from the environment.

```python
from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    payment_key: SecretStr


dynamodb = boto3.client("dynamodb")
```

Rotate what was committed."##,
    django: r##"Let the provider chain of boto3 find credentials (role of the task or instance, environment, profile), and read other secrets from the environment.

```python
# settings.py
import os

PAYMENT_KEY = os.environ["PAYMENT_KEY"]

# elsewhere
dynamodb = boto3.client("dynamodb")
```

Rotate what was committed."##,
};

pub(super) const UNCLOSED_RESOURCE: Facts = Facts {
    id: "unclosed-resource",
    title: "Something that needs closing is left open",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 772,
    owasp: "API4:2023",
    why: "A file, a body, an HTTP client or a thread pool that is not closed on every path is closed when the collector gets to it. Until then it holds a descriptor, a connection of the pool or idle threads, and the paths that forget are those of errors, which come in bursts.",
    fastapi: r##"Use `with` or `async with`; for one per process, the lifespan; for one per request, a dependency with `yield`.

```python
@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(timeout=5) as client:
        app.state.http = client
        yield


with closing(s3.get_object(Bucket=bucket, Key=key)["Body"]) as body:
    head = body.read(1_024)
```"##,
    django: r##"Use `with`; hand files to `FileResponse`, which closes them when the answer has been sent.

```python
with open(path, newline="") as file:
    rows = list(csv.reader(file))

return FileResponse(open(path, "rb"), as_attachment=True)
```"##,
};

pub(super) const MISSING_TIMEOUTS: Facts = Facts {
    id: "missing-timeouts",
    title: "Calls of the store have no timeouts of their own",
    category: Category::ResourceConsumption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 1088,
    owasp: "API4:2023",
    why: "botocore waits 60 seconds for a connection and 60 for an answer, and tries up to five times (ten with DynamoDB). One slow store then holds every worker for minutes, long after the callers have gone.",
    fastapi: r##"Set timeouts below the one of your own callers, and the retry mode.

```python
from botocore.config import Config

client = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}),
)
```"##,
    django: r##"Set timeouts below the one of your own callers (gunicorn ends a worker after 30 seconds), and the retry mode.

```python
from botocore.config import Config

client = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3}),
)
```"##,
};

pub(super) const BLOCKING_CALL: Facts = Facts {
    id: "blocking-call",
    title: "A blocking call stops the event loop",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 834,
    owasp: "API4:2023",
    why: "Inside `async def` a call that waits without `await` stops everything else: every other request of the process, health checks, timers. Throughput falls to one call at a time.",
    fastapi: r##"Write the handler with `def`: FastAPI runs it in a thread. Or await an asynchronous client, or move the one call into a thread.

```python
from starlette.concurrency import run_in_threadpool


@app.get("/products/{product_id}")
async def product(product_id: str):
    answer = await run_in_threadpool(table.get_item, Key={"id": product_id})
    return answer.get("Item")
```"##,
    django: r##"Write the view with `def`, or move the call into a thread.

```python
from asgiref.sync import sync_to_async


async def product(request, product_id):
    answer = await sync_to_async(client.get_item, thread_sensitive=False)(TableName="catalog", Key={"id": {"S": product_id}})
    return JsonResponse({"known": "Item" in answer})
```"##,
};

pub(super) const DANGLING_TASK: Facts = Facts {
    id: "dangling-task",
    title: "A task that nobody holds",
    category: Category::ResourceConsumption,
    kind: Kind::DataLoss,
    severity: Severity::Medium,
    cwe: 772,
    owasp: "API4:2023",
    why: "The event loop keeps only weak references to tasks. One that nobody holds may be collected while it waits, and its work is never done; what it raises is lost, or logged much later.",
    fastapi: r##"Hold it until it is done, or use a background task, which runs after the answer.

```python
background: set[asyncio.Task] = set()


def start(coroutine) -> None:
    task = asyncio.create_task(coroutine)
    background.add(task)
    task.add_done_callback(background.discard)


@app.post("/views/{item_id}")
async def view(item_id: str, tasks: BackgroundTasks):
    tasks.add_task(record_view, item_id)
```"##,
    django: r##"Hold it until it is done; work that must not be lost belongs in a queue outside of the process.

```python
background = set()


async def view(request, item_id):
    task = asyncio.create_task(record_view(item_id))
    background.add(task)
    task.add_done_callback(background.discard)
    return JsonResponse({"accepted": True}, status=202)
```"##,
};

pub(super) const REQUEST_IN_BACKGROUND: Facts = Facts {
    id: "request-in-background",
    title: "Work after the answer holds the request",
    category: Category::ResourceConsumption,
    kind: Kind::Peak,
    severity: Severity::Low,
    cwe: 772,
    owasp: "API4:2023",
    why: "A background task that closes over the request, or takes it as an argument, keeps its body, its session and its user until the task is done. When tasks are slow or many, that is what memory is full of; and the request may no longer be usable by then.",
    fastapi: r##"Take the values that are needed before the answer goes out.

```python
@app.post("/orders")
async def create(request: Request, order: Order, tasks: BackgroundTasks):
    client_ip = request.client.host if request.client else None
    tasks.add_task(write_audit, order.id, client_ip)
    return {"id": order.id}
```"##,
    django: r##"Take the values that are needed, and hand those over.

```python
def create(request):
    order = save(request)
    write_audit.delay(order.pk, request.META["REMOTE_ADDR"])
    return JsonResponse({"id": order.pk}, status=201)
```"##,
};
