//! Weaknesses that show data to somebody who should not see it (OWASP API3:2023, API8:2023).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const RAW_ATTRIBUTE_VALUES: Facts = Facts {
    id: "raw-attribute-values",
    title: "The store's wire format reaches the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 497,
    owasp: "API3:2023",
    why: "Clients have to know the store to read the answer, and whoever reads it knows the store. Nobody chose what goes out either: the whole item does, with each attribute that is added to it later.",
    fastapi: r#"Unwrap the types, and let a response model choose the fields.

```python
from boto3.dynamodb.types import TypeDeserializer

_types = TypeDeserializer()


class Product(BaseModel):
    id: str
    name: str
    price: float


@router.get("/products/{product_id}")
def product(product_id: str) -> Product:
    item = client.get_item(TableName="products", Key={"id": {"S": product_id}}).get("Item")
    if item is None:
        raise HTTPException(404)
    return Product(**{name: _types.deserialize(value) for name, value in item.items()})
```"#,
    django: r#"Unwrap the types, and let a serializer choose the fields.

```python
from boto3.dynamodb.types import TypeDeserializer

_types = TypeDeserializer()


class ProductSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    price = serializers.FloatField()


def plain(item):
    return {name: _types.deserialize(value) for name, value in item.items()}


# in the view
return Response(ProductSerializer(plain(item)).data)
```"#,
};

pub(super) const RAW_STORE_CURSOR: Facts = Facts {
    id: "raw-store-cursor",
    title: "The store's own cursor is handed to the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 565,
    owasp: "API3:2023",
    why: "A caller can read the keys in the cursor, also those of rows that a filter hides, and write others: the next page then begins wherever the caller likes. The layout of the table becomes part of the contract.",
    fastapi: r#"Hand out a text that is signed together with the list it is good for, and refuse any other.

```python
import base64, hashlib, hmac, json


def _tag(payload: bytes, scope: str) -> bytes:
    return hmac.new(SECRET, scope.encode() + b"\0" + payload, hashlib.sha256).digest()[:16]


def seal(key: dict, scope: str) -> str:
    payload = json.dumps(key).encode()
    return base64.urlsafe_b64encode(_tag(payload, scope) + payload).decode()


def unseal(cursor: str, scope: str) -> dict:
    try:
        raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except ValueError:
        raise HTTPException(400, "Invalid cursor") from None
    tag, payload = raw[:16], raw[16:]
    if not hmac.compare_digest(tag, _tag(payload, scope)):
        raise HTTPException(400, "Invalid cursor")
    return json.loads(payload)
```

A number in a key comes as `Decimal` and has to be converted on both ways; a key of the low-level client is JSON as it is."#,
    django: r#"Sign the key with Django's own signer; the salt names the list that it is good for. A signed cursor can still be read: where keys are confidential, encrypt it, or keep it on the server under a random name. A number in a key comes as `Decimal` and has to be converted on both ways.

```python
from django.core import signing
from rest_framework.exceptions import ValidationError


def seal(key, scope):
    return signing.dumps(key, salt=scope) if key else None


def unseal(cursor, scope):
    try:
        return signing.loads(cursor, salt=scope)
    except signing.BadSignature:
        raise ValidationError({"cursor": "invalid"})
```"#,
};

pub(super) const STORE_ERROR_EXPOSED: Facts = Facts {
    id: "store-error-exposed",
    title: "The store's error reaches the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API8:2023",
    why: "The messages of AWS name operations, tables, keys, roles and the account. They tell an attacker which store is behind the API, which inputs reach it unchecked, and what the service may do there. The caller can do nothing with them.",
    fastapi: r#"Log the error with an id of your own, and answer with your own words.

```python
import logging, uuid

from botocore.exceptions import BotoCoreError, ClientError
from fastapi.responses import JSONResponse

log = logging.getLogger(__name__)


@app.exception_handler(ClientError)
@app.exception_handler(BotoCoreError)
def store_failed(request, error):
    reference = uuid.uuid4().hex
    log.error("store failed, reference %s", reference, exc_info=error)
    return JSONResponse({"title": "The request could not be completed", "reference": reference}, status_code=503)
```

What a caller can cause, such as a key that is too long, belongs into the validation of the parameter."#,
    django: r#"Log the error with an id of your own, and answer with your own words.

```python
import logging, uuid

from botocore.exceptions import BotoCoreError, ClientError
from rest_framework.response import Response
from rest_framework.views import exception_handler

log = logging.getLogger(__name__)


def answer(error, context):
    if isinstance(error, (ClientError, BotoCoreError)):
        reference = uuid.uuid4().hex
        log.error("store failed, reference %s", reference, exc_info=error)
        return Response({"title": "The request could not be completed", "reference": reference}, status=503)
    return exception_handler(error, context)


# settings.py
REST_FRAMEWORK = {"EXCEPTION_HANDLER": "shop.problems.answer"}
```"#,
};

