#!/usr/bin/env python3
"""Runs the whole loop on a corpus of labelled cases: check → fix --apply --verify, and looks independently whether anything became worse.

    bench/verify_corpus.py CORPUS [--case TEXT ...] [--kind leak peak none] [--plimsoll PATH] [--time 40s] [--keep FOLDER] [--jobs 1]

CORPUS (or PLIMSOLL_CORPUS) is a folder with one folder for each case, as bench/cases.py reads them. Each suspect form is copied into a repository of
its own with a plimsoll.toml, checked from code and memory, and fixed. Afterwards this script starts the first and the last text itself, asks both the same
requests, and compares status and body wherever two runs of the first text agree.

Outcomes: fixed (the issue that memory or code had seen at the fault is fixed), in part (another issue of it is, and memory still sees one), refused (no change was offered; why), taken back (a change was tried and did not
help; why), silent (nothing was found to fix), worse (the application no longer starts, or answers otherwise, although a change stayed). Cases of kind `none` have
nothing to fix. Exit code 1 where something became worse.
"""

import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from cases import Emulators, command_of, options_of, parsed, path_of, request_of, wanted

# Requests that the script sends itself to the first and to the last text.
ASKED = 150


def project(folder, case, place, options):
    """A repository with the suspect form alone."""
    for name in ("leaky.py", "leaky"):
        source = folder / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copyfile)
        elif source.exists():
            shutil.copyfile(source, place / name)
    operation, target = request_of(case["drive"], (folder / "leaky.py").read_text())
    lines = ["[memory]", "command = " + json.dumps(command_of(case, "leaky")), "operations = " + json.dumps([operation]), "time = " + json.dumps(options.time)]
    lines += ["[memory.requests]", "%s = %s" % (json.dumps(operation), json.dumps(target))]
    if case["drive"]["method"] != "GET":
        lines += ["[scan]", "allow_writes = " + json.dumps([operation])]
    (place / "plimsoll.toml").write_text("\n".join(lines) + "\n")
    git = ["git", "-C", str(place), "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run([*git, "init", "-q"], check=True)
    (place / ".gitignore").write_text("__pycache__/\n")
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "as it is"], check=True)
    return git


