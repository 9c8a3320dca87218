"""A corpus of labelled cases, as fix_corpus.py, memory_corpus.py and verify_corpus.py read it: which cases there are, how one is started and asked, and
the emulators that all of them share. Judges nothing.

A corpus is a folder with one folder for each case: `leaky.py` or `leaky/`, `clean.py` or `clean/`, and `CASE.toml`, which says what is true (kind = leak, peak or
none; [[fault]] the lines; [run] how it is started; [drive] the request). `seed.py` beside them fills an emulator.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "lab"))
import emulator  # noqa: E402

PYTHON = str(ROOT / ".tools/lab-venv/bin/python")
# What stands for a part of a request's path: the n-th value, and the same in the program's own notation.
VALUES = {"n": str, "item": lambda n: "item-%05d" % (n % 2000), "item2": lambda n: "item-%05d" % ((7 * n + 3) % 2000),
          "cust": lambda n: "cust-%03d" % (n % 50), "k": lambda n: str(n % 7)}
TEMPLATE = {"{item}": "item-{n%2000:05}", "{item2}": "item-{7n+3%2000:05}", "{cust}": "cust-{n%50:03}", "{k}": "{n%7}", "{n}": "{n}"}


def request_of(drive, source):
    """The operation, as the application declares it, and the request in the program's own notation."""
    path = drive["path"].partition("?")[0]
    shape = lambda text: [re.sub(r".*\{.*\}.*", "{}", segment) for segment in text.split("/")]  # noqa: E731
    declared = [text for text in re.findall(r'"(/[^" ]*)"', source) if shape(text) == shape(path)]
    target = re.sub(r"\{\w+\}", lambda found: TEMPLATE[found.group()], drive["path"])
    named = "/".join(re.sub(r"^.*\{(\w+)\}.*$", r"{\1}", segment) for segment in path.split("/"))
    return "%s %s" % (drive["method"], declared[0] if declared else named), target


def command_of(case, twin):
    app = case["run"][twin + "_app"]
    if case["run"]["server"] == "uvicorn":
        return [PYTHON, "-m", "uvicorn", app, "--port", "0", "--no-access-log", "--log-level", "warning"]
    return [PYTHON, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "-b", "127.0.0.1:0", app]


def path_of(template, n):
    """The path of the n-th request."""
    return re.sub(r"\{(\w+)\}", lambda found: VALUES[found.group(1)](n), template)


def options_of(kinds=("leak", "peak", "none")):
    """A parser with the options that all three have."""
    options = argparse.ArgumentParser()
    options.add_argument("corpus", nargs="?", default=os.environ.get("PLIMSOLL_CORPUS"))
    options.add_argument("--case", nargs="*", default=[])
    options.add_argument("--kind", nargs="*", default=list(kinds))
    options.add_argument("--plimsoll", default=str(ROOT / "target/release/plimsoll"))
    options.add_argument("--keep", type=pathlib.Path)
    return options


def parsed(options):
    """The options, with the program by its full path; ends where no corpus is named."""
    options = options.parse_args()
    if not options.corpus:
        raise SystemExit("name the corpus, or set PLIMSOLL_CORPUS")
    options.plimsoll = str(pathlib.Path(options.plimsoll).resolve())
    return options


def wanted(options):
    """(folder, case) for each case that the options ask for, in the order of the names."""
    for folder in sorted(one for one in pathlib.Path(options.corpus).iterdir() if (one / "CASE.toml").exists()):
        case = tomllib.loads((folder / "CASE.toml").read_text())
        if (not options.case or any(text in folder.name for text in options.case)) and case["kind"] in options.kind:
            yield folder, case


class Emulators:
    """The emulators that the cases share, started and filled when the first case asks, and ended with the block."""

    def __init__(self, corpus):
        self.seed = str(pathlib.Path(corpus) / "seed.py")
        self.running, self.environments = [], {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.running:
            one.stop()

    def environment(self, folder):
        """What a case's application is started with. Cases with streams get moto, the only emulator here whose streams boto3 accepts."""
        kind = "moto" if "stream" in folder.name else "dynoxide"
        if kind not in self.environments:
            one = emulator.start(kind)
            self.running.append(one)
            own = {**os.environ, **emulator.aws_environment(one.endpoint), "DYNAMODB_ENDPOINT": one.endpoint, "AWS_REGION": "eu-west-1"}
            subprocess.run([PYTHON, self.seed], env=own, check=True, stdout=subprocess.DEVNULL)
            self.environments[kind] = own
        return self.environments[kind]
