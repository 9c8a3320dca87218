//! Weaknesses in how other services are trusted (OWASP API10:2023), and flows of the business that anybody can automate (API6:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const UPSTREAM_ERROR_EXPOSED: Facts = Facts {
    id: "upstream-error-exposed",
    title: "What another service said is passed on",
    category: Category::UnsafeConsumption,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API10:2023",
    why: "The error of a service behind the API names hosts, ports, paths and products that callers should not know, and shows that whatever that service says is handed out \
          unread: the day it says something hostile, so does the API.",
    fastapi: r#"Catch what goes wrong on the way, write it down, and answer with an error of your own.

```python
import logging

import httpx

log = logging.getLogger(__name__)


@router.get("/stock/{sku}")
async def stock(sku: str):
    try:
        answer = await warehouse.get(f"/v1/stock/{sku}", timeout=2.0)
        answer.raise_for_status()
        return Stock.model_validate(answer.json())
    except (httpx.HTTPError, ValueError):
        log.exception("the warehouse did not answer for %s", sku)
        raise HTTPException(502, "The stock is not known at the moment") from None
```"#,
    django: r#"Never put the text of an exception, or the body of another service's error, into an answer.

```python
import logging

import requests

log = logging.getLogger(__name__)


def stock(request, sku):
    try:
        answer = requests.get(f"{WAREHOUSE}/v1/stock/{sku}", timeout=2, allow_redirects=False)
        answer.raise_for_status()
        return JsonResponse(StockSerializer(answer.json()).data)
    except (requests.RequestException, ValueError):
        log.exception("the warehouse did not answer for %s", sku)
        return JsonResponse({"detail": "The stock is not known at the moment"}, status=502)
```"#,
};

pub(super) const REDIRECT_FOLLOWED: Facts = Facts {
    id: "redirect-followed",
    title: "Redirects of other services are followed blindly",
    category: Category::UnsafeConsumption,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 610,
    owasp: "API10:2023",
    why: "A redirect is an address that somebody else chose. A service that follows it asks wherever that leads, the networks behind it included, and takes the answer, with what \
          it sent along, for that of the one it meant to ask.",
    fastapi: r#"Follow none; httpx does not by itself. Where a partner does redirect, judge each address as you judged the first.

```python
import httpx

pages = httpx.AsyncClient(follow_redirects=False, timeout=3.0)


async def page(url: str) -> httpx.Response:
    for _ in range(3):
        answer = await pages.get(public_address(url))
        if not answer.is_redirect:
            return answer
        url = str(answer.next_request.url)
    raise HTTPException(502, "Too many redirects")
```"#,
    django: r#"`requests` follows redirects unless it is told not to.

```python
import requests


def page(url):
    answer = requests.get(partner_url(url), timeout=3, allow_redirects=False)
    if answer.is_redirect:
        raise ValidationError("This page leads elsewhere.")
    return answer
```"#,
};

pub(super) const THIRD_PARTY_REDIRECT: Facts = Facts {
    id: "third-party-redirect",
    title: "Clients of the API are sent to another party",
    category: Category::UnsafeConsumption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 610,
    owasp: "API10:2023",
    why: "A client that follows the redirect of an API asks somebody else, often with its headers, its keys among them, and believes the answer as if it were the API's. That \
          is a decision to be taken, not a thing to happen.",
    fastapi: r#"Fetch what the other party has and answer it yourself, or hand the address out as data, which no client follows by itself.

```python
@router.get("/manuals/{sku}")
def manual(sku: str):
    return {"sku": sku, "manual": f"https://manuals.partner.example/{sku}.pdf"}
```"#,
    django: r#"Answer the address as data instead of a redirect; a redirect within the API's own host is fine.

```python
def manual(request, sku):
    return JsonResponse({"sku": sku, "manual": f"https://manuals.partner.example/{sku}.pdf"})
```"#,
};

pub(super) const THIRD_PARTY_SCRIPT: Facts = Facts {
    id: "third-party-script",
    title: "A page runs code of another party",
    category: Category::UnsafeConsumption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 353,
    owasp: "API10:2023",
    why: "A script from another host runs as a part of your origin: it reads what the page reads and calls the API as its visitor. Without `integrity`, whoever owns that host \
          tomorrow decides what it does.",
    fastapi: r#"Serve scripts yourself, or pin them with `integrity`.

```python
from fastapi.staticfiles import StaticFiles

app.mount("/static", StaticFiles(directory="static"))
# <script src="/static/chart-4.4.9.min.js"></script>
```"#,
    django: r#"Put the file under `static/`, or pin it:

```python
SCRIPT = (
    '<script src="https://cdn.example/chart-4.4.9.min.js" '
    'integrity="sha384-…" crossorigin="anonymous"></script>'
)
```"#,
};

pub(super) const UNPROTECTED_FLOW: Facts = Facts {
    id: "unprotected-flow",
    title: "A sensitive flow can be automated",
    category: Category::ResourceConsumption,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 799,
    owasp: "API6:2023",
    why: "Each request of such a flow is legitimate; thousands of them are not: accounts by the hundred, one-time codes tried until one fits, tickets bought up in a second, \
          coupons guessed, votes stuffed, strangers mailed in your name.",
    fastapi: r#"Count by what the flow is about (account, address, card, device), not only by the caller's address; answer 429 and say when to come back; ask for a proof where it gets suspicious.

```python
@router.post("/password-reset", responses={429: {"description": "Too many requests"}})
def password_reset(body: PasswordReset, request: Request):
    for key in (f"reset:{body.email.lower()}", f"reset:{request.client.host}"):
        left = limiter.take(key, limit=3, per_seconds=3600)
        if left.exhausted:
            raise HTTPException(429, "Too many requests", headers={"Retry-After": str(left.seconds)})
    mail_reset_link(body.email)  # the answer is the same whether the address is known or not
    return {"detail": "If the address is known, a mail is on its way."}
```"#,
    django: r#"Give the view a throttle scope of its own, and count by account as well.

```python
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView


class PerAddress(SimpleRateThrottle):
    scope = "password-reset"
    rate = "3/hour"

    def get_cache_key(self, request, view):
        return f"reset:{str(request.data.get('email', '')).lower()}"


class PasswordReset(APIView):
    throttle_classes = [PerAddress]
```"#,
};
