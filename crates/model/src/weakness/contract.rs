//! Weaknesses that a contract shows by itself: what it asks of callers, what it promises, and where it contradicts itself.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const OPEN_OPERATION: Facts = Facts {
    id: "open-operation",
    title: "The contract asks for no credentials",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 306,
    owasp: "API2:2023",
    why: "Gateways, generated servers and tests take the contract at its word: what it leaves open stays open everywhere. Where the service does ask for credentials after all, the contract is wrong and nobody tests the refusal.",
    fastapi: r#"Put the dependency on the application or the router, not on single routes; the contract follows from it. What is public on purpose goes to a router of its own.

```python
from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer

bearer = HTTPBearer()
private = APIRouter(dependencies=[Depends(bearer), Depends(current_user)])
public = APIRouter()

app = FastAPI()
app.include_router(private)
app.include_router(public)
```"#,
    django: r#"Make signing in the default; drf-spectacular then writes `security` to every operation. Open views by name, where a reviewer sees it.

```python
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
```"#,
};

pub(super) const UNUSABLE_SECURITY: Facts = Facts {
    id: "unusable-security",
    title: "The contract's security cannot be applied as it is written",
    category: Category::Authentication,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 1059,
    owasp: "API8:2023",
    why: "A requirement that names a scheme or scope which is declared nowhere can be enforced by no gateway and tested by no generated client; some tools take it for open. A scheme that nothing requires protects nothing, although it looks as if it did.",
    fastapi: r#"Requirements come from dependencies, and so does the scheme's declaration: the two cannot drift apart. Do not write `security` by hand into `openapi_extra`.

```python
from typing import Annotated

from fastapi import Security
from fastapi.security import OAuth2AuthorizationCodeBearer

oauth = OAuth2AuthorizationCodeBearer(
    authorizationUrl="https://login.example.com/authorize",
    tokenUrl="https://login.example.com/token",
    refreshUrl="https://login.example.com/token",
    scopes={"orders:read": "Read orders"},
)


@app.get("/orders")
def orders(token: Annotated[str, Security(oauth, scopes=["orders:read"])]):
    ...
```"#,
    django: r#"Declare the scheme once, in an extension of drf-spectacular, and let the authentication class of the view choose it.

```python
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "shop.authentication.BearerToken"
    name = "bearer"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}
```"#,
};

pub(super) const WEAK_SCHEME: Facts = Facts {
    id: "weak-scheme",
    title: "A way to sign in that is no longer considered safe",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 1390,
    owasp: "API2:2023",
    why: "HTTP Basic sends the password with every request; NTLM and OAuth 1 rest on broken or forgotten cryptography; the implicit flow puts tokens into addresses, and the password flow hands the user's password to the client (both are gone from OAuth 2.1, and RFC 9700 says that they must not be used).",
    fastapi: r#"Use the authorization code flow with PKCE for people, client credentials for machines, and short-lived bearer tokens in the header.

```python
from fastapi.security import OAuth2AuthorizationCodeBearer

oauth = OAuth2AuthorizationCodeBearer(
    authorizationUrl="https://login.example.com/authorize",
    tokenUrl="https://login.example.com/token",
    refreshUrl="https://login.example.com/token",
    scopes={"orders:read": "Read orders", "orders:write": "Change orders"},
)
```"#,
    django: r#"Replace `BasicAuthentication` by tokens that expire and can be revoked.

```python
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["oauth2_provider.contrib.rest_framework.OAuth2Authentication"],
}
OAUTH2_PROVIDER = {"PKCE_REQUIRED": True, "ACCESS_TOKEN_EXPIRE_SECONDS": 600}
```"#,
};

