"""CPU time and memory of `plimsoll code` beside parsing alone, semgrep, bandit, ty, ruff and pythaw: `code_cost.py PLIMSOLL FRONT CORPUS`.

Every comparison runs A, B, A, B, … and compares medians of user and system time. Exit code 1: a goal is missed.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

PLIMSOLL, FRONT, CORPUS = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
ROUNDS = int(os.environ.get("ROUNDS", "5"))
PEER_ROUNDS = int(os.environ.get("PEER_ROUNDS", "3"))
PEERS = pathlib.Path(".tools/peers")
RULES = pathlib.Path("bench/code_rules.yaml").resolve()
ENVIRONMENT = {**os.environ, "RAYON_NUM_THREADS": "1", "SEMGREP_SEND_METRICS": "off", "NO_COLOR": "1"}
APP = {
    "app/main.py": """from fastapi import Depends, FastAPI
from app.repo import Repo, get_repo
app = FastAPI()
@app.get("/orders/{customer}")
def orders(customer: str, repo: Repo = Depends(get_repo)):
    return repo.orders(customer)
""",
    "app/repo.py": """from app.db import table
SEEN = []
class Repo:
    def orders(self, customer):
        SEEN.append(customer)
        return table.query(KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": customer})["Items"]
def get_repo():
    return Repo()
""",
    "app/db.py": 'import boto3\ntable = boto3.resource("dynamodb").Table("orders")\n',
}
missed: list[str] = []


def cost(command: list[str]) -> tuple[float, float]:
    """Seconds of CPU and MiB of memory of a command with its children."""
    with open(os.devnull, "w") as nothing:
        child = subprocess.Popen(command, stdout=nothing, stderr=nothing, env=ENVIRONMENT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode < 0 or child.returncode > 3:
        sys.exit(f"{' '.join(command[:3])} ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def side_by_side(rounds: int, **commands: list[str]) -> dict[str, tuple[float, float]]:
    """The median cost of each command, run in turns."""
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seen[name].append(cost(command))
    return {name: (statistics.median(c for c, _ in runs), max(m for _, m in runs)) for name, runs in seen.items()}


def row(goal: str, what: str, ours: str, other: str, ratio: float, limit: float) -> None:
    """A line of the table; a goal is met when the ratio is at most the limit."""
    if ratio > limit:
        missed.append(goal)
    print(f"| {goal} | {what} | {ours} | {other} | {ratio:.3g} | ≤ {limit:.3g} |")


def code(*paths: object) -> list[str]:
    return [PLIMSOLL, "code", "--exit-zero", *map(str, paths)]


def peer(name: str) -> str:
    return str(PEERS / name / "bin" / name)


def app(folder: pathlib.Path, modules: int) -> pathlib.Path:
    """A FastAPI application with so many modules of routes, repositories and stores that call each other."""
    files = {"shop/__init__.py": "", "shop/db.py": 'import boto3\nresource = boto3.resource("dynamodb")\n'}
    mounts = []
    for n in range(modules):
        files[f"shop/repo{n}.py"] = (
            f"from shop.db import resource\nfrom shop import store{n}\n\n\nclass Repo{n}:\n    def __init__(self):\n"
            f"        self.table = resource.Table('t{n}')\n\n    def one(self, key):\n        item = self.table.get_item(Key={{'id': key}}).get('Item')\n"
            f"        store{n}.keep(item)\n        return item\n\n    def all(self):\n        found = []\n        page = self.table.scan()\n"
            "        while True:\n            found.extend(page['Items'])\n            if 'LastEvaluatedKey' not in page:\n                return found\n"
            "            page = self.table.scan(ExclusiveStartKey=page['LastEvaluatedKey'])\n"
        )
        files[f"shop/store{n}.py"] = "RECENT = []\n\n\ndef keep(item):\n    RECENT.append(item)\n    if len(RECENT) > 100:\n        RECENT.pop(0)\n"
        files[f"shop/routes{n}.py"] = (
            f"from fastapi import APIRouter, Depends\nfrom shop.repo{n} import Repo{n}\n\nrouter = APIRouter(prefix='/r{n}')\n\n\n"
            f"def repo():\n    return Repo{n}()\n\n\n@router.get('/{{key}}')\ndef one(key: str, repo=Depends(repo)):\n    return repo.one(key)\n\n\n"
            "@router.get('/')\ndef everything(repo=Depends(repo)):\n    return repo.all()\n"
        )
        mounts.append(f"from shop import routes{n}\napp.include_router(routes{n}.router)\n")
    files["shop/main.py"] = "from fastapi import FastAPI\n\napp = FastAPI()\n" + "".join(mounts)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def places(path: pathlib.Path) -> list[tuple[str, int, str]]:
    """File, line and rule of every finding of ours."""
    output = subprocess.run([*code(path), "--format", "json"], capture_output=True, env=ENVIRONMENT, check=True).stdout
    return [(f["source"]["file"], f["source"]["line"], f["check"]) for f in json.loads(output)["findings"] if f.get("source")]


def pythaw_hits(path: pathlib.Path) -> list[tuple[str, int]]:
    """File and line of pythaw's findings of boto3 clients, resources and sessions."""
    output = subprocess.run([peer("pythaw"), "check", "--exit-zero", str(path)], capture_output=True, text=True, env=ENVIRONMENT, check=False).stdout
    return [(m[1], int(m[2])) for m in re.finditer(r"^(\S+?):(\d+):\d+:? PW00[123]\b", output, re.M)]


def main() -> None:
    django, amazon = CORPUS / "django", CORPUS / "apache-airflow-providers-amazon"
    scratch = tempfile.TemporaryDirectory()
    three = pathlib.Path(scratch.name) / "three"
    for path, text in APP.items():
        (three / path).parent.mkdir(parents=True, exist_ok=True)
        (three / path).write_text(text)
    print("| goal | measured | ours | beside | ratio | limit |\n|---|---|---|---|---|---|")

    ruff = [peer("ruff"), "check", "--isolated", "--no-cache", "-q", "--exit-zero", "--select", "B019,SIM115,ASYNC,S113", str(CORPUS)]
    whole = side_by_side(ROUNDS, parse=[*code(CORPUS), "--parse-only"], ours=code(CORPUS), ruff=ruff)
    row("P1", "whole corpus, all rules", f"{whole['ours'][0]:.2f} s", f"parsing only {whole['parse'][0]:.2f} s", whole["ours"][0] / whole["parse"][0], 3.0)
    row("P5", "whole corpus, peak RSS", f"{whole['ours'][1]:.0f} MiB", f"ruff {whole['ruff'][1]:.0f} MiB", whole["ours"][1] / whole["ruff"][1], 1.5)
    print(f"|  | whole corpus, ruff with four groups | | {whole['ruff'][0]:.2f} s | | |")

    semgrep = [peer("semgrep"), "scan", "--config", str(RULES), "--metrics=off", "--disable-version-check", "--no-git-ignore", "-j", "1", "-q", "--json"]
    beside = side_by_side(
        PEER_ROUNDS,
        ours=code(django),
        semgrep=[*semgrep, str(django)],
        bandit=[peer("bandit"), "-r", "-q", "-f", "json", str(django)],
        ty=[peer("ty"), "check", "--output-format", "concise", "--exit-zero", str(django)],
    )
    for name, times in [("semgrep", 20), ("bandit", 45), ("ty", 15)]:
        row("P2", f"django, beside {name}", f"{beside['ours'][0]:.2f} s", f"{beside[name][0]:.2f} s", beside["ours"][0] / beside[name][0], 1 / times)

    thaw = side_by_side(ROUNDS, ours=code(amazon), pythaw=[peer("pythaw"), "check", "--exit-zero", str(amazon)])
    row("P3", "Airflow's Amazon provider, beside pythaw", f"{thaw['ours'][0]:.2f} s", f"{thaw['pythaw'][0]:.2f} s", thaw["ours"][0] / thaw["pythaw"][0], 1 / 5)

    small = side_by_side(max(ROUNDS, 9), ours=code(three))
    start = side_by_side(PEER_ROUNDS, semgrep=[*semgrep, str(three)])
    row("P4", "three files, cold, ms of CPU", f"{small['ours'][0] * 1e3:.0f} ms", "", small["ours"][0] * 1e3, 25)
    row("P4", "three files, beside semgrep", f"{small['ours'][0] * 1e3:.0f} ms", f"{start['semgrep'][0]:.2f} s", small["ours"][0] / start["semgrep"][0], 1 / 80)

    one, four = app(pathlib.Path(scratch.name) / "one", 250), app(pathlib.Path(scratch.name) / "four", 1000)
    growth = side_by_side(ROUNDS, one=code(one), four=code(four))
    row("growth", "an application of 750 and 3,000 modules", f"{growth['four'][0]:.2f} s", f"{growth['one'][0]:.2f} s", growth["four"][0] / growth["one"][0], 4.4)

    hook = next(amazon.rglob("aws/hooks/s3.py"))
    edits = subprocess.run([FRONT, "edit", str(CORPUS), str(hook)], capture_output=True, text=True, check=True).stderr
    took = [float(ms) for ms in re.findall(r"edit [1-9]: ([\d.]+) ms", edits)]
    row("watch", "whole corpus open, a check after an edit, ms", f"{statistics.median(took):.0f} ms", "", statistics.median(took), 100)

    damage = subprocess.run([FRONT, "damage", str(django)], capture_output=True, text=True, check=True).stderr
    for name, before, after in re.findall(r"^(.+): (\d+) definitions, (\d+) kept$", damage, re.M):
        lost = 1 - int(after) / int(before)
        row("P7", f"300 files of django, {name}: definitions lost", after, f"of {before}", lost, 0.001)

    hits = set(pythaw_hits(amazon))
    found = {(file, line) for file, line, _ in places(amazon)}
    theirs = [hit for hit in hits if not any(hit[0].endswith(file) and abs(hit[1] - line) <= 1 for file, line in found)]
    print(f"\npythaw reports {len(hits)} clients, resources and sessions built in Lambda handlers of the provider; {len(theirs)} of them are not found by ours.")
    if missed:
        print(f"\nMissed: {', '.join(sorted(set(missed)))}.")
        sys.exit(1)


main()