pub(super) const PII_EXPOSED: Facts = Facts {
    id: "pii-exposed",
    title: "Personal data in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 359,
    owasp: "API3:2023",
    why: "Names, addresses, telephone and account numbers of people are what attackers sell and what data protection law asks about. Answers that carry more of it than the screen needs, or give it to anybody, make a breach out of every mistake elsewhere.",
    fastapi: r##"Ask for credentials, answer with a response model that has only what the client shows, and read only that from the store.

```python
class CustomerOut(BaseModel):
    id: str
    name: str
    email_masked: str


@app.get("/customers", response_model=list[CustomerOut])
def customers(user: Annotated[User, Depends(current_user)], page: Annotated[Page, Depends()]):
    return list_customers(user.shop, page, projection="id, #n, email")
```"##,
    django: r##"Ask for credentials and list the fields of the serializer one by one; never `fields = "__all__"`.

```python
class CustomerSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    email_masked = serializers.SerializerMethodField()

    def get_email_masked(self, customer):
        return mask(customer["email"])
```"##,
};

pub(super) const SECRET_EXPOSED: Facts = Facts {
    id: "secret-exposed",
    title: "A secret in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::High,
    cwe: 522,
    owasp: "API3:2023",
    why: "A key that an answer shows is a key that browser caches, proxies and logs hold from then on. A password hash can be attacked offline without anybody noticing. What was shown must be replaced, not only removed.",
    fastapi: r##"Keep secrets out of the models that are answered with; a `SecretStr` does not print itself. Then rotate what was shown.

```python
class Settings(BaseSettings):
    stripe_key: SecretStr


class ConfigOut(BaseModel):
    region: str
    currency: str


@app.get("/admin/config", response_model=ConfigOut, dependencies=[Depends(require_admin)])
def config():
    return settings.model_dump(include={"region", "currency"})
```"##,
    django: r##"Name the fields that a serializer answers with, and read only these from the store. Then rotate what was shown.

```python
page = table.query(
    KeyConditionExpression=Key("shop").eq(shop),
    ProjectionExpression="id, #n, #r",
    ExpressionAttributeNames={"#n": "name", "#r": "role"},
    Limit=50,
)
```"##,
};

pub(super) const STACK_TRACE_EXPOSED: Facts = Facts {
    id: "stack-trace-exposed",
    title: "A stack trace in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API8:2023",
    why: "A stack trace names files, lines, libraries and often values. It tells an attacker what runs and where to push, and tells the user nothing.",
    fastapi: r##"Log the exception with a reference and answer with the reference only.

```python
@app.exception_handler(Exception)
async def unexpected(request: Request, error: Exception):
    reference = uuid4().hex
    log.exception("unexpected error", extra={"reference": reference})
    return JSONResponse({"title": "Internal Server Error", "reference": reference}, status_code=500)
```"##,
    django: r##"Run with `DEBUG = False`, log the exception with a reference, and answer with the reference only.

```python
def handler500(request):
    reference = uuid4().hex
    log.error("unexpected error", exc_info=sys.exc_info(), extra={"reference": reference})
    return JsonResponse({"title": "Internal Server Error", "reference": reference}, status=500)
```"##,
};

pub(super) const INTERNAL_DETAIL_EXPOSED: Facts = Facts {
    id: "internal-detail-exposed",
    title: "Internal hosts or paths in an answer",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 497,
    owasp: "API8:2023",
    why: "Host names, private addresses and file paths draw a map for whoever gets one step further. A health check needs to say whether the service is well, not where its cache is.",
    fastapi: r##"Answer with what the caller needs; keep details for an operation that asks for credentials, or for the log.

```python
@app.get("/health")
def health():
    return {"status": "ok" if store_is_reachable() else "degraded"}
```"##,
    django: r##"Answer with what the caller needs; keep details for an operation that asks for credentials, or for the log.

```python
def health(request):
    return JsonResponse({"status": "ok" if store_is_reachable() else "degraded"})
```"##,
};

pub(super) const UNDOCUMENTED_FIELDS: Facts = Facts {
    id: "undocumented-fields",
    title: "Fields that the contract does not declare",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 213,
    owasp: "API3:2023",
    why: "Fields that nobody decided to publish are how hashes, margins and internal flags leave a service. Once a client uses them they are part of the contract for good.",
    fastapi: r##"Declare a response model: FastAPI then leaves out every field that it does not name.

```python
class ProductOut(BaseModel):
    id: str
    name: str
    price: Decimal


@app.get("/products/{product_id}", response_model=ProductOut)
def product(product_id: str):
    return read_product(product_id)
```"##,
    django: r##"Answer through a serializer that names its fields, instead of the item as the store holds it.

```python
class ProductSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    price = serializers.DecimalField(max_digits=10, decimal_places=2)


return Response(ProductSerializer(read_product(product_id)).data)
```"##,
};
