//! Weaknesses of authentication (OWASP API2:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const AUTH_NOT_ENFORCED: Facts = Facts {
    id: "auth-not-enforced",
    title: "Declared authentication is not enforced",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Critical,
    cwe: 306,
    owasp: "API2:2023",
    why: "Everybody who reads the contract believes that the door is closed; everybody who tries it gets the \
          data. Such operations are found by asking once without credentials, which is what attackers do \
          first.",
    fastapi: r#"`HTTPBearer(auto_error=False)` declares credentials and lets callers without any through; the code behind it must refuse them. Put the dependency on the router, so that no
operation can forget it.

```python
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

bearer = HTTPBearer(auto_error=False)
SESSIONS = {}  # what your own check of a token needs


def current_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    user = SESSIONS.get(credentials.credentials) if credentials else None
    if user is None:
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return user


router = APIRouter(dependencies=[Depends(current_user)])


@router.get("/export/orders")
def export_orders():
    return []


app = FastAPI()
app.include_router(router)
```"#,
    django: r#"`auth=` in `extend_schema` is documentation. Make signing in the default for the whole project and open single views by name; plain Django views do not follow that default and need a
check of their own.

```python
# settings.py
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
}
```

```python
# views.py: public on purpose, and visibly so
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.response import Response


@api_view(["GET"])
@permission_classes([AllowAny])
def categories(request):
    return Response([])
```"#,
};

pub(super) const MISSING_AUTHENTICATION: Facts = Facts {
    id: "missing-authentication",
    title: "Data without credentials where its siblings ask for them",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 306,
    owasp: "API2:2023",
    why: "Protection is added view by view, and one is forgotten: the detail beside the list, the list below \
          the element, the settings beside the users. Attackers look for exactly these.",
    fastapi: r#"Group what belongs together in one router and protect the router, not the routes. Where a thing belongs to somebody, being signed in is not enough: compare the owner.

```python
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

bearer = HTTPBearer(auto_error=False)
SESSIONS = {}  # what your own check of a token needs


def current_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    user = SESSIONS.get(credentials.credentials) if credentials else None
    if user is None:
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return user


customers = APIRouter(prefix="/customers/{customer_id}", dependencies=[Depends(current_user)])


@customers.get("/orders")
def orders(customer_id: str, user: Annotated[str, Depends(current_user)]):
    if user != customer_id:
        raise HTTPException(404, "No such customer")
    return []


app = FastAPI()
app.include_router(customers)
```"#,
    django: r#"Protect the view set as a whole; a permission that is chosen by action forgets the action that is added next. Select rows by owner, so that a foreign id finds nothing.

```python
from rest_framework import permissions, viewsets
from rest_framework.response import Response

ORDERS = {}


class OrderViewSet(viewsets.ViewSet):
    permission_classes = [permissions.IsAuthenticated]

    def list(self, request):
        return Response(ORDERS.get(request.user.get_username(), []))
```"#,
};

pub(super) const METHOD_AUTH_GAP: Facts = Facts {
    id: "method-auth-gap",
    title: "Another method opens a door that one method closes",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 650,
    owasp: "API2:2023",
    why: "A guard that looks at the method, or that stands on one handler of two, leaves a second door. HEAD \
          tells whether a thing exists and what its headers say; a view that runs for OPTIONS as for GET hands \
          out everything.",
    fastapi: r#"Serve HEAD from the handler of GET, with its dependencies, instead of writing a second one.

```python
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()
bearer = HTTPBearer(auto_error=False)
SESSIONS = {}  # what your own check of a token needs


def current_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> str:
    user = SESSIONS.get(credentials.credentials) if credentials else None
    if user is None:
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return user


@app.head("/customers/{customer_id}", include_in_schema=False)
@app.get("/customers/{customer_id}")
def customer(customer_id: str, user: Annotated[str, Depends(current_user)]):
    return {"id": customer_id}
```"#,
    django: r#"Check first, whatever the method is, and limit the methods.

```python
from functools import wraps

from django.http import JsonResponse
from django.views.decorators.http import require_safe


def staff_only(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return JsonResponse({"detail": "Please sign in."}, status=401, headers={"WWW-Authenticate": "Session"})
        if not request.user.is_staff:
            return JsonResponse({"detail": "Staff only."}, status=403)
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@staff_only
def users(request):
    return JsonResponse({"items": []})
```"#,
};

