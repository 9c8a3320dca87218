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
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const RAW_STORE_CURSOR: Facts = Facts {
    id: "raw-store-cursor",
    title: "The store's own cursor is handed to the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 565,
    owasp: "API3:2023",
    why: "",
    fastapi: "",
    django: "",
};

pub(super) const STORE_ERROR_EXPOSED: Facts = Facts {
    id: "store-error-exposed",
    title: "The store's error reaches the client",
    category: Category::DataExposure,
    kind: Kind::Exposure,
    severity: Severity::Medium,
    cwe: 209,
    owasp: "API8:2023",
    why: "",
    fastapi: "",
    django: "",
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
