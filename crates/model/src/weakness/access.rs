//! Weaknesses of who may use which function (OWASP API5:2023), and of tokens that are taken without being checked (API2:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const BROKEN_FUNCTION_AUTHORIZATION: Facts = Facts {
    id: "broken-function-authorization",
    title: "Functions for some roles are open to others",
    category: Category::Bfla,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 285,
    owasp: "API5:2023",
    why: "Being signed in is checked, the role is not. The interface hides such functions from ordinary users, and nothing else does: whoever reads the contract, or guesses a path, has them.",
    fastapi: r#"Put the role on the router, so that a new route cannot forget it.

```python
def require_role(*roles: str):
    def check(user: Annotated[User, Depends(current_user)]) -> User:
        if user.role not in roles:
            raise HTTPException(403, "Not allowed")
        return user

    return check


admin = APIRouter(prefix="/admin", dependencies=[Depends(require_role("admin"))])


@admin.get("/users")
def users(db: Annotated[Session, Depends(session)]) -> list[UserOut]: ...
```

A test that walks `app.routes` and calls each of them as an ordinary user keeps it so."#,
    django: r#"Refuse by default and allow by role; `IsAuthenticated` says nothing about roles.

```python
# settings.py
REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"]}
```

```python
# views.py: what ordinary users may, says so
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    permission_classes = [IsAuthenticated]


@permission_required("shop.view_report", raise_exception=True)
def report(request): ...
```"#,
};

pub(super) const ACCESS_RULE_BYPASS: Facts = Facts {
    id: "access-rule-bypass",
    title: "A rule that closes an operation can be walked around",
    category: Category::Bfla,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 288,
    owasp: "API5:2023",
    why: "The rule compares the text of a path or a method, and what runs behind it reads that text differently: another case, a second slash, an encoded letter, a header that names another path. Then the rule does not match, and the function does.",
    fastapi: r#"Decide at the function, where the route is already chosen, and not by comparing paths in a middleware or a proxy.

```python
# Walked around by /Admin/users, //admin/users and /%61dmin/users
@app.middleware("http")
async def only_admins(request: Request, call_next):
    if request.url.path.startswith("/admin") and not is_admin(request):
        return JSONResponse({"detail": "Forbidden"}, 403)
    return await call_next(request)


# Part of the function
admin = APIRouter(prefix="/admin", dependencies=[Depends(require_admin)])
```

In the proxy, drop `X-Original-URL`, `X-Rewrite-URL`, `X-HTTP-Method-Override` and client-given `X-Forwarded-*`."#,
    django: r#"Check permissions on the view (`permission_classes`, `permission_required`), never in a middleware that looks at `request.path`.

```python
class ReportView(APIView):
    permission_classes = [IsAdminUser]
```

In the proxy, drop `X-Original-URL`, `X-Rewrite-URL`, `X-HTTP-Method-Override` and client-given `X-Forwarded-*`."#,
};

pub(super) const UNVERIFIED_TOKEN: Facts = Facts {
    id: "unverified-token",
    title: "Tokens are accepted without a valid signature",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::Critical,
    cwe: 347,
    owasp: "API2:2023",
    why: "A token is a claim; only its signature makes it true. Where the signature is not checked, or the token may say that there is none, everybody writes tokens for everybody, administrators included.",
    fastapi: r#"Verify with the algorithms and the key that you expect, and never with what the token says of itself (RFC 8725 §3.1).

```python
claims = jwt.decode(
    token,
    PUBLIC_KEY,
    algorithms=["RS256"],
    audience="https://api.example.com",
    issuer="https://auth.example.com",
    options={"require": ["exp", "aud", "iss", "sub"]},
)
```

`jwt.decode(token, options={"verify_signature": False})` reads a token and proves nothing."#,
    django: r#"With Simple JWT, say algorithm, key and audience, and let it verify.

```python
SIMPLE_JWT = {
    "ALGORITHM": "RS256",
    "VERIFYING_KEY": PUBLIC_KEY,
    "AUDIENCE": "https://api.example.com",
    "ISSUER": "https://auth.example.com",
}
```

`jwt.decode(token, options={"verify_signature": False})` reads a token and proves nothing."#,
};

pub(super) const EXPIRED_TOKEN: Facts = Facts {
    id: "expired-token-accepted",
    title: "Tokens are accepted after they have ended",
    category: Category::Authentication,
    kind: Kind::Access,
    severity: Severity::High,
    cwe: 613,
    owasp: "API2:2023",
    why: "The end of a token is what limits the harm of a stolen one. Where it is written and not checked, a token from a log of last year still opens everything.",
    fastapi: r#"Require `exp` and let the library compare it with the clock.

```python
claims = jwt.decode(token, KEY, algorithms=["HS256"], options={"require": ["exp"]}, leeway=30)
```

`options={"verify_exp": False}` is for tests."#,
    django: r#"With Simple JWT, lifetimes are checked unless somebody turned that off: remove `verify_exp: False` and classes of your own that decode without it.

```python
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(minutes=15), "LEEWAY": 30}
```"#,
};
