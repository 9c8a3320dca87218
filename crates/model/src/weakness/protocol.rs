//! Weaknesses of what is spoken over HTTP besides plain resources: GraphQL and JSON-RPC.

use super::{Category, Facts};
use crate::{Kind, Severity};

pub(super) const GRAPHQL_INTROSPECTION: Facts = Facts {
    id: "graphql-introspection",
    title: "A GraphQL endpoint tells its whole schema",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 200,
    owasp: "API9:2023",
    why: "Introspection is a map of every type, field and argument, also of those that no client of yours uses. It is right for developers and for public APIs, and a gift to everybody else.",
    fastapi: r#"Add graphql-core's rule where queries are validated, outside of development.

```python
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.extensions import AddValidationRules

schema = strawberry.Schema(Query, extensions=[AddValidationRules([NoSchemaIntrospectionCustomRule])])
```"#,
    django: r#"Give the view the rule.

```python
from graphene_django.views import GraphQLView
from graphql.validation import NoSchemaIntrospectionCustomRule

path("graphql", GraphQLView.as_view(schema=schema, validation_rules=(NoSchemaIntrospectionCustomRule,)))
```"#,
};

pub(super) const GRAPHQL_SUGGESTIONS: Facts = Facts {
    id: "graphql-suggestions",
    title: "Errors of a GraphQL endpoint tell the names that it knows",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 209,
    owasp: "API9:2023",
    why: "\"Did you mean …\" gives away a schema name by name, although introspection is closed; there are tools that do nothing else.",
    fastapi: r#"Take the suggestion off the messages before they leave.

```python
import re

def masked(result: dict) -> dict:
    for error in result.get("errors", []):
        error["message"] = re.sub(r" ?Did you mean .*$", "", error["message"])
    return result
```"#,
    django: r#"Do the same in the view's error format.

```python
class Graph(GraphQLView):
    @staticmethod
    def format_error(error):
        told = GraphQLView.format_error(error)
        told["message"] = told["message"].split(" Did you mean")[0]
        return told
```"#,
};

pub(super) const GRAPHQL_UNBOUNDED: Facts = Facts {
    id: "graphql-unbounded",
    title: "A GraphQL query may be as large as its caller likes",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "Depth multiplies (each list inside a list), aliases and batches repeat: one small request becomes a thousand reads of the store. Limits for each request, also those for guessing passwords, do not hold against a request that carries many.",
    fastapi: r#"Bound depth, aliases and tokens where queries are parsed, and do not take lists of queries.

```python
from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, QueryDepthLimiter

schema = strawberry.Schema(
    Query, extensions=[QueryDepthLimiter(max_depth=8), MaxAliasesLimiter(max_alias_count=15), MaxTokensLimiter(max_token_count=1_000)]
)
router = GraphQLRouter(schema)   # batching stays off
```"#,
    django: r#"Give the view a depth limit, and leave `batch` off.

```python
from graphene.validation import depth_limit_validator

path("graphql", GraphQLView.as_view(schema=schema, batch=False, validation_rules=(depth_limit_validator(max_depth=8),)))
```"#,
};

pub(super) const RPC_METHODS_LISTED: Facts = Facts {
    id: "rpc-methods-listed",
    title: "A JSON-RPC endpoint tells its methods",
    category: Category::Inventory,
    kind: Kind::Exposure,
    severity: Severity::Low,
    cwe: 200,
    owasp: "API9:2023",
    why: "The list names what is meant for operators beside what is meant for clients. On a node of a chain, modules such as `personal` and `admin` in the list are served to whoever asked.",
    fastapi: r#"Leave methods of introspection out of what the endpoint serves, or ask for the operator's role.

```python
METHODS = {"desk.ping": ping, "article.get": read_article}
if settings.debug:
    METHODS["system.listMethods"] = lambda params, user: sorted(METHODS)
```"#,
    django: r#"Register methods by name; nothing is served that is not in the table.

```python
METHODS = {"desk.ping": ping, "article.get": read_article}
if settings.DEBUG:
    METHODS["system.listMethods"] = lambda params, user: sorted(METHODS)
```"#,
};

pub(super) const RPC_UNBOUNDED_BATCH: Facts = Facts {
    id: "rpc-unbounded-batch",
    title: "A JSON-RPC request may carry any number of calls",
    category: Category::ResourceConsumption,
    kind: Kind::Cost,
    severity: Severity::Medium,
    cwe: 770,
    owasp: "API4:2023",
    why: "A batch is one request to every rate limit and proxy, and as much work as it has calls.",
    fastapi: r#"Refuse batches above what clients need, before the first call is made.

```python
if isinstance(body, list) and not 1 <= len(body) <= 10:
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "At most 10 calls"}}, 400)
```"#,
    django: r#"Refuse batches above what clients need, before the first call is made.

```python
if isinstance(body, list) and not 1 <= len(body) <= 10:
    return JsonResponse({"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "At most 10 calls"}}, status=400)
```"#,
};