pub(super) const UNSIGNED_JWT: Facts = Facts {
    id: "unsigned-jwt",
    title: "A token without a signature is used",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 347,
    owasp: "API2:2023",
    why: "A token is believed because of its signature. One without a signature says whatever its bearer wants \
          it to say, and anybody can write one for anybody.",
    fastapi: r#"Allow one algorithm by name when reading, and sign with a key of at least 32 random bytes. PyJWT checks nothing that it is not told to check.

```python
import os
import time

import jwt

KEY = os.environ["JWT_KEY"]  # python -c "import secrets; print(secrets.token_urlsafe(48))"


def issue(user: str) -> str:
    now = int(time.time())
    claims = {"sub": user, "iat": now, "exp": now + 900, "iss": "shop", "aud": "shop-api"}
    return jwt.encode(claims, KEY, algorithm="HS256")


def read(token: str) -> dict:
    options = {"require": ["exp", "aud", "sub"]}
    return jwt.decode(token, KEY, algorithms=["HS256"], audience="shop-api", issuer="shop", options=options)
```"#,
    django: r#"Sign what you hand out with Django's own signer, which needs no choice of algorithm and has an end.

```python
from django.core import signing


def issue_feed_token(partner: str) -> str:
    return signing.dumps({"partner": partner}, salt="partner-feed")


def read_feed_token(token: str) -> str:
    # Raises signing.BadSignature, and signing.SignatureExpired after a day.
    return signing.loads(token, salt="partner-feed", max_age=86_400)["partner"]
```"#,
};

pub(super) const WEAK_JWT_SECRET: Facts = Facts {
    id: "weak-jwt-secret",
    title: "A token is signed with a secret from a word list",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 1391,
    owasp: "API2:2023",
    why: "Whoever holds one token can try secrets against its signature without sending a request. With the \
          secret, they sign tokens for anybody, administrators included.",
    fastapi: r#"Take the key from the environment, without a default, and refuse to start with a short one. Changing the key ends every token that was signed with the old one, which is what you want here.

```python
import os

JWT_KEY = os.environ["JWT_KEY"]  # python -c "import secrets; print(secrets.token_urlsafe(48))"
if len(JWT_KEY) < 32:
    raise RuntimeError("JWT_KEY is too short: RFC 7518 wants 32 bytes for HS256")
```"#,
    django: r#"Take the key from the environment, without a default, and keep it apart from `SECRET_KEY`, so that each can be changed alone.

```python
# settings.py
import os

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
SIMPLE_JWT = {"SIGNING_KEY": os.environ["JWT_KEY"]}  # python -c "import secrets; print(secrets.token_urlsafe(48))"
if len(SIMPLE_JWT["SIGNING_KEY"]) < 32:
    raise RuntimeError("JWT_KEY is too short: RFC 7518 wants 32 bytes for HS256")
```"#,
};

pub(super) const UNBOUNDED_JWT: Facts = Facts {
    id: "unbounded-jwt",
    title: "A token without an end or an audience",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Medium,
    cwe: 613,
    owasp: "API2:2023",
    why: "A token that is stolen from a log, a proxy or a lost phone works until it ends: without `exp`, for \
          ever. Without `aud`, a token for one service opens every service with the same key.",
    fastapi: r#"Give every token a short end and an audience, and require both when reading: a claim that is absent is not checked otherwise.

```python
import os
import time

import jwt

KEY = os.environ["JWT_KEY"]


def issue(user: str) -> str:
    now = int(time.time())
    claims = {"sub": user, "iat": now, "exp": now + 900, "iss": "shop", "aud": "shop-api"}
    return jwt.encode(claims, KEY, algorithm="HS256")


def read(token: str) -> dict:
    options = {"require": ["exp", "aud", "sub"]}
    return jwt.decode(token, KEY, algorithms=["HS256"], audience="shop-api", issuer="shop", options=options)
```"#,
    django: r#"With `djangorestframework-simplejwt`, set lifetimes, audience and issuer; long sessions are what refresh tokens are for.

```python
# settings.py
import os
from datetime import timedelta

SIMPLE_JWT = {
    "SIGNING_KEY": os.environ["JWT_KEY"],
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
    "ROTATE_REFRESH_TOKENS": True,
    "AUDIENCE": "shop-api",
    "ISSUER": "shop",
}
```"#,
};

