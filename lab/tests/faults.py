"""Read and check the faults.toml of a shop or a desk. Not a test itself: their tests use it.

The file is what scanners are scored against, so an entry that names a file,
line, operation or weakness that does not exist is an error here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
VANTAGES = {"wire", "contract", "code", "memory"}
EVERYWHERE = "*"

# What a scan can report of one caller; faults that only code or memory shows use other names.
SCANNED = frozenset("""
    unbounded-read unbounded-page-size silent-truncation broken-pagination response-size-outlier growing-answer
    input-driven-cost unbounded-search unbounded-batch latency-drift synchronous-export no-rate-limit
    ineffective-rate-limit uncompressed-answer oversized-request-accepted
    raw-attribute-values raw-store-cursor store-error-exposed pii-exposed secret-exposed stack-trace-exposed
    internal-detail-exposed undocumented-fields
    injectable-dependency unhandled-input invalid-value-accepted permissive-cors unexpected-method debug-mode
    open-redirect
    auth-not-enforced missing-authentication method-auth-gap unsigned-jwt weak-jwt-secret unbounded-jwt
    sensitive-jwt-claims missing-challenge missing-security-headers
    insecure-third-party-url callback-surface
    deprecated-operation undocumented-operation version-banner documentation-exposed metrics-exposed
""".split())

# What the further categories report: objects, functions and properties of others, requests that the service makes,
# injection, flows, files that lie about, GraphQL and RPC, and the contract against the wire.
FURTHER = frozenset("""
    broken-object-authorization guessable-object-ids broken-function-authorization access-rule-bypass
    internal-property-exposed mass-assignment unverified-token expired-token-accepted insecure-cookie
    server-side-request-forgery sql-injection store-query-injection template-injection reflected-input
    command-injection header-injection path-traversal
    older-version-answers exposed-file exposed-debug-endpoint exposed-admin-panel staging-host-exposed
    redirect-followed upstream-error-exposed third-party-redirect third-party-script unprotected-flow
    caller-chosen-address unsigned-callback account-enumeration open-operation parallel-versions undocumented-answer
    graphql-introspection graphql-suggestions graphql-unbounded graphql-unbounded-depth graphql-unbounded-aliases
    graphql-unbounded-batch graphql-field-exposed graphql-get-mutation rpc-unbounded-batch rpc-methods-listed
    contract-violation
""".split())
SCANNED |= FURTHER

REQUIRED = {"id", "weakness", "file", "line", "visible", "note"}
KNOWN = REQUIRED | {
    "operation", "operations", "accept", "credentials", "scored", "code", "identities", "active", "writes", "collaborator",
}


@dataclass(frozen=True)
class Fault:
    """One entry. `scored` is false where finding it is right and missing it is no loss."""

    id: str
    operations: tuple[str, ...]
    weakness: str
    file: str
    line: int
    visible: frozenset[str]
    note: str
    accept: frozenset[str] = frozenset()
    credentials: bool = False
    scored: bool = True
    code: str | None = None
    # What a scan needs to be given: identities by name, an active category, the operations that it may write with,
    # a listener of its own.
    identities: tuple[str, ...] = ()
    active: str | None = None
    writes: tuple[str, ...] = ()
    collaborator: bool = False
    raw: dict = field(default_factory=dict, compare=False, repr=False)

    @property
    def on_the_wire(self) -> bool:
        return bool(self.visible & {"wire", "contract"})


def folder(shop: str) -> Path:
    """Where an application lives: `fastapi` is the shop of that name, `desk-fastapi` the desk."""
    return LAB / (shop if shop.startswith("desk-") else f"shop-{shop}")


def _entries(shop: str, kind: str) -> list[dict]:
    with (folder(shop) / "faults.toml").open("rb") as source:
        return tomllib.load(source).get(kind, [])


def near_misses(shop: str) -> list[Fault]:
    """What looks like a fault and is none, in both variants; only id, operations, place and note are given."""
    return [_fault(entry) for entry in _entries(shop, "near_miss")]


def load(shop: str) -> list[Fault]:
    """The faults of an application's faults.toml, in the order of the file."""
    return [_fault(entry) for entry in _entries(shop, "fault")]


def writes(shop: str) -> list[str]:
    """The operations that have to be written with for the scored faults to show."""
    return sorted({operation for fault in load(shop) if fault.scored for operation in fault.writes})


def _fault(entry: dict) -> Fault:
    return Fault(
        id=entry.get("id", "?"),
        operations=tuple(entry.get("operations") or [entry.get("operation", "?")]),
        weakness=entry.get("weakness", "?"),
        file=entry.get("file", "?"),
        line=entry.get("line", 0),
        visible=frozenset(entry.get("visible", [])),
        note=entry.get("note", ""),
        accept=frozenset(entry.get("accept", [])),
        credentials=entry.get("credentials", False),
        scored=entry.get("scored", True),
        code=entry.get("code"),
        identities=tuple(entry.get("identities", [])),
        active=entry.get("active"),
        writes=tuple(entry.get("writes", [])),
        collaborator=entry.get("collaborator", False),
        raw=entry,
    )


def problems(shop: str, operations: set[str]) -> list[str]:
    """What is wrong with the list itself; `operations` are those that the shop serves."""
    found: list[str] = []
    seen: set[str] = set()
    for fault in load(shop):

        def wrong(text: str, name: str = fault.id) -> None:
            found.append(f"{name}: {text}")

        if fault.id in seen:
            wrong("the id is used twice")
        seen.add(fault.id)
        if missing := REQUIRED - fault.raw.keys():
            wrong(f"lacks {sorted(missing)}")
        if unknown := fault.raw.keys() - KNOWN:
            wrong(f"has unknown keys {sorted(unknown)}")
        if ("operation" in fault.raw) == ("operations" in fault.raw):
            wrong("needs either `operation` or `operations`")
        if not fault.visible or fault.visible - VANTAGES:
            wrong(f"visible = {sorted(fault.visible)}")
        if fault.on_the_wire and fault.weakness not in SCANNED:
            wrong(f"{fault.weakness} is no weakness that a scan reports")
        if fault.accept - SCANNED:
            wrong(f"accepts unknown weaknesses {sorted(fault.accept - SCANNED)}")
        for operation in fault.operations:
            if operation != EVERYWHERE and operation not in operations:
                wrong(f"no operation {operation!r}")
        found.extend(f"{fault.id}: {text}" for text in _source_problems(shop, fault))
    for near in near_misses(shop):
        found.extend(f"{near.id}: no operation {name!r}" for name in near.operations if name not in operations)
        found.extend(f"{near.id}: {text}" for text in _source_problems(shop, near))
    return found


def _source_problems(shop: str, fault: Fault) -> list[str]:
    path = folder(shop) / fault.file
    if not path.is_file():
        return [f"no file {fault.file}"]
    lines = path.read_text(encoding="utf-8").splitlines()
    if not 1 <= fault.line <= len(lines):
        return [f"{fault.file} has no line {fault.line}"]
    text = lines[fault.line - 1]
    if not text.strip() or text.strip().startswith("#"):
        return [f"line {fault.line} of {fault.file} holds no code"]
    if fault.code is not None and fault.code not in text:
        return [f"line {fault.line} of {fault.file} does not hold {fault.code!r}"]
    return []


def giveaways(shop: str) -> list[str]:
    """Words in the faulty source that would name a fault instead of being one."""
    words = ("vulnerab", "leak", "faulty", "insecure", "exploit", "todo", "fixme")
    found = []
    for path in sorted((folder(shop) / "faulty").rglob("*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found.extend(f"{path.name}:{number}: {word}" for word in words if word in line.lower())
    return found
