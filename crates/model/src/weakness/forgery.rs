//! Weaknesses that let a caller speak with the service's own voice: requests that it sends (OWASP API7:2023) and text that it takes for code.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const SERVER_SIDE_REQUEST_FORGERY: Facts = Facts {
    id: "server-side-request-forgery",
    title: "A caller decides where the service sends requests",
    category: Category::Ssrf,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 918,
    owasp: "API7:2023",
    why: "The service stands inside of networks that its callers cannot reach: beside databases, admin pages and the metadata service that hands out its cloud credentials. \
          Whoever may name the address of a request reaches all of them in its name, and where the answer is passed on, reads them.",
    fastapi: r#"Let callers name a partner instead of an address where you can. Where it must be an address, look the name up, judge every address that comes back, connect to the one
that was judged, and follow no redirects.

```python
import ipaddress
import socket
from urllib.parse import urlsplit

from fastapi import HTTPException


def public_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.username or not parts.hostname:
        raise HTTPException(400, "An https address is needed")
    found = socket.getaddrinfo(parts.hostname, parts.port or 443, proto=socket.IPPROTO_TCP)
    addresses = [entry[4][0] for entry in found]
    if not addresses or not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise HTTPException(400, "This address is not allowed")
    return addresses[0]  # connect to this one, with the name as Host and SNI
```"#,
    django: r#"Let callers choose among known hosts. Compare the parsed host, never a prefix of the text.

```python
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

PARTNERS = {"images.partner.example", "feeds.partner.example"}


def partner_url(value):
    parts = urlsplit(value)
    if parts.scheme != "https" or parts.hostname not in PARTNERS or parts.username:
        raise ValidationError("This host is not one of our partners.")
    return value
```

Send the request with `allow_redirects=False`: a redirect is a new address that nobody has judged."#,
};

pub(super) const SQL_INJECTION: Facts = Facts {
    id: "sql-injection",
    title: "A value becomes part of an SQL statement",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Critical,
    cwe: 89,
    owasp: "API8:2023",
    why: "Whoever can close the quotation marks of a statement writes the rest of it: reads other tables and other people's rows, signs in without a password, changes and \
          deletes. PartiQL statements for DynamoDB are no exception.",
    fastapi: r#"Give values to the driver beside the statement. It never becomes part of the text.

```python
from sqlalchemy import text


@router.get("/orders")
def orders(customer: str, session=Depends(session)):
    found = session.execute(text("SELECT id, total FROM orders WHERE customer = :customer"), {"customer": customer})
    return [dict(row) for row in found.mappings()]
```

PartiQL has parameters too: `execute_statement(Statement="SELECT * FROM orders WHERE customer = ?", Parameters=[{"S": customer}])`."#,
    django: r#"Use the ORM, and where a statement is written by hand, give the values as parameters.

```python
from django.db import connection


def orders(request):
    customer = request.GET["customer"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, total FROM orders WHERE customer = %s", [customer])
        rows = cursor.fetchall()
    return JsonResponse({"orders": rows})
```

No f-string, no `%`, no `+`, also not in `extra()` and `RawSQL`; names of columns come from a list of your own."#,
};

pub(super) const STORE_QUERY_INJECTION: Facts = Facts {
    id: "store-query-injection",
    title: "A value becomes part of a store's query",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::High,
    cwe: 943,
    owasp: "API8:2023",
    why: "Where a value may be an object or an expression, a caller sends an operator instead of a value: everything that is *not equal* to nonsense is everything. Filters, \
          tenants and passwords are compared in the same way.",
    fastapi: r#"Declare what a value is, so that an object is refused before the handler runs, and build expressions from names of your own.

```python
from enum import Enum

from boto3.dynamodb.conditions import Attr


class Field(str, Enum):
    status = "status"
    city = "city"


@router.get("/orders")
def orders(field: Field, value: str):
    return table.query(IndexName="by_customer", FilterExpression=Attr(field.value).eq(value), Limit=50)["Items"]
```"#,
    django: r#"Take strings as strings. Never hand a dictionary that came from the request to a query, and choose attribute names from a list of your own.

```python
FIELDS = {"status", "city"}


def orders(request):
    field, value = request.GET.get("field", "status"), request.GET.get("value", "")
    if field not in FIELDS:
        return JsonResponse({"detail": "unknown field"}, status=400)
    found = collection.find({field: {"$eq": str(value)}}).limit(50)
    return JsonResponse({"orders": [public(row) for row in found]})
```"#,
};