pub(super) const CREDENTIALS_IN_URL: Facts = Facts {
    id: "credentials-in-url",
    title: "Credentials travel in the address",
    category: Category::Authentication,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 598,
    owasp: "API2:2023",
    why: "Addresses are written down everywhere: in access logs, proxies, monitoring, browser histories and `Referer` headers. Whoever reads one of them has the key.",
    fastapi: r#"Take keys from a header; passwords and tokens of the caller belong into the body of a POST.

```python
from typing import Annotated

from fastapi import Depends
from fastapi.security import APIKeyHeader

key = APIKeyHeader(name="X-API-Key")


@app.get("/orders")
def orders(given: Annotated[str, Depends(key)]):
    ...
```"#,
    django: r#"Read the key from a header in one authentication class, and refuse it elsewhere.

```python
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed


class KeyInHeader(BaseAuthentication):
    def authenticate(self, request):
        if "api_key" in request.query_params:
            raise AuthenticationFailed("send the key in X-API-Key")
        return check(request.headers.get("X-API-Key"))
```"#,
};

pub(super) const LONG_LIVED_TOKENS: Facts = Facts {
    id: "long-lived-tokens",
    title: "Nothing is said of how tokens end and what they are good for",
    category: Category::Authentication,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 613,
    owasp: "API2:2023",
    why: "A token without an end is a password that nobody changes; one without scopes opens everything. What the contract does not say, clients do not handle: they keep tokens for ever because nothing tells them how to renew one.",
    fastapi: r#"Issue access tokens for minutes, refresh tokens that are used once, and check algorithm, issuer, audience and expiry (RFC 8725).

```python
import jwt

claims = jwt.decode(
    token,
    key,
    algorithms=["ES256"],
    issuer="https://login.example.com/",
    audience="shop",
    options={"require": ["exp", "iss", "aud", "sub"]},
)
```"#,
    django: r#"With Simple JWT, set short lives, rotate refresh tokens and fix algorithm, issuer and audience.

```python
from datetime import timedelta

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=5),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "ALGORITHM": "ES256",
    "ISSUER": "https://login.example.com/",
    "AUDIENCE": "shop",
}
```"#,
};

pub(super) const CLEARTEXT_TRANSPORT: Facts = Facts {
    id: "cleartext-transport",
    title: "The contract leads clients to an address without TLS",
    category: Category::Encryption,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 319,
    owasp: "API8:2023",
    why: "Generated clients take the first address of the contract. Over `http://` and `ws://` everybody on the way reads the credentials and can change the answers; a redirect to https comes after the credentials were sent.",
    fastapi: r#"Name https addresses only, and answer plain http with a redirect for people and a refusal for credentials.

```python
from fastapi import FastAPI
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware

app = FastAPI(servers=[{"url": "https://api.example.com", "description": "Production"}])
app.add_middleware(HTTPSRedirectMiddleware)
```"#,
    django: r#"Redirect, send HSTS, and write the https address into the schema.

```python
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SPECTACULAR_SETTINGS = {"SERVERS": [{"url": "https://api.example.com", "description": "Production"}]}
```"#,
};

pub(super) const AMBIENT_CREDENTIALS: Facts = Facts {
    id: "ambient-credentials",
    title: "Browsers send the credentials by themselves",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Info,
    cwe: 352,
    owasp: "API2:2023",
    why: "A cookie goes along with every request to its host, also with those that another site causes. Operations that change something then need a second proof that the request was meant.",
    fastapi: r#"Set `SameSite`, `Secure` and `HttpOnly`, and ask for a header that no other site can set.

```python
from typing import Annotated

from fastapi import Header, HTTPException


def meant(x_requested_with: Annotated[str | None, Header()] = None) -> None:
    if x_requested_with != "shop":
        raise HTTPException(403, "missing header")


response.set_cookie("session", token, secure=True, httponly=True, samesite="strict")
```"#,
    django: r#"Keep `CsrfViewMiddleware`; `SessionAuthentication` of REST framework enforces it for signed-in callers.

```python
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
```"#,
};

