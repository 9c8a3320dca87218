#!/usr/bin/env python3
"""Do the faults that several vantages see end as one issue with the right root line, and is nothing joined that is not one mistake?

    .tools/lab-venv/bin/python bench/join.py run [--shops fastapi ...] [--variants faulty ...] [--binary FILE] [--memory 2m] [--out FOLDER]
    .tools/lab-venv/bin/python bench/join.py judge REPORT.json SHOP [--sound] [--verbose]

`run` starts each application of the lab with `plimsoll check` (contract, wire and code; memory, too, with `--memory`) and judges the reports; `judge`
judges one joined report in JSON. A finding of wire, contract or memory *speaks of* a fault that has its weakness at one of its operations, or accepts it where
no fault has it; a finding of the code of one that stands on one of its lines under such a name. A fault is *seen by several* when findings of
at least two vantages speak of it. It is *one issue* when one issue holds a finding of each of them, and its *root is right* when the root, or
a line of the chain that leads to it, is the fault's line. A join is *wrong* when the two findings speak of faults, and of none together.

Prints a Markdown table. Exit code 1: fewer than 95 % of the faults that several see are one issue with the right root, a join is wrong, or a sound
variant has an issue above info or a grade below A.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "lab"), str(ROOT / "lab" / "tests"), str(ROOT / "bench")]
import desk_upstream  # noqa: E402
import emulator as emulators  # noqa: E402
import faults as catalogue  # noqa: E402
import run as lab  # noqa: E402
import score  # noqa: E402

LEAKS = {"unbounded-cache", "retained-request", "retained-exception", "retained-iterator", "retained-task", "retained-client", "handler-per-request",
         "unbounded-queue", "session-growth", "query-log-growth"}
SHOPS = ("fastapi", "django", "desk-fastapi", "desk-django")
WANTED = 0.95


def lines_of(finding: dict) -> list[tuple[str, int]]:
    """The place of a finding in code, and those of its chain."""
    places = [finding["source"]] if finding.get("source") else []
    places += [evidence for evidence in finding["evidence"] if evidence["type"] == "source"]
    return [(place["file"], place["line"]) for place in places]


def at(fault: catalogue.Fault, places: list[tuple[str, int]]) -> bool:
    """Whether the fault's line is one of the places, or within the few lines of a statement that they span."""
    file = fault.file.split("/", 1)[1]
    lines = sorted(line for name, line in places if name == file or name.endswith("/" + file))
    return any(line == fault.line for line in lines) or any(a < fault.line < b and b - a <= 15 for a, b in zip(lines, lines[1:]))


def accepts(finding: dict, fault: catalogue.Fault) -> bool:
    if finding["vantage"] == "code":
        return "code" in fault.visible and at(fault, lines_of(finding))
    mine = score.operations(finding)
    # What every request leaves behind is no operation's.
    if not mine or "*" in fault.operations or (finding["vantage"] == "memory" and finding.get("also")):
        return "*" in fault.operations and (not mine or finding["vantage"] == "memory")
    return bool(set(map(score.template, mine)) & set(map(score.template, fault.operations)))


def possible(finding: dict, faults: list[catalogue.Fault]) -> list[catalogue.Fault]:
    """The faults that a finding can speak of: that have its name, or accept it."""
    # A measurement names what holds the bytes, not the mistake.
    kept = finding["vantage"] == "memory" and finding["kind"] == "leak"
    called = lambda fault: finding["weakness"] in {fault.weakness, *fault.accept} or (kept and fault.weakness in LEAKS)
    return [fault for fault in faults if accepts(finding, fault) and called(fault)]


def spoken_of(finding: dict, faults: list[catalogue.Fault]) -> list[str]:
    """The faults that a finding speaks of: those that it calls by their name, else those that accept it."""
    there = [fault for fault in possible(finding, faults) if finding["vantage"] in fault.visible]
    return [fault.id for fault in [fault for fault in there if fault.weakness == finding["weakness"]] or there]


def nearest(findings: list[dict], fault: catalogue.Fault) -> list[dict]:
    """Those that name the fault itself, else those that it accepts."""
    return [finding for finding in findings if finding["weakness"] == fault.weakness] or findings