pub(super) const SENSITIVE_JWT_CLAIMS: Facts = Facts {
    id: "sensitive-jwt-claims",
    title: "A token carries sensitive data that anybody can read",
    category: Category::Authentication,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 312,
    owasp: "API2:2023",
    why: "Claims are encoded, not encrypted: everybody who holds the token reads them, and so do logs, browser \
          histories and proxies on its way.",
    fastapi: r#"Put an identifier into the token and look the rest up. Tokens that are already out keep what they carry until they end, so change what leaked: keys and passwords.

```python
import os
import time

import jwt

KEY = os.environ["JWT_KEY"]


def issue(user_id: str, role: str) -> str:
    now = int(time.time())
    claims = {"sub": user_id, "role": role, "iat": now, "exp": now + 900, "iss": "shop", "aud": "shop-api"}
    return jwt.encode(claims, KEY, algorithm="HS256")
```"#,
    django: r#"Put an identifier into the token and look the rest up. Never pass a whole row or `person.__dict__` to the encoder.

```python
import time

import jwt
from django.conf import settings


def issue(person) -> str:
    now = int(time.time())
    claims = {"sub": str(person.pk), "iat": now, "exp": now + 900, "iss": "shop", "aud": "shop-api"}
    return jwt.encode(claims, settings.JWT_KEY, algorithm="HS256")
```"#,
};

pub(super) const MISSING_CHALLENGE: Facts = Facts {
    id: "missing-challenge",
    title: "401 without a WWW-Authenticate header",
    category: Category::Authentication,
    kind: Kind::Info,
    severity: Severity::Info,
    cwe: 287,
    owasp: "API2:2023",
    why: "RFC 9110 requires the header in every 401. Without it, clients cannot tell which scheme the service \
          wants, nor whether a token was missing or invalid.",
    fastapi: r#"Pass the header along with every 401.

```python
from fastapi import HTTPException


def not_authenticated() -> HTTPException:
    return HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
```"#,
    django: r#"Django REST framework sends the header when the first authentication class has `authenticate_header`, and answers 403 when it has not. Plain views set it themselves.

```python
from django.http import JsonResponse


def not_authenticated():
    return JsonResponse({"detail": "Please sign in."}, status=401, headers={"WWW-Authenticate": "Bearer"})
```"#,
};

pub(super) const MISSING_SECURITY_HEADERS: Facts = Facts {
    id: "missing-security-headers",
    title: "Protective response headers are missing",
    category: Category::Authentication,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 693,
    owasp: "API8:2023",
    why: "They are the second line. They keep an answer that somebody smuggled a script into from being run, a \
          personal answer from staying in a cache, a page from being framed, and a first request from going \
          out unencrypted.",
    fastapi: r#"Set them in one middleware, and `no-store` wherever credentials were sent. `Strict-Transport-Security` counts on https only and may as well be set by the proxy.

```python
from fastapi import FastAPI, Request

app = FastAPI()


@app.middleware("http")
async def security_headers(request: Request, call_next):
    response = await call_next(request)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
    if "authorization" in request.headers or "cookie" in request.headers:
        response.headers.setdefault("Cache-Control", "no-store")
    if request.url.scheme == "https":
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
```"#,
    django: r#"Django's own middleware sets all but `Cache-Control`; that one needs a few lines.

```python
# settings.py
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shop.middleware.NoStoreMiddleware",
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
X_FRAME_OPTIONS = "DENY"
```

```python
# shop/middleware.py
class NoStoreMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if "Authorization" in request.headers or request.COOKIES:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
```"#,
};
