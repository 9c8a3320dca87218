"""What the tests of the agent stand on: the other side of its socket, and a target that answers "requests" on demand.

Any interpreter can be tested: PLIMSOLL_TEST_PYTHON names it (by default the one that runs the tests).
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import time

import pytest

AGENT = pathlib.Path(__file__).parent.parent
PYTHON = os.environ.get("PLIMSOLL_TEST_PYTHON", sys.executable)

DRIVER = """
import sys
import shop
n = 0
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        shop.request(n)
        n += 1
    print("done", flush=True)
"""


class Process:
    """One agent's connection."""

    def __init__(self, connection):
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.hello = json.loads(self.lines.readline())
        self.asked = 0

    def ask(self, do, limit=60, **more):
        self.asked += 1
        self.connection.settimeout(limit)
        self.connection.sendall(json.dumps({"id": self.asked, "do": do, **more}).encode() + b"\n")
        answer = json.loads(self.lines.readline())
        assert answer["id"] == self.asked
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["ok"]

    def gone(self, limit=10):
        self.connection.settimeout(limit)
        return self.lines.read() == b""


class Bench:
    """A folder with the agent, its socket, and the processes that said hello."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="agent-"))
        self.app = pathlib.Path(tempfile.mkdtemp(prefix="app-"))
        for name in ("plimsoll_agent.py", "sitecustomize.py"):
            shutil.copy(AGENT / name, self.folder / name)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / "s"))
        self.listener.listen(64)
        self.running = []

    def environment(self, **more):
        path = [str(self.folder), str(self.app)]
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "PYENV_VERSION") if name in os.environ}
        return {**keep, "PYTHONPATH": ":".join(path), "PLIMSOLL_AGENT_SOCKET": str(self.folder / "s"), **more}

    def start(self, *arguments, environment=None, **more):
        process = subprocess.Popen(
            [str(part) for part in arguments], env=self.environment(**(environment or {})), cwd=self.app,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
        self.running.append(process)
        return process

    def write(self, name, text):
        (self.app / name).write_text(textwrap.dedent(text))

    def meet(self, limit=10):
        self.listener.settimeout(limit)
        return Process(self.listener.accept()[0])

    def nobody(self, limit=0.5):
        self.listener.settimeout(limit)
        try:
            self.listener.accept()
        except socket.timeout:
            return True
        return False

    def end(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.app, ignore_errors=True)


class Shop:
    """A target that answers requests on demand."""

    def __init__(self, bench, source):
        bench.write("shop.py", source)
        bench.write("drive.py", DRIVER)
        self.process = bench.start(PYTHON, "drive.py")
        self.agent = bench.meet()
        self._expect("ready")

    def requests(self, count):
        self.process.stdin.write("%d\n" % count)
        self.process.stdin.flush()
        self._expect("done")

    def _expect(self, word):
        said = self.process.stdout.readline().strip()
        assert said == word, said + self.process.communicate()[1]

    def retained(self, count=60, rounds=2):
        """Warm up, two marks with requests between, and what the agent makes of it."""
        self.requests(count)
        for _ in range(rounds):
            self.agent.ask("heap-mark")
            self.requests(count)
        return self.agent.ask("heap-diff", requests=count, seconds=20, roots=[])


@pytest.fixture
def bench():
    made = Bench()
    yield made
    made.end()


@pytest.fixture
def shop(bench):
    return lambda source: Shop(bench, source)


def wait_for(condition, limit=10):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False