pub(super) const UNIFORM_RIGHTS: Facts = Facts {
    id: "uniform-rights",
    title: "Functions of different weight ask for the same rights",
    category: Category::Bfla,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 285,
    owasp: "API5:2023",
    why: "If every credential opens every function, only code inside of the handler keeps an ordinary user from the administrative ones. It is written again for each of them, and forgotten in one.",
    fastapi: r#"Give administration a router with its own scope. The contract then shows who may do what.

```python
from fastapi import APIRouter, Security

admin = APIRouter(prefix="/admin", dependencies=[Security(current_user, scopes=["admin"])])
orders = APIRouter(prefix="/orders")


@orders.post("", dependencies=[Security(current_user, scopes=["orders:write"])])
def create_order():
    ...
```"#,
    django: r#"State the permission on the base class of administrative views, and scopes for each method elsewhere.

```python
from oauth2_provider.contrib.rest_framework import TokenMatchesOASRequirements


class OrderView(APIView):
    permission_classes = [TokenMatchesOASRequirements]
    required_alternate_scopes = {"GET": [["orders:read"]], "POST": [["orders:write"]]}
```"#,
};

pub(super) const UNMANAGED_HOST: Facts = Facts {
    id: "unmanaged-host",
    title: "The contract names hosts that its readers should not use",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 1059,
    owasp: "API9:2023",
    why: "Staging systems have weaker rules and often real data; private and loopback addresses tell how the inside is built, and clients that follow them send credentials to whatever answers there. Without a word on its stage nobody knows which host is which.",
    fastapi: r#"Write the servers from the settings of the stage, so that each deployment names itself only.

```python
import os

from fastapi import FastAPI

app = FastAPI(servers=[{"url": os.environ["PUBLIC_URL"], "description": os.environ.get("STAGE", "production")}])
```"#,
    django: r#"Take the address from the environment, and say which stage it is.

```python
import os

SPECTACULAR_SETTINGS = {
    "SERVERS": [{"url": os.environ["PUBLIC_URL"], "description": os.environ.get("STAGE", "production")}],
}
```"#,
};

pub(super) const PARALLEL_VERSIONS: Facts = Facts {
    id: "parallel-versions",
    title: "Several versions of the same function side by side",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Info,
    cwe: 1059,
    owasp: "API9:2023",
    why: "Fixes and limits go into the newest version; the older one reaches the same data without them. Every version needs an end that is known.",
    fastapi: r#"Let the old version call the new one's functions, mark it as deprecated, and announce its last day.

```python
old = APIRouter(prefix="/v1", deprecated=True)


@old.get("/orders")
def orders_v1(response: Response, found: Annotated[list[OrderOut], Depends(orders_v2)]):
    response.headers["Sunset"] = "Wed, 30 Jun 2027 00:00:00 GMT"
    return found
```"#,
    django: r#"List the versions that are served in one place, and refuse the rest.

```python
REST_FRAMEWORK = {
    "DEFAULT_VERSIONING_CLASS": "rest_framework.versioning.URLPathVersioning",
    "ALLOWED_VERSIONS": ["v2"],
}
```"#,
};

pub(super) const INTERNAL_OPERATION_LISTED: Facts = Facts {
    id: "internal-operation-listed",
    title: "The contract lists operations that are not for its readers",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 1059,
    owasp: "API9:2023",
    why: "Metrics, debugging and internal operations in a published contract are a map of what to try first. They also end up in generated clients, and are then kept for ever.",
    fastapi: r#"Keep them out of the public application: a second application on a port of its own, or at least out of the schema.

```python
internal = FastAPI(docs_url=None, openapi_url=None)


@internal.get("/debug/cache")
def cache_state():
    ...
```"#,
    django: r#"Leave them out of the schema with a hook, and serve them under a host or port of their own.

```python
def public_only(endpoints):
    return [entry for entry in endpoints if not entry[0].startswith("/internal/")]


SPECTACULAR_SETTINGS = {"PREPROCESSING_HOOKS": ["shop.schema.public_only"]}
```"#,
};

pub(super) const UNSIGNED_CALLBACK: Facts = Facts {
    id: "unsigned-callback",
    title: "Who receives a callback cannot tell who sent it",
    category: Category::UnsafeConsumption,
    kind: Kind::Access,
    severity: Severity::Low,
    cwe: 345,
    owasp: "API10:2023",
    why: "The address of a receiver is no secret for long. Without a signature over body and time anybody can send it events, and old ones can be sent again.",
    fastapi: r#"Sign body and time with a secret of the receiver, and say so in the contract: a header parameter of the callback.

```python
import hashlib
import hmac
import time


def signature(secret: bytes, body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Signature-Timestamp": at, "X-Signature": f"v1={digest}"}
```"#,
    django: r#"Sign where the request is sent, with a secret for each receiver; receivers compare in constant time and refuse what is older than minutes.

```python
import hashlib
import hmac


def is_ours(secret: bytes, at: str, body: bytes, given: str) -> bool:
    digest = hmac.new(secret, at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v1={digest}", given)
```"#,
};

