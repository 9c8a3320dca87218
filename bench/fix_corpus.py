#!/usr/bin/env python3
"""Fixes a corpus of labelled cases, and says whether each fix helped and whether the application still answers as before.

    bench/fix_corpus.py CORPUS [--case TEXT ...] [--kind leak peak none] [--plimsoll PATH] [--requests N] [--keep FOLDER]

CORPUS (or PLIMSOLL_CORPUS) is a folder with one folder for each case: `leaky.py` or `leaky/`, and `CASE.toml` with what is true of it and how it is driven. The suspect
form of each case is copied, fixed with `plimsoll code --fix --unsafe-fixes` and started twice as it was and once as it is now, on an emulator that all share.
All three get the same requests, one after the other, and afterwards each operation without parameters is asked once. Answers are compared in status, type and body;
what differs between two runs of the unfixed form is nothing that a fix can be held to. Live bytes are those that malloc counts after a collection, with every
allocation of Python going to malloc; a request's peak is the highest resident size above what was there before.

fixed: the rules say less, answers are the same, and a request leaves less than 500 bytes or a twentieth of what it left (what a sound
application leaves in so few requests; a peak: less than half).
worse: it does not start, or answers otherwise. refused: nothing was changed. not helped: anything else. Exit code 1 where one is worse.
"""

import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from cases import PYTHON, Emulators, emulator, options_of, parsed, path_of, wanted

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# Started in the application's folder: a probe in a thread of its own, and the application.
LAUNCHER = r'''
import ctypes, gc, http.server, importlib, os, sys, threading

class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

libc = ctypes.CDLL("libc.so.6")
libc.mallinfo2.restype = Counts

def status(name):
    for line in open("/proc/self/status"):
        if line.startswith(name):
            return int(line.split()[1]) * 1024

class Probe(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        for _ in range(3):
            gc.collect()
        if self.path == "/peak":
            libc.malloc_trim(0)
            open("/proc/self/clear_refs", "w").write("5")
        counts = libc.mallinfo2()
        text = "%d %d %d" % (counts.uordblks + counts.hblkhd, status("VmRSS:"), status("VmHWM:"))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass

probe = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Probe)
threading.Thread(target=probe.serve_forever, daemon=True).start()
sys.path.insert(0, os.getcwd())
module, _, name = sys.argv[3].partition(":")
application = getattr(importlib.import_module(module), name)
if sys.argv[4] == "wsgi":
    import socketserver, wsgiref.simple_server
    class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
        daemon_threads = True
    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *_):
            pass
    wsgiref.simple_server.make_server("127.0.0.1", int(sys.argv[2]), application, Server, Quiet).serve_forever()
else:
    import uvicorn
    uvicorn.run(application, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
'''


class Broken(Exception):
    """The application does not start, or ends."""


class App:
    """A started application with its probe."""

    def __init__(self, folder, case, environment):
        self.port, self.probe = emulator.free_port(), emulator.free_port()
        kind = "asgi" if case["run"]["server"] == "uvicorn" else "wsgi"
        command = [PYTHON, "-X", "faulthandler", "-c", LAUNCHER, str(self.probe), str(self.port), case["run"]["leaky_app"], kind]
        self.log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(command, cwd=folder, env={**environment, "PYTHONMALLOC": "malloc", "PYTHONDONTWRITEBYTECODE": "1"},
                                        stdout=self.log, stderr=self.log, start_new_session=True, preexec_fn=emulator.die_with_parent)
        try:
            emulator.wait_until_answers("http://127.0.0.1:%d/" % self.port, self.process, 60)
        except emulator.EmulatorError as error:
            self.stop()
            raise Broken("%s: %s" % (error, self.said())) from error

    def said(self):
        self.log.seek(0)
        lines = self.log.read().strip().splitlines()
        return lines[-1][:160] if lines else "nothing said"

    def ask(self, method, path):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.port, path), method=method, data=b"" if method != "GET" else None)
        try:
            with OPENER.open(request, timeout=30) as answer:
                return answer.status, answer.headers.get("content-type"), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get("content-type"), error.read()
        except OSError as error:
            if self.process.poll() is not None:
                raise Broken("ended: " + self.said()) from error
            return 0, str(error), b""

    def memory(self, what="live"):
        with OPENER.open("http://127.0.0.1:%d/%s" % (self.probe, what), timeout=60) as answer:
            return [int(number) for number in answer.read().split()]

    def stop(self):
        emulator.stop_process(self.process)


def others_of(source):
    """Paths without parameters that the source declares for GET."""
    declared = re.findall(r'\.(?:get|route)\(\s*"(/[^"{<]*)"', source) + ["/" + path for path in re.findall(r'\bpath\(\s*"([^"<]*)"', source)]
    return sorted(set(declared))


