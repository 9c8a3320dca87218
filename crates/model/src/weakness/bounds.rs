//! Weaknesses of contracts that bound neither what is taken nor what is answered (OWASP API4:2023, LLM10:2025).

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const UNBOUNDED_INPUT: Facts = Facts {
    id: "unbounded-input",
    title: "Input without a bound in size",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Low,
    cwe: 770,
    owasp: "API4:2023",
    why: "A body is read, parsed, validated and often stored before anybody looks at what it says. Where the contract bounds neither arrays nor texts nor depth, one request may be as large as the server in front lets through, and a parsed body takes many times its size in memory.",
    fastapi: r#"Bound every list, text and map where it is declared, and the body as a whole where it is received: Pydantic looks at a body after it was read.

```python
from typing import Annotated

from pydantic import BaseModel, Field

Tag = Annotated[str, Field(max_length=40)]


class Order(BaseModel):
    lines: Annotated[list[Line], Field(max_length=200)]
    tags: Annotated[list[Tag], Field(max_length=20)] = []
    note: Annotated[str, Field(max_length=2_000)] = ""
```

The proxy refuses the rest with 413 (nginx: `client_max_body_size 1m;`)."#,
    django: r#"`max_length` on every field, also on the list itself, and a size for the whole body.

```python
class OrderSerializer(serializers.Serializer):
    lines = serializers.ListField(child=LineSerializer(), max_length=200)
    note = serializers.CharField(max_length=2_000, required=False)


# settings.py
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
```"#,
};

pub(super) const UNBOUNDED_UPLOAD: Facts = Facts {
    id: "unbounded-upload",
    title: "A file of any size is accepted",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 400,
    owasp: "API4:2023",
    why: "A file fills memory where it is read whole, a disk where it is spooled, and a bucket where it is stored. Without a length in the contract no gateway and no client knows where to stop, and the first who finds out is whoever wants to do harm.",
    fastapi: r#"Declare the length, and count while reading: a declared length proves nothing about what is sent.

```python
from fastapi import HTTPException, UploadFile

LARGEST = 10 * 1024 * 1024


@app.post("/avatars", responses={413: {"description": "More than 10 MiB"}})
async def avatar(file: UploadFile) -> None:
    size = 0
    while chunk := await file.read(64 * 1024):
        size += len(chunk)
        if size > LARGEST:
            raise HTTPException(413)
        await store.write(chunk)
```

Large files go to the store directly, through a presigned POST with `["content-length-range", 1, LARGEST]`."#,
    django: r#"A validator on the field, and a limit in the proxy, which is the only one that acts before the file is on disk.

```python
def at_most_10_mib(file):
    if file.size > 10 * 1024 * 1024:
        raise serializers.ValidationError("more than 10 MiB")


class AvatarSerializer(serializers.Serializer):
    file = serializers.FileField(validators=[at_most_10_mib])
```

nginx: `client_max_body_size 10m;`"#,
};

pub(super) const UNCONSTRAINED_INPUT: Facts = Facts {
    id: "unconstrained-input",
    title: "Input that the contract does not narrow",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Info,
    cwe: 20,
    owasp: "API8:2023",
    why: "What the contract does not narrow, no gateway refuses and no generated test tries. Numbers without ends reach arithmetic and allocation, texts without a form reach queries and templates, and each handler must defend itself alone.",
    fastapi: r#"Say what is meant, in the type; FastAPI refuses the rest with 422 and publishes the bounds.

```python
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

Quantity = Annotated[int, Field(ge=1, le=1_000)]
Sku = Annotated[str, Field(pattern=r"^[A-Z0-9-]{3,32}$")]


class Status(StrEnum):
    open = "open"
    paid = "paid"
```"#,
    django: r#"Bounds, choices and regular expressions belong to the serializer field; drf-spectacular writes them to the contract.

```python
class LineSerializer(serializers.Serializer):
    sku = serializers.RegexField(r"^[A-Z0-9-]{3,32}$")
    quantity = serializers.IntegerField(min_value=1, max_value=1_000)
    status = serializers.ChoiceField(choices=["open", "paid"])
```"#,
};

pub(super) const FREE_FORM_QUERY: Facts = Facts {
    id: "free-form-query",
    title: "Callers write part of the query",
    category: Category::InputValidation,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 943,
    owasp: "API8:2023",
    why: "A filter or an order as free text is a small query language. Callers can order by columns without an index, filter by fields that they must not see (and so learn their values, one comparison at a time), or include everything that hangs on an object.",
    fastapi: r#"Name what may be chosen; the contract then says so and everything else is refused.

```python
from typing import Literal


@app.get("/orders")
def orders(sort: Literal["created", "-created", "total"] = "-created", status: Status | None = None): ...
```"#,
    django: r#"List the fields. `"__all__"` in `ordering_fields` or `filterset_fields` opens every column of the model, those of related models included.

```python
class Orders(viewsets.ReadOnlyModelViewSet):
    ordering_fields = ["created", "total"]
    filterset_fields = ["status"]
```"#,
};