pub(super) const CALLER_CHOSEN_ADDRESS: Facts = Facts {
    id: "caller-chosen-address",
    title: "A caller gives the service an address to go to",
    category: Category::Ssrf,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 918,
    owasp: "API7:2023",
    why: "If the service opens the address, the caller reaches what only the service reaches: the metadata of the cloud, databases, administration. Whether it does cannot be read from a contract; the field deserves a review.",
    fastapi: r#"Limit scheme, length and host in the model, and check again what the name resolves to when the request is sent.

```python
from pydantic import BaseModel, HttpUrl, field_validator

PARTNERS = {"images.example.com"}


class ImportIn(BaseModel):
    source_url: HttpUrl

    @field_validator("source_url")
    @classmethod
    def known_host(cls, value: HttpUrl) -> HttpUrl:
        if value.scheme != "https" or value.host not in PARTNERS:
            raise ValueError("an address of a partner is needed")
        return value
```"#,
    django: r#"Validate in the serializer, and send through a client that refuses private addresses and follows no redirects.

```python
from urllib.parse import urlsplit

from rest_framework import serializers


class ImportSerializer(serializers.Serializer):
    source_url = serializers.URLField(max_length=500)

    def validate_source_url(self, value):
        parts = urlsplit(value)
        if parts.scheme != "https" or parts.hostname not in {"images.example.com"}:
            raise serializers.ValidationError("an address of a partner is needed")
        return value
```"#,
};

pub(super) const AMBIGUOUS_CONTRACT: Facts = Facts {
    id: "ambiguous-contract",
    title: "The contract can be read in two ways",
    category: Category::Inventory,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 436,
    owasp: "API9:2023",
    why: "If a request fits two paths, gateway, framework and generated client may each choose another one; rules of access that hang on the path then hold for one of them only. The same is true of names that stand twice and of examples that contradict their schema.",
    fastapi: r#"FastAPI takes the first route that fits: put fixed paths before templates, and give ids a form that the fixed words do not have.

```python
from uuid import UUID


@app.get("/users/me")
def me():
    ...


@app.get("/users/{user_id}")
def user(user_id: UUID):
    ...
```"#,
    django: r#"Use converters that fixed words do not fit.

```python
from django.urls import path

urlpatterns = [
    path("users/me", views.me),
    path("users/<uuid:user_id>", views.user),
]
```"#,
};

pub(super) const UNDOCUMENTED_ANSWER: Facts = Facts {
    id: "undocumented-answer",
    title: "Answers that will come are not declared",
    category: Category::InputValidation,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 1059,
    owasp: "API8:2023",
    why: "What a refusal looks like is decided somewhere, if not in the contract: by the framework's default page, with whatever it tells. Clients cannot tell a refused token from a broken service, and contract tests have nothing to compare with.",
    fastapi: r#"Declare the errors once for a router, with one model.

```python
from fastapi import APIRouter
from pydantic import BaseModel


class Problem(BaseModel):
    title: str
    status: int


ERRORS = {status: {"model": Problem} for status in (400, 401, 403, 404, 429, 500)}
router = APIRouter(responses=ERRORS)
```"#,
    django: r#"A base class for the schema adds the errors to every operation.

```python
from drf_spectacular.openapi import AutoSchema

from .serializers import ProblemSerializer


class WithErrors(AutoSchema):
    def get_response_serializers(self):
        found = super().get_response_serializers()
        found = found if isinstance(found, dict) else {200: found}
        return {**{status: ProblemSerializer for status in (400, 401, 403, 404, 429, 500)}, **found}
```"#,
};
