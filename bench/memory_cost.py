#!/usr/bin/env python3
"""What looking costs: CPU per request of the same FastAPI application without, with our agent, and with the peers, in interleaved blocks.

    bench/memory_cost.py [--rounds 15] [--block 200]

All variants run at once and are idle but for the one whose turn it is. Each round gives one block of requests to each, in an order that rotates; a block's CPU is
the time that the kernel accounts to the process tree (schedstat), which other processes disturb less than wall time. What is compared is the quietest quarter of each
server's blocks; the interval (95 %, bootstrap over the rounds) shows how much the machine disturbed, and so does a second server without any tool. Output: a Markdown
table.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PYTHON = str(ROOT / ".tools/lab-venv/bin/python")
AGENT = ROOT / "crates/memory/agent"
PEER = ROOT / ".tools/peers/memray"
# As in crates/memory/src/session/attribution.rs.
FRAMES = 40


# Times the CPU of the plain server; the lower end of the interval is held against it, so that noise misses no limit.
ATTRIBUTION = "our agent, attribution (two rounds asked for what they retain, then one request of thirteen traced)"
LIMITS = {"our agent, idle": 1.01, ATTRIBUTION: 3.0, "our agent, detection (a reading after each third of a second of requests)": 1.10}


class Variant:
    """One server of its own, and what is done to it before or during a block."""

    def __init__(self, name, prefix=(), agent=False, environment=None, before=None, during=None, prepare=None):
        self.name, self.agent, self.before, self.during = name, agent, before, during
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cost-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**os.environ, "PYTHONPATH": "", **(environment or {})}
        path = [str(HERE)] + [part for part in env["PYTHONPATH"].split(":") if part]
        if agent:
            for file in AGENT.glob("*.py"):
                shutil.copy(file, self.folder)
            path.insert(0, str(self.folder))
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.folder / "s"))
            self.listener.listen()
            env["PLIMSOLL_AGENT_SOCKET"] = str(self.folder / "s")
        env["PYTHONPATH"] = ":".join(path)
        prefix = [part.replace("{out}", str(self.folder / "out.bin")) for part in prefix]
        command = [PYTHON, *prefix, "-m", "uvicorn", "memory_app:app", "--port", str(self.port),
                   "--no-access-log", "--timeout-keep-alive", "600", "--log-level", "warning"]
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=open(self.folder / "err", "wb"), cwd=self.folder)
        self.lines = None
        self.readings = []
        self.prepare = prepare

    def ready(self):
        if self.agent:
            self.listener.settimeout(20)
            self.connection = self.listener.accept()[0]
            self.lines = self.connection.makefile("rb")
            self.lines.readline()
        for _ in range(300):
            try:
                self.client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                self.requests(1)
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("%s did not start: %s" % (self.name, (self.folder / "err").read_text()[-400:]))
        began = time.perf_counter()
        self.requests(400)
        self.every = int(400 * 0.33 / (time.perf_counter() - began))
        if self.prepare:
            self.prepare(self)

    def ask(self, do, **more):
        self.connection.sendall(json.dumps({"id": 1, "do": do, **more}).encode() + b"\n")
        answer = json.loads(self.lines.readline())
        if "error" in answer:
            raise SystemExit("%s: %s" % (do, answer["error"]))
        return answer["ok"]

    def requests(self, count):
        for n in range(count):
            self.client.request("GET", "/orders/%d" % (n % 97))
            answer = self.client.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        return count

    def cpu(self):
        """Seconds of CPU of all threads."""
        total = 0
        for task in pathlib.Path("/proc/%d/task" % self.process.pid).iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def block(self, count):
        before, began = self.cpu(), time.perf_counter()
        sent = self.during(self, count) if self.during else self.requests(count)
        apart = self.readings[-1] if self.readings else 0
        return (self.cpu() - before - apart) / sent, (time.perf_counter() - began) / sent

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def detect(variant, count):
    """The detection phase as the program runs it: blocks of about a third of a second, each followed by a collection and a reading. Here a reading follows every
    block; its cost is kept apart and counted as often as the program takes one."""
    variant.requests(count)
    before = variant.cpu()
    variant.ask("live", collect=True)
    variant.readings.append(variant.cpu() - before)
    return count


def attribute(variant, count):
    """Attribution as the program does it: what two rounds of requests retain, then the lines that allocate in three rounds of a twentieth of them each."""
    variant.ask("heap-mark")
    sent = variant.requests(count)
    variant.ask("heap-mark")
    sent += variant.requests(count)
    variant.ask("heap-diff", requests=count, seconds=20.0, roots=[str(HERE)])
    variant.ask("trace-start", frames=FRAMES, roots=[str(HERE)])
    for requests in (1, *[max(1, count // 20)] * 3):
        sent += variant.requests(requests)
        variant.ask("trace-mark")
    variant.ask("trace-stop", top=40)
    return sent


def trace(variant, count):
    variant.requests(count)
    variant.ask("trace-mark")
    return count


def tracing(frames):
    return lambda variant: variant.ask("trace-start", frames=frames, roots=[str(HERE)])


def attach(variant):
    command = [PYTHON, "-m", "memray", "attach", "--aggregate", "-o", str(variant.folder / "attached.bin"), str(variant.process.pid)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(next(PEER.glob("lib/python*/site-packages")))}, capture_output=True, text=True)
    if done.returncode:
        variant.name += " (not attached: %s)" % done.stderr.strip().splitlines()[-1][:80]


def variants(wanted):
    peer = {"PYTHONPATH": str(next(PEER.glob("lib/python*/site-packages"), ""))}
    memray = ["-m", "memray", "run", "--aggregate", "-o", "{out}"]
    table = {
        "plain": lambda: Variant("no tool"),
        "plain2": lambda: Variant("no tool, second server"),
        "idle": lambda: Variant("our agent, idle", agent=True),
        "detect": lambda: Variant("our agent, detection (a reading after each third of a second of requests)", agent=True, during=detect),
        "attribute": lambda: Variant(ATTRIBUTION, agent=True, during=attribute),
        "trace": lambda: Variant("our agent, every request traced, %d frames" % FRAMES, agent=True, prepare=tracing(FRAMES), during=trace),
        "malloc": lambda: Variant("PYTHONMALLOC=malloc", environment={"PYTHONMALLOC": "malloc"}),
        "tracemalloc1": lambda: Variant("tracemalloc, 1 frame", environment={"PYTHONTRACEMALLOC": "1"}),
        "tracemalloc25": lambda: Variant("tracemalloc, 25 frames", environment={"PYTHONTRACEMALLOC": "25"}),
    }
    if PEER.exists():
        table["memray"] = lambda: Variant("memray run", memray, environment=peer)
        table["memray-py"] = lambda: Variant("memray run --trace-python-allocators", memray[:3] + ["--trace-python-allocators"] + memray[3:], environment=peer)
        if shutil.which("gdb") or shutil.which("lldb"):
            table["attach"] = lambda: Variant("memray attach", environment=peer, prepare=attach)
    return [table[name]() for name in wanted or table if name in table]


def quiet(values):
    """CPU of a block when nobody else disturbs: other processes only ever add to it, so the quarter with the least is what counts."""
    ordered = sorted(values)
    return statistics.fmean(ordered[:max(1, len(ordered) // 4)])


def interval(values, base, times=400):
    """The ratio of both at their quietest, with a 95 % bootstrap interval over the rounds."""
    dice, pairs = random.Random(1), list(zip(values, base))
    ratios = []
    for _ in range(times):
        drawn = [dice.choice(pairs) for _ in pairs]
        ratios.append(quiet([one for one, _ in drawn]) / quiet([other for _, other in drawn]))
    ratios.sort()
    return quiet(values) / quiet(base), ratios[int(times * 0.025)], ratios[int(times * 0.975)]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--block", type=int, default=180)
    options.add_argument("--only", nargs="*", default=[], help="plain and these")
    options.add_argument("--limits", action="store_true", help="fail where the agent costs more than it may")
    options = options.parse_args()
    servers = variants(["plain", *options.only] if options.only else [])
    try:
        for server in servers:
            server.ready()
        rows = {server: [] for server in servers}
        for turn in range(options.rounds):
            shift = turn % len(servers)
            for server in servers[shift:] + servers[:shift]:
                rows[server].append(server.block(options.block))
        base, missed = rows[servers[0]], []
        print("| looked at by | CPU a request | times the CPU without (95 %) | throughput kept |\n|---|---|---|---|")
        for server in servers:
            each = quiet(server.readings) / server.every if server.readings else 0
            cpu = (quiet([one[0] for one in rows[server]]) + each) * 1e3
            ratio = interval([one[0] + each for one in rows[server]], [plain[0] for plain in base])
            limit = LIMITS.get(server.name)
            if limit and ratio[1] > limit:
                missed.append("%s: %.3f times the CPU, limit %.2f" % (server.name, ratio[0], limit))
            kept = quiet([plain[1] for plain in base]) / quiet([one[1] for one in rows[server]])
            print("| %s | %.2f ms | %.3f [%.3f, %.3f] | %.0f %% |" % (server.name, cpu, *ratio, kept * 100))
        for line in missed:
            print("\nmissed: " + line)
        return 1 if missed and options.limits else 0
    finally:
        for server in servers:
            server.end()


if __name__ == "__main__":
    sys.exit(main())
