#!/usr/bin/env python3
"""Put what a measuring script printed into its section of bench/RESULTS.md.

    bench/record.py PART LOAD COMMIT < TABLE

PART is the script's name (engine, linear, scan, code, audit, memory), LOAD the machine's load average and COMMIT what was checked
out before it ran. The section is what stands between
`<!-- PART -->` and `<!-- /PART -->`; all else in the file is written by people and stays. Names of machines and users are not recorded.
"""

import os
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "RESULTS.md"
# Settings of the scripts that change what a table means.
SETTINGS = ["ROUNDS", "PEER_ROUNDS", "PEER_TIME", "SHOPS", "VARIANTS"]


def machine() -> str:
    """Cores, processor and memory."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(encoding="utf-8"), re.MULTILINE)
    gibibytes = f"{int(memory.group(1)) / 1024**2:.0f} GiB" if memory else "unknown memory"
    return f"{len(os.sched_getaffinity(0))} cores ({model.group(1).strip() if model else 'unknown processor'}), {gibibytes}"


def section(part: str, load: str, commit: str, table: str) -> str:
    settings = "".join(f"{name}={os.environ[name]!r} " for name in SETTINGS if os.environ.get(name))
    date = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"<!-- {part} -->\n`{settings}bench/{part}.sh`, {date}, commit {commit}; {machine()}, load average {load} before it began.\n\n"
        f"{table.strip()}\n<!-- /{part} -->"
    )


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    part, load, commit = sys.argv[1:]
    text = RESULTS.read_text(encoding="utf-8")
    place = re.compile(rf"<!-- {re.escape(part)} -->.*?<!-- /{re.escape(part)} -->", re.DOTALL)
    if len(place.findall(text)) != 1:
        print(f"bench/RESULTS.md has no section {part}", file=sys.stderr)
        return 1
    new = section(part, load, commit, sys.stdin.read())
    RESULTS.write_text(place.sub(lambda _: new, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