pub(super) const TEMPLATE_INJECTION: Facts = Facts {
    id: "template-injection",
    title: "A value is run as a template",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Critical,
    cwe: 1336,
    owasp: "API8:2023",
    why: "A template language is a programming language. Most of them reach the objects of the process from any expression, and from there its files, its secrets and a shell.",
    fastapi: r#"A template is a file of yours; what callers send is a value that is put into it.

```python
from jinja2 import Environment, FileSystemLoader, select_autoescape

pages = Environment(loader=FileSystemLoader("templates"), autoescape=select_autoescape())


@router.get("/greeting", response_class=HTMLResponse)
def greeting(name: str):
    return pages.get_template("greeting.html").render(name=name)
```

Where users do write templates, `jinja2.sandbox.ImmutableSandboxedEnvironment` is the least, with a limit on time and size."#,
    django: r#"Render a template of yours with the value in its context. Never build the text of a `Template` from a request.

```python
from django.shortcuts import render


def greeting(request):
    return render(request, "greeting.html", {"name": request.GET.get("name", "")})
```"#,
};

pub(super) const COMMAND_INJECTION: Facts = Facts {
    id: "command-injection",
    title: "A value is run by a shell",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Critical,
    cwe: 78,
    owasp: "API8:2023",
    why: "Whoever writes part of a command line runs programs as the service: reads its secrets, changes its data, and stays.",
    fastapi: r#"Call a library instead of a program. Where it must be a program, give its arguments as a list, without a shell, and check each of them.

```python
import ipaddress
import subprocess


@router.get("/ping")
def ping(host: ipaddress.IPv4Address):
    done = subprocess.run(["ping", "-c", "1", "--", str(host)], capture_output=True, timeout=5, check=False)
    return {"reachable": done.returncode == 0}
```"#,
    django: r#"No `os.system`, no `shell=True`. A list of arguments is never read by a shell.

```python
import subprocess

from django.core.validators import validate_ipv4_address


def ping(request):
    host = request.GET["host"]
    validate_ipv4_address(host)
    done = subprocess.run(["ping", "-c", "1", "--", host], capture_output=True, timeout=5, check=False)
    return JsonResponse({"reachable": done.returncode == 0})
```"#,
};

pub(super) const REFLECTED_INPUT: Facts = Facts {
    id: "reflected-input",
    title: "A value is written into a page as it is",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Medium,
    cwe: 79,
    owasp: "API8:2023",
    why: "A link with a script in it runs that script as a part of your origin, with the cookies and the storage of whoever follows the link. An API's origin is often the \
          one that holds the session.",
    fastapi: r#"Answer JSON. Where it is a page, let a template with automatic escaping write it.

```python
from markupsafe import escape


@router.get("/search", response_class=HTMLResponse)
def search(q: str = ""):
    return f"<h1>Results for {escape(q)}</h1>"
```"#,
    django: r#"Templates escape by themselves; `mark_safe`, `|safe` and `HttpResponse(f"…")` do not.

```python
from django.utils.html import format_html


def search(request):
    return HttpResponse(format_html("<h1>Results for {}</h1>", request.GET.get("q", "")))
```"#,
};

pub(super) const HEADER_INJECTION: Facts = Facts {
    id: "header-injection",
    title: "A value ends a header and begins another",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Medium,
    cwe: 113,
    owasp: "API8:2023",
    why: "With a line end in a header, a caller writes further headers, and after two of them the body: cookies for other people's sessions, pages of their own under your \
          name, answers that a shared cache keeps.",
    fastapi: r#"Encode what goes into a header, and let the framework write it. Starlette and h11 refuse line ends; code that writes to a socket or builds ASGI messages must do so too.

```python
from urllib.parse import quote


@router.get("/export")
def export(name: str):
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(rows(), media_type="text/csv", headers=headers)
```"#,
    django: r#"Django refuses line ends in headers. Code that goes around `HttpResponse` has to.

```python
from urllib.parse import quote


def export(request):
    response = HttpResponse(rows(), content_type="text/csv")
    response["Content-Disposition"] = "attachment; filename*=UTF-8''" + quote(request.GET["name"], safe="")
    return response
```"#,
};

pub(super) const PATH_TRAVERSAL: Facts = Facts {
    id: "path-traversal",
    title: "A value leads out of the folder that it names a file in",
    category: Category::InputValidation,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 22,
    owasp: "API8:2023",
    why: "With `../` in a name a caller reads whatever the process may read: its source, its settings, its keys, other people's files.",
    fastapi: r#"Look names up in a list or a table. Where they are names of files, resolve first and compare then.

```python
from pathlib import Path

ROOT = Path("/srv/documents").resolve()


@router.get("/documents/{name}")
def document(name: str):
    path = (ROOT / name).resolve()
    if not path.is_relative_to(ROOT) or not path.is_file():
        raise HTTPException(404, "No such document")
    return FileResponse(path)
```"#,
    django: r#"Use a storage, or `safe_join`, which refuses what leads out.

```python
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404
from django.utils._os import safe_join


def document(request, name):
    try:
        return FileResponse(open(safe_join("/srv/documents", name), "rb"))
    except (SuspiciousFileOperation, FileNotFoundError):
        raise Http404
```"#,
};