class Judged:
    """What a joined report comes to beside the faults of its application."""

    def __init__(self, report: dict, faults: list[catalogue.Fault]):
        self.report = report
        self.findings = {finding["fingerprint"]: finding for finding in report["findings"]}
        self.of = {name: spoken_of(finding, faults) for name, finding in self.findings.items()}
        self.wide = {name: {fault.id for fault in possible(finding, faults)} for name, finding in self.findings.items()}
        self.several: list[str] = []
        self.one: list[str] = []
        self.rooted: list[str] = []
        self.apart: list[str] = []
        for fault in faults:
            self.fault(fault)
        self.wrong = [self.shown(join) for join in report.get("joins", []) if join["joined"] and self.is_wrong(join)]
        self.unlisted = [self.shown(join) for join in report.get("joins", []) if join["joined"] and not self.is_listed(join)]
        self.joined = sum(join["joined"] for join in report.get("joins", []))
        self.refused = len(report.get("joins", [])) - self.joined

    def fault(self, fault: catalogue.Fault) -> None:
        found: dict[str, list[dict]] = {}
        for name, finding in self.findings.items():
            if fault.id in self.of[name]:
                found.setdefault(finding["vantage"], []).append(finding)
        if len(found) < 2:
            return
        self.several.append(fault.id)
        wanted = {vantage: {finding["fingerprint"] for finding in nearest(of, fault)} for vantage, of in found.items()}
        whole = [issue for issue in self.report["issues"] if all(names & set(issue["findings"]) for names in wanted.values())]
        if not whole:
            places = {vantage: [f"{f['check']}@{(f.get('source') or {}).get('line')}" for f in of] for vantage, of in found.items()}
            self.apart.append(f"{fault.id}: {fault.weakness} at {', '.join(fault.operations)}, {fault.file}:{fault.line}; {places}")
            return
        self.one.append(fault.id)
        code = [self.findings[name] for issue in whole for name in issue["findings"] if self.findings[name]["vantage"] == "code"]
        root = [issue["source"] for issue in whole if issue.get("source")]
        chains = [place for finding in code for place in lines_of(finding)]
        places = [(place["file"], place["line"]) for place in root]
        # The chain counts where the root is the line that it leads to.
        if "code" not in found or at(fault, places) or (at(fault, chains) and any(place in chains for place in places)):
            self.rooted.append(fault.id)
        else:
            self.apart.append(f"{fault.id}: root {places}, not {fault.file}:{fault.line}")

    def is_wrong(self, join: dict) -> bool:
        left, right = (self.wide[join[side]] for side in ("left", "right"))
        return bool(left and right and not left & right)

    def is_listed(self, join: dict) -> bool:
        return bool(self.of[join["left"]] and self.of[join["right"]])

    def shown(self, join: dict) -> str:
        def one(name: str) -> str:
            finding = self.findings[name]
            source = finding.get("source") or {}
            place = f"{source.get('file')}:{source.get('line')}" if finding["vantage"] == "code" else ", ".join(sorted(score.operations(finding)))
            return f"{finding['vantage']} {finding['check']}/{finding['weakness']} at {place} {self.of[name]}"

        return f"{one(join['left'])} -- {one(join['right'])}: {join['why']}"

    def row(self, name: str) -> str:
        above = sum(issue["severity"] != "info" for issue in self.report["issues"])
        vantages = "/".join(str(sum(f["vantage"] == vantage for f in self.findings.values())) for vantage in ("contract", "wire", "code", "memory"))
        share = f"{len(self.rooted) / len(self.several):.0%}" if self.several else "-"
        return (f"| {name} | {vantages} | {len(self.report['issues'])} | {above} | {len(self.several)} | {len(self.one)} | {len(self.rooted)} | {share} "
                f"| {self.joined} | {self.refused} | {len(self.wrong)} | {self.report.get('grade') or '-'} |")


HEAD = ("| application | findings: contract/wire/code/memory | issues | above info | faults seen by several | one issue | right root | share | joined | refused | wrong "
        "| grade |\n|---|---|---|---|---|---|---|---|---|---|---|---|")


def configuration(shop: str, command: list[str], memory: str | None) -> str:
    """A project's settings: how it is started, who asks, and which writes the faults need."""
    lines = []
    if shop.startswith("desk-"):
        writes = catalogue.writes(shop)
        lines += ["[scan]", f"allow_writes = {json.dumps(writes)}", 'active = ["injection"]']
        for name in ("alice", "bob", "admin"):
            lines += [f"[identity.{name}]", f'role = "{"admin" if name == "admin" else "member"}"', f'header = "Authorization: Bearer $DESK_{name.upper()}"']
    else:
        lines += ["[target]", 'headers = ["Authorization: Bearer $SHOP_TOKEN"]']
    lines += ["[memory]", f"command = {json.dumps(command)}"]
    if memory:
        lines += [f'time = "{memory}"', "concurrency = [1]"]
    return "\n".join(lines) + "\n"