def answers(case, place, environment):
    """Status and body of the load, from an application that is started for it; none where it does not start."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [part.replace("127.0.0.1:0", "127.0.0.1:%d" % port) for part in command_of(case, "leaky")]
    command = [str(port) if part == "0" and before == "--port" else part for before, part in zip([""] + command, command)]
    process = subprocess.Popen(command, cwd=place, env={**environment, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until = time.monotonic() + 40
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    return None
                time.sleep(0.1)
        out = []
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        until = time.monotonic() + 40
        for n in range(ASKED):
            path = path_of(case["drive"]["path"], n)
            try:
                connection.request(case["drive"]["method"], path)
                answer = connection.getresponse()
                body = answer.read()
                out.append((answer.status, normal(body)))
            except (OSError, http.client.HTTPException):
                connection.close()
                out.append((0, ""))
            if time.monotonic() > until:
                break
        return out
    finally:
        os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait()


def normal(body):
    """A body without the order of lists, which sets and concurrent reads do not have."""
    def order(value):
        if isinstance(value, dict):
            return {key: order(value[key]) for key in sorted(value)}
        if isinstance(value, list):
            return sorted((order(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
        return value
    try:
        return json.dumps(order(json.loads(body)))
    except ValueError:
        return hashlib.sha256(body).hexdigest()


def worse(case, place, git, environment):
    """What became worse between the first and the last text; empty where nothing did."""
    changed = subprocess.run([*git, "diff", "--name-only"], capture_output=True, text=True, check=True).stdout.split()
    if not changed:
        return ""
    after = answers(case, place, environment)
    if after is None:
        return "does not start any more"
    with tempfile.TemporaryDirectory() as other:
        subprocess.run([*git, "worktree", "add", "-q", "--detach", other + "/tree"], check=True)
        before = [answers(case, pathlib.Path(other) / "tree", environment) for _ in range(2)]
        subprocess.run([*git, "worktree", "remove", "--force", other + "/tree"], check=True)
    if None in before:
        return ""
    for n, (one, two, now) in enumerate(zip(*before, after)):
        if one == two and now != one:
            return "request %d: %d %s → %d %s" % (n, one[0], one[1][:40], now[0], now[1][:40])
    return ""


def rate(issue, report):
    """Before and after of the first operation that memory measured again."""
    band = lambda one: "%.0f [%.0f, %.0f]" % (one["value"], one["low"], one["high"])  # noqa: E731
    for again in issue.get("verification", {}).get("again", []):
        for change in again.get("memory", []):
            if change.get("before") and change.get("after"):
                return band(change["before"]) + " → " + band(change["after"])
    names = set(issue["findings"])
    wanted = [found["operation"] for found in report["findings"] if found["fingerprint"] in names and found["vantage"] == "memory"]
    for memory in report.get("memory", []):
        if memory["operation"] in wanted and memory.get("bytes_per_request"):
            return band(memory["bytes_per_request"])
    return ""


def run(folder, case, environment, options):
    began = time.monotonic()
    row = {"case": folder.name, "kind": case["kind"], "outcome": "silent", "rate": "", "note": ""}
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch) / folder.name
        place.mkdir()
        git = project(folder, case, place, options)
        said = []

        def program(*words):
            done = subprocess.run([options.plimsoll, *words], cwd=place, env=environment, capture_output=True, text=True, timeout=1200)
            said.append("$ plimsoll %s\n%s%s[exit %d]\n" % (" ".join(words), done.stdout, done.stderr, done.returncode))
            return done

        program("check", "--only", "code,memory", "--quiet", "--exit-zero", "--max-time", "10m")
        state = place / ".plimsoll/report.json"
        if not state.exists():
            row.update(outcome="no report", note=said[-1].strip().splitlines()[-2][:160])
        else:
            grave = lambda report: [issue for issue in report["issues"] if issue["severity"] != "info"]  # noqa: E731
            before = grave(json.loads(state.read_text()))
            done = program("fix", "--apply", "--verify", "--quiet", "--time", options.time)
            report = json.loads(state.read_text())
            issues = grave(report)
            by_memory = [issue for issue in issues if "memory" in issue.get("vantages", [])]
            fixed = [issue for issue in issues if issue["stage"] == "fixed"]
            lead = next(iter(by_memory + issues), None)
            if before and lead:
                row["rate"] = rate(lead, report)
                # What memory sees no more is fixed, also where the answer is as long as before.
                gone = lambda issue: issue["stage"] == "fixed" or any(  # noqa: E731
                    again["vantage"] == "memory" and again["ran"] and not again["still"] for again in issue.get("verification", {}).get("again", []))
                if fixed and all(gone(issue) for issue in by_memory):
                    row["outcome"] = "fixed"
                    row["note"] = "" if by_memory else "memory saw nothing"
                elif fixed:
                    row["outcome"] = "in part"
                    seen = [again["why"] for issue in by_memory for again in issue.get("verification", {}).get("again", []) if again["vantage"] == "memory"]
                    row["note"] = (seen or ["an issue that memory sees has no change"])[0][:200]
                elif "taken back" in done.stdout:
                    row["outcome"] = "taken back"
                    row["note"] = next(line.split("taken back: ", 1)[1] for line in done.stdout.splitlines() if "taken back: " in line)[:200]
                elif done.stderr.startswith("error"):
                    row.update(outcome="error", note=done.stderr.strip()[:200])
                else:
                    shown = program("fix", lead["id"]).stdout
                    why = [line.split(": ", 1)[1] for line in shown.splitlines() if "no change is offered: " in line]
                    row.update(outcome="refused", note=(why or ["?"])[0][:200])
            harm = worse(case, place, git, environment)
            if harm:
                row.update(outcome="worse", note=harm)
            said.append(subprocess.run([*git, "diff"], capture_output=True, text=True, check=True).stdout)
        if options.keep:
            (options.keep / (folder.name + ".txt")).write_text("\n".join(said))
            if state.exists():
                shutil.copy(state, options.keep / (folder.name + ".json"))
    row["s"] = time.monotonic() - began
    return row


def main():
    options = options_of(kinds=("leak", "peak"))
    options.add_argument("--time", default="40s")
    options.add_argument("--jobs", type=int, default=1)
    options = parsed(options)
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    rows = []
    print("| case | kind | outcome | bytes a request | note | s |\n|---|---|---|---|---|---|", flush=True)
    with Emulators(options.corpus) as emulators, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tasks = [pool.submit(run, folder, case, emulators.environment(folder), options) for folder, case in wanted(options)]
        for task in tasks:
            row = task.result()
            rows.append(row)
            print("| %s | %s | %s | %s | %s | %.0f |" % (row["case"], row["kind"], row["outcome"], row["rate"], row["note"].replace("|", "/"), row["s"]), flush=True)
    leaky = [row for row in rows if row["kind"] != "none"]
    count = lambda word: sum(row["outcome"] == word for row in leaky)  # noqa: E731
    print("\nfixed %d of %d · in part %d · refused %d · taken back %d · silent %d · worse %d" % (
        count("fixed"), len(leaky), count("in part"), count("refused"), count("taken back"), count("silent"), sum(row["outcome"] == "worse" for row in rows)))
    return 1 if any(row["outcome"] == "worse" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
