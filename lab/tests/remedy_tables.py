"""Writes the handbook's catalogue of remedies from the cells, their `remedy.toml` and the figures of a measurement.

`python lab/tests/remedies.py --table` measures, keeps the figures in `lab/remedies/measured.json`, and writes
`docs/src/remedies.md` with one page for each weakness in `docs/src/remedies/`. Code is not copied there: the pages include it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

LAB = Path(__file__).resolve().parent.parent
REMEDIES = LAB / "remedies"
MEASURED = REMEDIES / "measured.json"
# Bytes a request below which a measurement says none: see remedies.py.
QUIET = 100
PAGES = LAB.parent / "docs" / "src"

FRAMEWORKS = {"fastapi": "FastAPI", "django": "Django"}
STORES = ("boto3", "aioboto3", "pynamodb")
STORE_NAMES = {"boto3": "boto3", "aioboto3": "aioboto3", "pynamodb": "PynamoDB"}
FAMILIES = {
    "What is kept": [
        "unbounded-cache",
        "retained-request",
        "retained-exception",
        "retained-iterator",
        "retained-task",
        "retained-client",
        "handler-per-request",
        "unbounded-queue",
        "session-growth",
    ],
    "What is read without a bound": [
        "unbounded-read",
        "whole-table-read",
        "synchronous-export",
        "unbounded-batch",
        "scan-instead-of-query",
    ],
    "What is built too often": ["client-per-request"],
    "What is not closed": ["unclosed-client", "unclosed-resource"],
}
WEAKNESSES = [weakness for family in FAMILIES.values() for weakness in family]
UNITS = {
    "live": "memory kept per request",
    "peak": "rise of resident memory in one request",
    "built": "clients built per request",
    "calls": "calls of the store per request",
    "read": "rows read per request",
    "open": "clients left open per request",
    "cookie": "bytes by which the cookie grows per request",
}

HEAD = """# The catalogue of remedies

Each weakness that keeps, collects, rebuilds or leaves open, in each framework and store where it takes a form of its own: the faulty program, the remedy, and what both were measured to
do. The programs are the files in `lab/remedies`; they are shown here and run by `lab/tests/test_remedies.py`, which holds each pair against the emulator: the answers are the same,
what is wrong is measured before and gone after, `plimsoll code` names the weakness in the one and is silent about the other.

The figures are those of one run; the test measures them again. *Kept* is what malloc holds for the process after a collection, as a Theil–Sen slope over six batches of requests; a
few bytes a request remain of any measurement. A *peak* is the rise of resident memory, on a table of 1,500 rows and 1.4 MB. Everything else is a count.

"""


def described(weakness: str) -> dict:
    return tomllib.loads((REMEDIES / weakness / "remedy.toml").read_text())


def variants(weakness: str) -> list[tuple[str, str]]:
    """Frameworks and stores in which the weakness has a cell, in the order of the handbook."""
    return [
        (framework, store)
        for framework in FRAMEWORKS
        for store in STORES
        if (REMEDIES / weakness / f"{framework}-{store}" / "after.py").exists()
    ]


def told() -> dict[str, tuple[float, float]]:
    """Before and after, as the handbook says it."""
    return {cell: (kept["before"], kept["after"]) for cell, kept in json.loads(MEASURED.read_text()).items()}


def figure(measure: str, value: float) -> str:
    if measure == "peak":
        return f"{value / 1024 / 1024:.1f} MiB" if value >= 50_000 else "< 0.1 MiB"
    if measure == "live":
        return "none" if value < QUIET else f"{value:,.0f} B" if value < 10_000 else f"{value / 1024:,.0f} KiB"
    return f"{value:,.0f}"


def measure_of(weakness: str, variant: str) -> str:
    text = described(weakness)
    return text.get(variant, {}).get("measure", text["measure"])


def page(weakness: str) -> str:
    """The page of a weakness."""
    text, figures = described(weakness), told()
    out = [
        f"# {text['title']}\n",
        f"[`{weakness}`](../weaknesses.md#{weakness}) · [all remedies](../remedies.md)\n",
        f"{text['wrong']}\n",
        f"**Instead**: {text['remedy']}\n",
        "| | measured | before | after | found by |",
        "|---|---|---|---|---|",
    ]
    for framework, store in variants(weakness):
        variant = f"{framework}-{store}"
        measure = measure_of(weakness, variant)
        before, after = figures[f"{weakness}/{variant}"]
        checks = ", ".join(f"`{check}`" for check in text.get(variant, {}).get("checks", text["checks"]))
        out.append(
            f"| [{FRAMEWORKS[framework]}, {STORE_NAMES[store]}](#{framework}-{store}) | {UNITS[measure]} "
            f"| {figure(measure, before)} | {figure(measure, after)} | {checks} |".replace(" B |", "\u00a0B |")
        )
    for framework, store in variants(weakness):
        folder = f"../../../lab/remedies/{weakness}/{framework}-{store}"
        out.append(f'\n## {FRAMEWORKS[framework]}, {STORE_NAMES[store]} {{#{framework}-{store}}}\n')
        for side, said in (("before", "Faulty:"), ("after", "Sound:")):
            out.append(f"{said}\n\n```python\n{{{{#include {folder}/{side}.py}}}}\n```\n")
    return "\n".join(out)


def overview() -> str:
    """The page that lists all cells."""
    figures = told()
    out = [HEAD.rstrip("\n")]
    for family, weaknesses in FAMILIES.items():
        out.append(f"\n## {family}\n")
        out.append("| weakness | | " + " | ".join(STORE_NAMES[store] for store in STORES) + " |")
        out.append("|---|---|---|---|---|")
        for weakness in weaknesses:
            for framework, name in FRAMEWORKS.items():
                row = []
                for store in STORES:
                    cell = f"{weakness}/{framework}-{store}"
                    if cell not in figures:
                        row.append("")
                        continue
                    measure = measure_of(weakness, f"{framework}-{store}")
                    before, after = (figure(measure, value) for value in figures[cell])
                    pair = f"{before} → {after}".replace(" ", "\u00a0")
                    row.append(f"[{pair}](remedies/{weakness}.md#{framework}-{store})")
                if any(row):
                    title = f"[{described(weakness)['title']}](remedies/{weakness}.md)"
                    out.append(f"| {title} | {name} | " + " | ".join(row) + " |")
    out.append(
        "\nEmpty cells are forms that are the same as a neighbour's: how a session is kept small, say, does not depend on the store."
        " Weaknesses of the other families have their remedies in the [list of weaknesses](weaknesses.md)."
    )
    return "\n".join(out) + "\n"


def pages() -> dict[Path, str]:
    """Every page of the catalogue."""
    return {PAGES / "remedies.md": overview()} | {
        PAGES / "remedies" / f"{weakness}.md": page(weakness) for weakness in WEAKNESSES
    }


def stale() -> list[str]:
    """Pages that are not what the cells and figures say."""
    return [path.name for path, text in pages().items() if not path.exists() or path.read_text() != text]


def write(found: dict[str, dict]) -> None:
    """Keeps the figures of a measurement and writes the pages."""
    broken = [result for result in found.values() if "error" in result]
    if broken:
        raise SystemExit(f"not written: {broken[0]['cell']}: {broken[0]['error']}")
    figures = {
        cell: {
            "measure": found[cell]["measure"],
            "before": found[cell]["before"]["value"],
            "after": found[cell]["after"].get("rest", found[cell]["after"]["value"]),
        }
        for cell in sorted(found)
    }
    MEASURED.write_text(json.dumps(figures, indent=2) + "\n")
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        print(path.relative_to(LAB.parent))