def plain(text):
    """JSON with its members in the order of their names: emulators give the attributes of an item in any order."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def body_of(answer):
    """A body without what is made up for each answer."""
    status, kind, body = answer
    text = "\n".join(plain(line) for line in plain(body.decode("utf-8", "replace")).split("\n"))
    text = re.sub(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", "<id>", text)
    return status, kind, text


def run(folder, case, environment, requests, others):
    app = App(folder, case, environment)
    try:
        drive, answers, live = case["drive"], [], []
        peak = None
        block = max(requests // 8, 1)
        for n in range(requests):
            if n % block == 0:
                live.append((n, app.memory()[0]))
            answers.append(body_of(app.ask(drive["method"], path_of(drive["path"], n))))
        live.append((requests, app.memory()[0]))
        if case["kind"] == "peak":
            peaks = []
            for n in range(3):
                _, before, _ = app.memory("peak")
                app.ask(drive["method"], path_of(drive["path"], n))
                with open("/proc/%d/status" % app.process.pid) as status:
                    high = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
                peaks.append(high - before)
            peak = statistics.median(peaks)
        # What runs in the background comes to rest.
        time.sleep(1)
        answers += [body_of(app.ask("GET", path)) for path in others]
        late = live[len(live) // 2:]
        slopes = [(b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(late) for b in late[i + 1:]]
        return answers, statistics.median(slopes), peak
    finally:
        app.stop()


def fix(plimsoll, folder):
    """Fixes a folder; the titles of what was done, and what is said of the rest."""
    command = [plimsoll, "code", "--fix", "--unsafe-fixes", "--exit-zero", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def texts(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.py")}


def judge(folder, case, environment, options, place):
    before, after = place / "before", place / "after"
    for target in (before, after):
        target.mkdir(parents=True)
        for source in folder.glob("leaky*"):
            (shutil.copytree if source.is_dir() else shutil.copy)(source, target / source.name)
    code, said = fix(options.plimsoll, after)
    if code not in (0, 1):
        return "worse", "the program ended with %d: %s" % (code, said.strip()[-200:]), None, None
    if texts(before) == texts(after):
        reasons = refusals(options.plimsoll, after)
        return "refused", reasons, None, None
    once = texts(after)
    fix(options.plimsoll, after)
    if texts(after) != once:
        return "worse", "fixing twice changes it again", None, None
    others = others_of("\n".join(text.decode() for text in once.values()))
    others = [path for path in others if path != case["drive"]["path"].partition("?")[0]]
    requests = min(case["drive"].get("requests", 840), 48 if case["kind"] == "peak" else options.requests)
    requests = requests if case["kind"] != "peak" else 16
    first, leak, high = run(before, case, environment, requests, others)
    again, _, _ = run(before, case, environment, requests, others)
    try:
        now, left, low = run(after, case, environment, requests, others)
    except Broken as error:
        return "worse", str(error), None, None
    odd = [n for n, (a, b) in enumerate(zip(first, again, strict=True)) if a != b]
    different = [n for n, (a, b) in enumerate(zip(first, now, strict=True)) if n not in odd and a != b or n in odd and a[:2] != b[:2]]
    note = "%d answers compared" % (len(first) - len(odd))
    if different:
        n = different[0]
        return "worse", "%d answers differ, the first: %s, now %s" % (len(different), str(first[n])[:120], str(now[n])[:120]), (leak, high), (left, low)
    if case["kind"] == "peak":
        helped = low < high / 2
    else:
        helped = case["kind"] == "none" or left < max(500, leak / 20)
    return "fixed" if helped else "not helped", note, (leak, high), (left, low)


def refusals(plimsoll, folder):
    done = subprocess.run([plimsoll, "code", "--format", "json", "--exit-zero", str(folder)], capture_output=True, text=True, timeout=120)
    try:
        found = [one["check"] for one in json.loads(done.stdout)["findings"]]
    except (ValueError, KeyError):
        found = []
    return "left: " + ", ".join(found) if found else "nothing is found"


def main():
    options = options_of()
    options.add_argument("--requests", type=int, default=480)
    options = parsed(options)
    rows = []
    print("| case | kind | outcome | bytes a request before → after | peak before → after | note | s |\n|---|---|---|---|---|---|---|", flush=True)
    with Emulators(options.corpus) as emulators:
        for folder, case in wanted(options):
            began = time.monotonic()
            with tempfile.TemporaryDirectory() as scratch:
                place = (options.keep or pathlib.Path(scratch)) / folder.name
                shutil.rmtree(place, ignore_errors=True)
                outcome, note, was, now = judge(folder, case, emulators.environment(folder), options, place)
            rows.append((case["kind"], outcome))
            number = lambda pair, n: "" if pair is None or pair[n] is None else "%.0f" % pair[n]  # noqa: E731
            arrow = lambda n: "%s → %s" % (number(was, n), number(now, n)) if number(was, n) else ""  # noqa: E731
            print("| %s | %s | %s | %s | %s | %s | %.0f |" % (folder.name, case["kind"], outcome, arrow(0), arrow(1), note.replace("|", "/"), time.monotonic() - began), flush=True)
    for kinds, name in ((("leak", "peak"), "leaks and peaks"), (("none",), "what only costs")):
        of = [outcome for kind, outcome in rows if kind in kinds]
        if of:
            print("%s: %s" % (name, ", ".join("%d %s" % (of.count(outcome), outcome) for outcome in ("fixed", "worse", "not helped", "refused"))))
    return 1 if any(outcome == "worse" for _, outcome in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
