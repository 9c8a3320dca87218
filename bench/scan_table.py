#!/usr/bin/env python3
"""Rows and table of bench/scan.sh.

    scan_table.py run NAME TIMES STATUS < JUDGED     one run as a JSON line; NAME is scanner-shop-variant-round
    scan_table.py failed NAME TIMES STATUS           a run that left no report
    scan_table.py table FOLDER                       the Markdown table of the runs in FOLDER, and our limits

Exit code of `table`: 1 when a limit is missed by ours, or when ours was to be judged and left no report.
"""

import json
import sys
from pathlib import Path

NAMES = {"ours": "plimsoll", "schemathesis": "schemathesis 4.32.5", "wapiti": "wapiti 3.2.3", "offat": "OFFAT 0.19.4"}
WALL_SECONDS, REQUESTS, RSS_MIB, RECALL, PRECISION = 10.0, 1000, 64.0, 0.95, 0.95
# A desk is asked as three identities, with the active tests (waits in SQL among them) and with writes.
DESK_WALL_SECONDS, REQUESTS_PER_OPERATION = 30.0, 40.0


def cost(times: Path) -> dict:
    """The last line that /usr/bin/time wrote: user and system seconds, wall seconds, peak kB."""
    lines = times.read_text(encoding="utf-8").split("\n") if times.exists() else []
    numbers = next((line.split() for line in reversed(lines) if line.strip()), None)
    if not numbers:
        return {"cpu": None, "wall": None, "rss": None}
    user, system, wall, peak = map(float, numbers)
    return {"cpu": round(user + system, 2), "wall": wall, "rss": round(peak / 1024, 1)}


def row(name: str, times: Path, status: str, judged: dict | None) -> dict:
    scanner, *shop, variant, turn = name.split("-")
    place = {"scanner": scanner, "shop": "-".join(shop), "variant": variant, "round": int(turn), "status": int(status)}
    return {**place, **cost(times), "judged": judged}


def shown(value: float | None, form: str = "") -> str:
    return "–" if value is None else format(value, form)


def line(run: dict) -> str:
    judged = run["judged"]
    head = f"| {run['shop']} {run['variant']} | {NAMES[run['scanner']]} | {shown(run['cpu'], '.1f')} | {shown(run['wall'], '.1f')} |"
    if judged is None:
        return f"{head} – | {shown(run['rss'], '.0f')} | no report (exit code {run['status']}) | – | – | – |"
    found = "–" if judged["found"] is None else f"{judged['found']} of {judged['faults']}"
    return (f"{head} {shown(judged['requests'], ',')} | {shown(run['rss'], '.0f')} | {found} | {judged['findings']} |"
            f" {len(judged['wrong'])} | {len(judged['other'])} |")


def limits(runs: list[dict]) -> list[tuple[str, str, str, bool]]:
    """(shop, what, measured against limit, reached) for every run of ours."""
    checked = []
    for run in runs:
        shop = f"{run['shop']} {run['variant']}" + (f", round {run['round']}" if run["round"] > 1 else "")
        judged = run["judged"]
        if judged is None:
            checked.append((shop, "a report", f"none, exit code {run['status']}", False))
            continue
        desk = run["shop"].startswith("desk-")
        seconds = DESK_WALL_SECONDS if desk else WALL_SECONDS
        if desk:
            each = judged["requests"] / max(1, judged["operations"])
            economy = (shop, "requests for each operation", f"{each:.1f} < {REQUESTS_PER_OPERATION:.0f}", each < REQUESTS_PER_OPERATION)
        else:
            economy = (shop, "requests", f"{judged['requests']:,} ≤ {REQUESTS:,}", judged["requests"] <= REQUESTS)
        checked += [
            (shop, "the run is", "complete" if judged["complete"] else "incomplete", bool(judged["complete"])),
            (shop, "wall time", f"{run['wall']:.1f} s < {seconds:.0f} s", run["wall"] < seconds),
            economy,
            (shop, "peak memory", f"{run['rss']:.1f} MiB < {RSS_MIB:.0f} MiB", run["rss"] < RSS_MIB),
        ]
        if run["variant"] == "sound":
            checked.append((shop, "findings above info", f"{len(judged['wrong'])} = 0", not judged["wrong"]))
        else:
            checked += [
                (shop, "recall", f"{judged['recall']:.1%} ≥ {RECALL:.0%}", judged["recall"] >= RECALL),
                (shop, "precision", f"{judged['precision']:.1%} ≥ {PRECISION:.0%}", judged["precision"] >= PRECISION),
            ]
    return checked


def categories(run: dict) -> None:
    """What was found of each category: faults found of all, findings that are right of all."""
    print(f"\n{run['shop']} by category:\n\n| category | faults found | findings right |\n|---|---|---|")
    for name, counts in run["judged"]["categories"].items():
        if counts["faults"] or counts["findings"]:
            print(f"| {name} | {counts['found']} of {counts['faults']} | {counts['right']} of {counts['findings']} |")


def table(folder: Path) -> int:
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json") if path.stat().st_size]
    order = ["fastapi", "django", "desk-fastapi", "desk-django"]
    runs.sort(key=lambda run: (order.index(run["shop"]), run["variant"], list(NAMES).index(run["scanner"]), run["round"]))
    print("| shop | scanner | CPU s | wall s | requests | peak RSS MiB | faults found | findings | false alarms | other messages |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for run in runs:
        print(line(run))
    ours = [run for run in runs if run["scanner"] == "ours"]
    checked = limits(ours)
    if checked:
        print("\nLimits of plimsoll:\n")
    for shop, what, comparison, reached in checked:
        print(f"- {shop}: {what} {comparison}: {'ok' if reached else '**NOT REACHED**'}")
    for run in ours:
        if run["judged"] and run["variant"] == "faulty":
            print(f"- {run['shop']} {run['variant']}: {run['judged']['findings_per_operation']} findings above info for each operation (noted, no limit here)")
    for run in ours:
        if run["judged"] and run["variant"] == "faulty" and run["shop"].startswith("desk-"):
            categories(run)
    for run in ours:
        for kind in ("missed", "wrong"):
            if run["judged"] and (kind == "wrong" or run["variant"] == "faulty"):
                for text in run["judged"][kind]:
                    print(f"{run['shop']} {run['variant']} {kind}: {text}", file=sys.stderr)
    return 0 if all(reached for *_, reached in checked) else 1


def main() -> int:
    match sys.argv[1:]:
        case ["run", name, times, status]:
            print(json.dumps(row(name, Path(times), status, json.load(sys.stdin))))
            return 0
        case ["failed", name, times, status]:
            print(json.dumps(row(name, Path(times), status, None)))
            return 0
        case ["table", folder]:
            return table(Path(folder))
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