pub(super) const CATASTROPHIC_PATTERN: Facts = Facts {
    id: "catastrophic-pattern",
    title: "A pattern that keeps a backtracking engine busy without end",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 1333,
    owasp: "API4:2023",
    why: "The pattern can match the same text in many ways, and an engine that backtracks (Python's `re`, JavaScript, Java, .NET, PCRE) tries all of them before it says no: each further character doubles the time, and some thirty characters hold a worker for minutes. Every client, gateway and server that validates with the contract runs it.",
    fastapi: r#"Write it so that each text can be read in one way only, and bound the length first. Pydantic 2 uses an engine that does not backtrack unless `regex_engine="python-re"` is set; others who read the contract do not.

```python
# (\w+\s?)+ reads a word of ten letters in 512 ways; this reads it in one.
Title = Annotated[str, Field(max_length=200, pattern=r"^\w+(?:\s\w+)*$")]
```"#,
    django: r#"`RegexField` and `RegexValidator` use `re`, which backtracks. Bound the length, and leave each text one reading.

```python
title = serializers.RegexField(r"^\w+(?:\s\w+)*$", max_length=200)
```"#,
};

pub(super) const UNREPEATABLE_WRITE: Facts = Facts {
    id: "unrepeatable-write",
    title: "A payment or order cannot be repeated safely",
    category: Category::InputValidation,
    kind: Kind::DataLoss,
    severity: Severity::Low,
    cwe: 837,
    owasp: "API6:2023",
    why: "A client whose connection breaks does not know whether its order was taken. Without a key that makes a repetition recognisable, it has to choose between paying twice and not at all, and retries of proxies and libraries choose for it.",
    fastapi: r#"Take a key from the client, and keep the first answer under it for a day.

```python
@app.post("/payments")
def pay(payment: Payment, idempotency_key: Annotated[str, Header(min_length=16, max_length=64)]):
    try:
        table.put_item(
            Item={"pk": f"idem#{idempotency_key}", "expires": in_a_day()},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return first_answer(idempotency_key)
    ...
```"#,
    django: r#"The same with a unique column: the second insert fails, and the first answer is returned.

```python
with transaction.atomic():
    key, created = IdempotencyKey.objects.get_or_create(value=request.headers["Idempotency-Key"])
    if not created:
        return Response(key.answer, status=key.status)
```"#,
};

pub(super) const UNBOUNDED_GENERATION: Facts = Facts {
    id: "unbounded-generation",
    title: "A caller decides how much a language model reads and writes",
    category: Category::Llm,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "Tokens are paid for by the provider of the API and take seconds each. Where neither the prompt nor the number of messages, tokens and choices has a maximum, one request can cost what a thousand customary ones do, and holds a connection while it runs (OWASP LLM10:2025).",
    fastapi: r#"Bound everything that multiplies, and set the model's own limit to what is left of the caller's budget.

```python
class Chat(BaseModel):
    messages: Annotated[list[Message], Field(max_length=50)]
    max_tokens: Annotated[int, Field(ge=1, le=2_048)] = 512
    n: Literal[1] = 1


class Message(BaseModel):
    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=8_000)]
```"#,
    django: r#"The same bounds in a serializer, and a throttle that counts tokens rather than requests.

```python
class ChatSerializer(serializers.Serializer):
    messages = MessageSerializer(many=True, max_length=50)
    max_tokens = serializers.IntegerField(min_value=1, max_value=2_048, default=512)
```"#,
};

pub(super) const STEERABLE_MODEL: Facts = Facts {
    id: "steerable-model",
    title: "Callers choose the model or its instructions",
    category: Category::Llm,
    kind: Kind::Input,
    severity: Severity::Low,
    cwe: 1427,
    owasp: "API8:2023",
    why: "Instructions that come with the request replace those that keep the model to its task, and a model by any name may be one that costs fifty times as much or has none of the filters. Both turn a narrow function into free use of a model at somebody else's expense (OWASP LLM01:2025, LLM10:2025).",
    fastapi: r#"Name the models that may be asked for, and keep the instructions on the server.

```python
class Chat(BaseModel):
    model: Literal["small", "large"] = "small"
    messages: Annotated[list[Message], Field(max_length=50)]  # roles: user, assistant


prompt = [{"role": "system", "content": INSTRUCTIONS}, *chat.messages]
```"#,
    django: r#"A `ChoiceField` for the model and for the role of each message; `system` is none of the choices.

```python
class MessageSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=["user", "assistant"])
    content = serializers.CharField(max_length=8_000)
```"#,
};
