"""The GraphQL endpoint of the mobile app: bounded queries, no introspection, one query at a time."""

from __future__ import annotations

from typing import Annotated, Any

import graphql
from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import JSONResponse
from graphql.validation import NoSchemaIntrospectionCustomRule, ValidationRule
from pydantic import BaseModel, ConfigDict, Field

from .answers import PrivateRoute
from .models import TICKET, Scalars
from .problems import answers
from .security import User, optional_user
from .store import Database, Store
from .tickets import listed, own

router = APIRouter(tags=["graphql"], route_class=PrivateRoute)

MOST_CHARACTERS, MOST_TOKENS, MOST_DEPTH, MOST_FIELDS = 4000, 400, 5, 60

SCHEMA = graphql.build_schema("""
    type Query {
        me: User
        ticket(id: ID!): Ticket
        tickets(first: Int = 10): [Ticket!]!
        article(id: Int!): Article
    }
    type Mutation {
        closeTicket(id: ID!): Ticket
    }
    type User { id: Int! name: String! role: String! }
    type Ticket { id: ID! number: Int! subject: String! body: String! status: String! }
    type Article { id: Int! title: String! votes: Int! }
""")


class Bounds(ValidationRule):
    """Refuses what is nested too deeply or asks for too many fields, aliases counted."""

    def enter_document(self, document: graphql.DocumentNode, *_: Any) -> None:
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, graphql.FragmentDefinitionNode)
        }
        self.fields = 0

        def walk(selection: graphql.SelectionSetNode | None, depth: int, inside: tuple[str, ...]) -> None:
            if selection is None or self.fields > MOST_FIELDS:
                return
            if depth > MOST_DEPTH:
                self.fields = MOST_FIELDS + 1
                return
            for node in selection.selections:
                if isinstance(node, graphql.FragmentSpreadNode):
                    name = node.name.value
                    if name in fragments and name not in inside:
                        walk(fragments[name].selection_set, depth, (*inside, name))
                    continue
                self.fields += 1
                walk(node.selection_set, depth + isinstance(node, graphql.FieldNode), inside)

        for node in document.definitions:
            if isinstance(node, graphql.OperationDefinitionNode):
                walk(node.selection_set, 1, ())
        if self.fields > MOST_FIELDS:
            self.report_error(graphql.GraphQLError("The query is too large"))


RULES = [*graphql.specified_rules, NoSchemaIntrospectionCustomRule, Bounds]


class Context:
    """Who asks, and where the data is."""

    def __init__(self, user: User | None, store: Store) -> None:
        self.user = user
        self.store = store

    def signed_in(self) -> User:
        if self.user is None:
            raise graphql.GraphQLError("Please sign in")
        return self.user


def visible(context: Context, ticket_id: str) -> dict | None:
    try:
        return own(context.store, context.signed_in(), ticket_id)
    except HTTPException:
        return None


def me(_: Any, info: graphql.GraphQLResolveInfo) -> dict:
    return info.context.signed_in().model_dump()


def ticket(_: Any, info: graphql.GraphQLResolveInfo, id: str) -> dict | None:
    return visible(info.context, id) if 0 < len(id) <= 40 else None


def tickets(_: Any, info: graphql.GraphQLResolveInfo, first: int) -> list[dict]:
    if not 1 <= first <= 20:
        raise graphql.GraphQLError("`first` is 1 to 20")
    page = listed(info.context.store, info.context.signed_in(), first)
    return [row.model_dump() for row in page.items]


def article(_: Any, info: graphql.GraphQLResolveInfo, id: int) -> dict | None:
    return info.context.store.item("desk-articles", {"id": id}, ["id", "title", "votes"])


def close_ticket(_: Any, info: graphql.GraphQLResolveInfo, id: str) -> dict | None:
    row = ticket(_, info, id)
    if row is None:
        return None
    info.context.store.change("desk-tickets", {"id": row["id"]}, {"status": "closed"})
    return {**{name: row[name] for name in TICKET if name in row}, "status": "closed"}


for kind, resolvers in {
    "Query": {"me": me, "ticket": ticket, "tickets": tickets, "article": article},
    "Mutation": {"closeTicket": close_ticket},
}.items():
    for name, function in resolvers.items():
        SCHEMA.get_type(kind).fields[name].resolve = function


class GraphQuery(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)

    query: str = Field(min_length=1, max_length=MOST_CHARACTERS, examples=["{ tickets(first: 2) { number subject } }"])
    variables: Scalars | None = None


class GraphError(BaseModel):
    message: str = Field(max_length=200)


class GraphAnswer(BaseModel):
    data: dict[str, Any] | None = Field(None, json_schema_extra={"maxProperties": MOST_FIELDS})
    errors: list[GraphError] | None = Field(None, max_length=50)


def run(query: GraphQuery, context: Context, reading: bool) -> JSONResponse:
    """Execute one query. Errors have a message and no hints at what the schema has."""
    try:
        document = graphql.parse(query.query, max_tokens=MOST_TOKENS, no_location=True)
    except (graphql.GraphQLError, RecursionError):
        return failed("The query cannot be read")
    if errors := graphql.validate(SCHEMA, document, RULES, max_errors=5):
        large = any(error.message == "The query is too large" for error in errors)
        return failed("The query is too large" if large else "The query is not valid")
    if reading and any(
        isinstance(node, graphql.OperationDefinitionNode) and node.operation is not graphql.OperationType.QUERY
        for node in document.definitions
    ):
        return failed("Changes are sent with POST")
    result = graphql.execute_sync(SCHEMA, document, context_value=context, variable_values=query.variables)
    if result.errors:
        ours = [str(error.message)[:200] for error in result.errors if error.original_error is None][:50]
        errors = [GraphError(message=text) for text in ours] or [GraphError(message="The query failed")]
        return JSONResponse(GraphAnswer(data=result.data, errors=errors).model_dump(), 200 if result.data else 400)
    return JSONResponse({"data": result.data})


def failed(message: str) -> JSONResponse:
    return JSONResponse({"errors": [{"message": message}]}, 400)


Caller = Annotated[User | None, Depends(optional_user)]
# Signing in is possible and not needed for everything.
OPTIONAL = {"security": [{}]}
FAILED = {400: {"model": GraphAnswer, "description": "The query failed."}}


@router.get("/graphql", response_model=GraphAnswer, responses={**FAILED, **answers(401)}, openapi_extra=OPTIONAL)
def by_get(
    caller: Caller, store: Database,
    query: Annotated[str, Query(min_length=1, max_length=MOST_CHARACTERS)] = "{ __typename }",
) -> JSONResponse:
    """Read; changes need POST."""
    return run(GraphQuery(query=query), Context(caller, store), reading=True)


@router.post("/graphql", response_model=GraphAnswer, responses={**FAILED, **answers(401, 413)}, openapi_extra=OPTIONAL)
def by_post(body: GraphQuery, caller: Caller, store: Database) -> JSONResponse:
    """Read or change; one query per request."""
    return run(body, Context(caller, store), reading=False)
