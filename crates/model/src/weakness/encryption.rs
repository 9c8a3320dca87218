//! Weaknesses of transport protection (OWASP API8:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const OUTDATED_TLS: Facts = Facts {
    id: "outdated-tls",
    title: "Outdated versions of TLS are accepted",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 326,
    owasp: "API8:2023",
    why: "SSL 3.0, TLS 1.0 and TLS 1.1 rest on MD5 and SHA-1 and on a CBC mode that is known to leak (POODLE, BEAST). RFC 8996 forbids them, every browser has \
          dropped them, and no card scheme accepts them. Whoever sits in between can try to bring a client down to them.",
    fastapi: r#"Set the least version where TLS ends: at the proxy (nginx: `ssl_protocols TLSv1.2 TLSv1.3;`), or in uvicorn's context.

```python
import ssl

import uvicorn

config = uvicorn.Config("app.main:app", port=443, ssl_certfile="fullchain.pem", ssl_keyfile="key.pem")
config.load()
config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
uvicorn.Server(config).run()
```"#,
    django: r#"Set the least version at the proxy (nginx: `ssl_protocols TLSv1.2 TLSv1.3;`), or in `gunicorn.conf.py` where gunicorn ends TLS itself.

```python
import ssl

certfile, keyfile = "fullchain.pem", "key.pem"


def ssl_context(conf, default_ssl_context_factory):
    context = default_ssl_context_factory()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
```"#,
};

pub(super) const WEAK_CIPHER_SUITE: Facts = Facts {
    id: "weak-cipher-suite",
    title: "Weak cipher suites are accepted",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 327,
    owasp: "API8:2023",
    why: "A suite without encryption or authentication protects nothing; export keys are broken in hours, RC4 and 3DES with enough traffic. A server that accepts them only \
          waits for a client, or for somebody in between, to choose them.",
    fastapi: r#"Name the suites where TLS ends: at the proxy (nginx: `ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;`), or for uvicorn.

```python
import uvicorn

uvicorn.run(
    "app.main:app",
    port=443,
    ssl_certfile="fullchain.pem",
    ssl_keyfile="key.pem",
    ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20",
)
```"#,
    django: r#"Name the suites at the proxy (nginx: `ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;`), or in `gunicorn.conf.py`.

```python
certfile, keyfile = "fullchain.pem", "key.pem"
ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
```"#,
};

pub(super) const UNVERIFIABLE_CERTIFICATE: Facts = Facts {
    id: "unverifiable-certificate",
    title: "Clients cannot verify the certificate",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::High,
    cwe: 295,
    owasp: "API8:2023",
    why: "A client that checks certificates does not get through; so people switch the check off, and from then on anybody in between can be the server. Which of the two \
          happens is not in the service's hands.",
    fastapi: r#"Have certificates issued and renewed by a machine, and serve the whole chain (`fullchain.pem`, not `cert.pem`).

```python
import uvicorn

uvicorn.run("app.main:app", port=443, ssl_certfile="/etc/certs/fullchain.pem", ssl_keyfile="/etc/certs/privkey.pem")
```

```text
# renewed by certbot, and uvicorn told
certbot renew --deploy-hook "systemctl restart api"
```"#,
    django: r#"Have certificates issued and renewed by a machine, and serve the whole chain where TLS ends, as in `gunicorn.conf.py`:

```python
certfile = "/etc/certs/fullchain.pem"  # leaf and intermediates, in this order
keyfile = "/etc/certs/privkey.pem"
```

```text
certbot renew --deploy-hook "systemctl reload gunicorn"
```"#,
};

pub(super) const WEAK_CERTIFICATE: Facts = Facts {
    id: "weak-certificate",
    title: "The certificate is weak",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 326,
    owasp: "API8:2023",
    why: "A short key can be computed from what the certificate shows, and a signature over MD5 or SHA-1 can be made for another certificate. A certificate for many years \
          outlives every reason to trust it, and nothing renews what nobody remembers.",
    fastapi: r#"Make a new key with a sound length, and have it signed anew; a machine that renews keeps the validity short.

```text
openssl ecparam -name prime256v1 -genkey -noout -out privkey.pem
openssl req -new -key privkey.pem -subj / -addext "subjectAltName=DNS:api.example.org" -out api.csr
```"#,
    django: r#"Make a new key with a sound length, and have it signed anew; a machine that renews keeps the validity short.

```text
openssl ecparam -name prime256v1 -genkey -noout -out privkey.pem
openssl req -new -key privkey.pem -subj / -addext "subjectAltName=DNS:api.example.org" -out api.csr
```"#,
};

pub(super) const PLAINTEXT_TRANSPORT: Facts = Facts {
    id: "plaintext-transport",
    title: "The API is served without encryption",
    category: Category::Encryption,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 319,
    owasp: "API8:2023",
    why: "Whoever is on the way (a network at a café, a proxy, a provider) reads every answer and every token over http, and can change both. One request over http is enough to \
          lose a session, also where https is there as well.",
    fastapi: r#"Let the port of http answer nothing but a redirect to https, before anything else looks at the request.

```python
from fastapi import FastAPI
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware

app = FastAPI()
app.add_middleware(HTTPSRedirectMiddleware)
```"#,
    django: r#"Let Django redirect, and say which header of the proxy tells that a request came over https.

```python
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31536000
```"#,
};

pub(super) const INSECURE_COOKIE: Facts = Facts {
    id: "insecure-cookie",
    title: "A cookie lacks its protection",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::Medium,
    cwe: 614,
    owasp: "API8:2023",
    why: "Without `Secure` a session's cookie is also sent over http; without `HttpOnly` any script on the page reads it; without `SameSite` other sites' pages make requests with it. \
          Each of them gives the session to somebody else.",
    fastapi: r#"Say all three, and a name that browsers hold you to.

```python
from fastapi import FastAPI, Response

app = FastAPI()


@app.post("/login")
def login(response: Response) -> dict:
    response.set_cookie("__Host-session", "opaque value", secure=True, httponly=True, samesite="lax", path="/")
    return {"ok": True}
```"#,
    django: r#"Django has a setting for each.

```python
SESSION_COOKIE_NAME = "__Host-sessionid"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = True
```"#,
};

pub(super) const MIXED_CONTENT: Facts = Facts {
    id: "mixed-content",
    title: "Answers over https lead back to http",
    category: Category::Encryption,
    kind: Kind::Config,
    severity: Severity::Low,
    cwe: 319,
    owasp: "API8:2023",
    why: "A script that a page over https loads over http can be replaced on the way and runs with the page's rights; a link of the API to itself over http sends the caller's next \
          request, with its token, in the clear. Behind a proxy that ends TLS this is the usual mistake.",
    fastapi: r#"Let the server know what the proxy saw: then `request.url_for` and redirects say https.

```python
import uvicorn

uvicorn.run("app.main:app", proxy_headers=True, forwarded_allow_ips="10.0.0.5")
```"#,
    django: r#"Say which header of the proxy tells that a request came over https: then `request.build_absolute_uri` and the links of REST framework say https.

```python
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = True
```"#,
};