def check(binary: Path, shop: str, variant: str, memory: str | None, out: Path) -> tuple[dict, float]:
    """The joined report of an application that `plimsoll check` starts, on data and secrets of its own."""
    with ExitStack() as stack:
        running = stack.enter_context(emulators.start("dynoxide"))
        outside = dict(os.environ)
        stack.callback(lambda: (os.environ.clear(), os.environ.update(outside)))
        os.environ["DYNAMODB_ENDPOINT"] = running.endpoint
        environment = lab.shop_environment(running.endpoint)
        if shop.startswith("desk-"):
            environment |= lab.desk_environment(desk_upstream.start(stack))
        # Started once for the tokens: those hold as long as the secrets are the same.
        with ExitStack() as first:
            original = lab.shop_environment, lab.desk_environment
            lab.shop_environment = lambda _: environment
            lab.desk_environment = lambda _: {}
            try:
                started = lab.start_shop(first, shop, variant)
            finally:
                lab.shop_environment, lab.desk_environment = original
        tokens = {f"DESK_{name.upper()}": token for name, token in started.tokens.items()} | {"SHOP_TOKEN": started.token}
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        project = folder / lab.folder(shop).name / variant
        shutil.copytree(lab.folder(shop) / variant, project)
        # What they share lies beside the variants.
        for beside in lab.folder(shop).iterdir():
            if beside.is_file():
                shutil.copy(beside, project.parent)
        command = [part.format(port=emulators.free_port()) for part in lab.COMMANDS[shop, variant]]
        (project / "plimsoll.toml").write_text(configuration(shop, command, memory))
        began = time.monotonic()
        wanted = [] if memory else ["--no-memory"]
        run = subprocess.run([str(binary), "check", "--quiet", "--exit-zero", *wanted, "--format", "json"], cwd=project, env={**environment, **tokens},
                             capture_output=True, text=True, timeout=900, check=False)
        if run.returncode not in (0, 1, 3):
            sys.exit(f"{shop} {variant}: exit code {run.returncode}: {run.stderr[-2000:]}")
        out.write_text(run.stdout)
        return json.loads(run.stdout), time.monotonic() - began


def verdicts(rows: list[tuple[str, Judged]]) -> list[str]:
    """What was missed."""
    faulty = [judged for name, judged in rows if name.endswith("faulty")]
    several, rooted = (sum(len(getattr(judged, what)) for judged in faulty) for what in ("several", "rooted"))
    missed = []
    if several and rooted / several < WANTED:
        missed.append(f"{rooted} of {several} faults that several see are one issue with the right root, at least {WANTED:.0%} should be")
    for name, judged in rows:
        if judged.wrong:
            missed.append(f"{name}: {len(judged.wrong)} wrong joins")
        if name.endswith("sound"):
            above = [issue["title"] for issue in judged.report["issues"] if issue["severity"] != "info"]
            if above or (judged.report.get("grade") or "").upper() != "A":
                missed.append(f"{name}: {len(above)} issues above info, grade {judged.report.get('grade')}")
    print(f"\nFaults that several vantages see: {several}; one issue with the right root: {rooted}"
          + (f" ({rooted / several:.0%})" if several else "") + f"; wrong joins: {sum(len(judged.wrong) for _, judged in rows)}.")
    return missed


def run(args: argparse.Namespace) -> int:
    args.out.mkdir(parents=True, exist_ok=True)
    rows = []
    print(HEAD, flush=True)
    for variant in args.variants:
        for shop in args.shops:
            report, _ = check(args.binary.resolve(), shop, variant, args.memory, args.out / f"{shop}-{variant}.json")
            judged = Judged(report, catalogue.load(shop) if variant == "faulty" else [])
            rows.append((f"{shop} {variant}", judged))
            print(judged.row(rows[-1][0]), flush=True)
    missed = verdicts(rows)
    for _, judged in rows:
        for line in judged.apart + judged.wrong:
            print(line[:300], file=sys.stderr)
    print(*missed, sep="\n", file=sys.stderr)
    return int(bool(missed))


def judge(args: argparse.Namespace) -> int:
    judged = Judged(json.loads(args.report.read_text()), [] if args.sound else catalogue.load(args.shop))
    print(HEAD)
    print(judged.row(args.shop + (" sound" if args.sound else " faulty")))
    if args.verbose:
        for kind in ("apart", "wrong", "unlisted"):
            print(f"{kind}:", *(f"  {line}" for line in getattr(judged, kind)), sep="\n")
    return int(bool(verdicts([(args.shop + (" sound" if args.sound else " faulty"), judged)])))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("--shops", nargs="+", choices=SHOPS, default=list(SHOPS))
    running.add_argument("--variants", nargs="+", choices=lab.VARIANTS, default=list(lab.VARIANTS))
    running.add_argument("--binary", type=Path, default=ROOT / "target" / "release" / "plimsoll")
    running.add_argument("--memory", metavar="TIME", help="also measure memory, for this long each, as in 2m")
    running.add_argument("--out", type=Path, default=ROOT / "bench" / "out" / "join")
    running.set_defaults(act=run)
    judging = commands.add_parser("judge")
    judging.add_argument("report", type=Path)
    judging.add_argument("shop", choices=SHOPS)
    judging.add_argument("--sound", action="store_true")
    judging.add_argument("--verbose", action="store_true")
    judging.set_defaults(act=judge)
    args = parser.parse_args()
    return args.act(args)


if __name__ == "__main__":
    raise SystemExit(main())
