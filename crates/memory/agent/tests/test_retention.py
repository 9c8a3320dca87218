"""Every kind of retainer must be named by its true holder, and bounded twins must give nothing."""

import re
import sys

import pytest

from conftest import PYTHON

# name: (source, what the path of the first holder must match)
LEAKS = {
    "module list": ("AUDIT = []\ndef request(n): AUDIT.append({'n': n, 'rows': ['x' * 50 + str(n)] * 3})", r"^shop\.AUDIT$"),
    "module dict of plain values": ("CACHE = {}\ndef request(n): CACHE['key-%d' % n] = b'%d' % n * 50", r"^shop\.CACHE$"),
    "class attribute": ("class Timing:\n    slow = []\ndef request(n): Timing.slow.append((n, [n]))", r"^shop\.Timing\.slow$"),
    "instance attribute": ("class Pool:\n    def __init__(self): self.items = {}\nPOOL = Pool()\ndef request(n): POOL.items[n] = [n] * 9", r"^shop\.POOL\.items$"),
    "slot": ("class Pool:\n    __slots__ = ('items',)\n    def __init__(self): self.items = set()\nPOOL = Pool()\ndef request(n): POOL.items.add((n, str(n)))", r"^shop\.POOL\.items$"),
    "nested state": ("class State:\n    def __init__(self): self._state = {'responses': {}}\nclass App:\n    def __init__(self): self.state = State()\n"
                     "app = App()\ndef request(n): app.state._state['responses'][n] = {'rows': [n]}", r"^shop\.app\.state\._state\['responses'\]$"),
    "lru_cache": ("import functools\n@functools.lru_cache(maxsize=None)\ndef quote(n): return {'n': n}\ndef request(n): quote(n)", r"^shop\.quote\.<lru_cache>$"),
    "lru_cache on a method": ("import functools\nclass Pricing:\n    @functools.lru_cache(maxsize=None)\n    def price(self, n): return [n]\ndef request(n): Pricing().price(n)",
                              r"^shop\.Pricing\.price\.<lru_cache>$"),
    "closure": ("def make():\n    seen = []\n    def handle(n): seen.append([n])\n    return handle\nrequest = make()", r"^shop\.request \(closure seen\)$"),
    "default argument": ("def request(n, seen=[]): seen.append({'n': n})", r"^shop\.request \(default seen\)$"),
    "keyword default": ("def request(n, *, seen={}): seen[n] = [n]", r"^shop\.request \(default seen\)$"),
    "function attribute": ("def request(n): request.calls.append([n])\nrequest.calls = []", r"^shop\.request\.calls$"),
    "thread-local": ("import threading\nclass Scratch(threading.local):\n    def __init__(self): self.lines = []\nscratch = Scratch()\ndef request(n): scratch.lines.append({'n': n})",
                     r"^shop\.scratch\.lines$"),
    "thread-local in many threads": (
        "import threading, concurrent.futures, time\nclass Scratch(threading.local):\n    def __init__(self): self.lines = []\nscratch = Scratch()\n"
        "pool = concurrent.futures.ThreadPoolExecutor(12)\ndef work(n):\n    scratch.lines.append({'n': n})\n    time.sleep(0.002)\n"
        "TURN = []\ndef request(n):\n    TURN.append(pool.submit(work, n))\n    if len(TURN) >= 12:\n        [one.result() for one in TURN]\n        TURN.clear()", r"^shop\.scratch\.lines$"),
    "contextvar": ("import contextvars\nseen = contextvars.ContextVar('seen')\nseen.set([])\ndef request(n): seen.get().append([n])", r"."),
    "logging handlers": ("import logging, io\nlog = logging.getLogger('catalog.trace')\nlog.setLevel(logging.INFO)\nlog.propagate = False\n"
                         "def request(n):\n    handler = logging.StreamHandler(io.StringIO())\n    log.addHandler(handler)\n    log.info('n %s', n)", r"^shop\.log\.handlers$"),
    "named loggers": ("import logging\ndef request(n): logging.getLogger('request-%d' % n)", r"loggerDict$"),
    "deque as queue": ("import queue\nJOBS = queue.Queue()\ndef request(n): JOBS.put({'n': n})", r"^shop\.JOBS\.queue$"),
    "simple queue": ("import queue\nJOBS = queue.SimpleQueue()\ndef request(n): JOBS.put({'n': n})", r"^shop\.JOBS"),
    "generators": ("CURSORS = {}\ndef pages(n):\n    page = [n] * 100\n    yield page\n    yield page\ndef request(n):\n    CURSORS[n] = pages(n)\n    next(CURSORS[n])", r"^shop\.CURSORS$"),
    "exceptions with tracebacks": ("ERRORS = []\ndef request(n):\n    page = {'n': [n] * 100}\n    try:\n        page['m']\n    except KeyError as error:\n        ERRORS.append(error)", r"^shop\.ERRORS$"),
    "middleware instance": ("class Middleware:\n    def __init__(self, inner): self.inner, self.seen = inner, []\n    def __call__(self, n):\n        self.seen.append({'n': n})\n        return self.inner(n)\n"
                            "handler = Middleware(lambda n: n)\ndef request(n): handler(n)", r"^shop\.handler\.seen$"),
    "threads piling up": ("import threading\nSTOP = threading.Event()\nWORKERS = []\ndef request(n):\n    thread = threading.Thread(target=STOP.wait, daemon=True)\n    WORKERS.append((thread, [n]*200))\n    thread.start()",
                          r"^shop\.WORKERS$"),
    "executors kept": ("from concurrent.futures import ThreadPoolExecutor\nPOOLS = []\ndef request(n):\n    pool = ThreadPoolExecutor(1)\n    POOLS.append(pool)\n    pool.submit(int, n).result()", r"^shop\.POOLS$"),
    "dict of lists that grow": ("LAST = {}\ndef request(n): LAST.setdefault(n % 40, []).append({'n': n})", r"^shop\.LAST\[\*\]$"),
    "objects with lists that grow": ("class User:\n    def __init__(self): self.events = []\nUSERS = {n: User() for n in range(40)}\ndef request(n): USERS[n % 40].events.append([n])",
                                     r"^shop\.USERS\[\*\]\.events$"),
    "linked list": ("class Node:\n    def __init__(self, n, rest): self.n, self.rest = [n], rest\nHEAD = None\ndef request(n):\n    global HEAD\n    HEAD = Node(n, HEAD)", r"^shop\.HEAD"),
    "chain of closures": ("hook = None\ndef request(n):\n    global hook\n    before = hook\n    def wrapped():\n        return before, n\n    hook = wrapped", r"^shop\.(hook|request)"),
    "rebuilt tuple": ("SEEN = ()\ndef request(n):\n    global SEEN\n    SEEN += (str(n) * 20,)", r"^shop\.SEEN$"),
    "rebuilt dict": ("SEEN = {}\ndef request(n):\n    global SEEN\n    SEEN = {**SEEN, n: str(n) * 20}", r"^shop\.SEEN$"),
    "growing text": ("LOG = ''\ndef request(n):\n    global LOG\n    LOG += 'request %d was answered\\n' % n", r"^shop\.LOG$"),
    "growing text of an instance": ("class Log:\n    def __init__(self): self.text = 'x' * 3000\nLOG = Log()\ndef request(n): LOG.text += 'request %d was answered and that is all\\n' % n", r"^shop\.LOG\.text$"),
    "growing buffer": ("import io\nLOG = io.BytesIO()\ndef request(n): LOG.write(b'x' * 100)", r"^shop\.LOG$"),
    "bytearray": ("LOG = bytearray()\ndef request(n): LOG.extend(b'x' * 100)", r"^shop\.LOG$"),
    "weakly listed and strongly kept": ("import weakref\nclass Row:\n    def __init__(self, n): self.n = [n] * 50\nALL = weakref.WeakSet()\nKEPT = []\ndef request(n):\n    row = Row(n)\n    ALL.add(row)\n    KEPT.append(row)", r"^shop\.KEPT$"),
    "asyncio tasks in a set": (
        "import asyncio\nloop = asyncio.new_event_loop()\nBACK = set()\nasync def job(n): return [n] * 50\nasync def view(n):\n    BACK.add(asyncio.ensure_future(job(n)))\n    await asyncio.sleep(0)\n"
        "def request(n): loop.run_until_complete(view(n))", r"^shop\.BACK$"),
    "asyncio queue": ("import asyncio\nloop = asyncio.new_event_loop()\nQ = asyncio.Queue()\nasync def view(n): Q.put_nowait({'n': [n]})\ndef request(n): loop.run_until_complete(view(n))", r"^shop\.Q\._queue$"),
    "cell of a decorator": ("def counted(f):\n    calls = {}\n    def inner(n):\n        calls[n] = [n]\n        return f(n)\n    return inner\n@counted\ndef request(n): return n", r"^shop\.request \(closure calls\)$"),
    "django signal, weak=False": ("from django.dispatch import Signal\nlisted = Signal()\ndef request(n):\n    rows = [n] * 30\n    def on(sender, **kw): return rows\n    listed.connect(on, weak=False)", r"^shop\.listed\.receivers$"),
    "botocore emitter": ("from botocore.hooks import HierarchicalEmitter\nevents = HierarchicalEmitter()\ndef request(n):\n    def sign(**kw): return n\n    events.register('before-sign.dynamodb.GetItem', sign)",
                         r"^shop\.events\._handlers"),
    "starlette state": ("from starlette.applications import Starlette\napp = Starlette()\napp.state.responses = {}\ndef request(n): app.state.responses[n] = {'rows': [n]}", r"^shop\.app\.state\._state\['responses'\]$|^shop\.app\.state\.responses$"),
}

CLEAN = {
    "bounded deque that fills": "from collections import deque\nLAST = deque(maxlen=10000)\ndef request(n): LAST.append({'n': n})",
    "evicting dict": "CACHE = {}\ndef request(n):\n    CACHE[n] = [n]\n    if len(CACHE) > 20: CACHE.pop(next(iter(CACHE)))",
    "bounded lru_cache": "import functools\n@functools.lru_cache(maxsize=32)\ndef quote(n): return {'n': n}\ndef request(n): quote(n)",
    "garbage in cycles": "def request(n):\n    one = {'n': n}\n    one['self'] = one",
    "request local": "def request(n): return [{'n': n} for _ in range(50)]",
    "counter": "SEEN = {}\ndef request(n): SEEN[n % 7] = SEEN.get(n % 7, 0) + 1",
    "drained queue": "import queue\nJOBS = queue.Queue()\ndef request(n):\n    JOBS.put({'n': n})\n    JOBS.get()",
    "burst between the first marks": "CACHE = {}\ndef request(n):\n    if n < 100: CACHE[n] = [n]",
    "keyed by few inputs": "CACHE = {}\ndef request(n): CACHE.setdefault(n % 30, [n])",
    "oscillating list": "ROWS = []\ndef request(n):\n    ROWS.append(n)\n    if n % 40 == 39: ROWS.clear()",
    "task done callbacks": "import asyncio\nloop = asyncio.new_event_loop()\nBACK = set()\nasync def job(n): return [n]\nasync def view(n):\n    task = asyncio.ensure_future(job(n))\n    BACK.add(task)\n"
                           "    task.add_done_callback(BACK.discard)\n    await asyncio.sleep(0)\ndef request(n): loop.run_until_complete(view(n))",
}


def needs(source):
    for name in ("django", "botocore", "starlette"):
        if "from " + name in source:
            if PYTHON != sys.executable:
                pytest.skip("not installed for this interpreter")
            pytest.importorskip(name)


@pytest.mark.parametrize("name", LEAKS)
def test_the_true_holder_is_named(shop, name):
    source, expected = LEAKS[name]
    needs(source)
    answer = shop(source).retained()
    assert answer["holders"], answer
    first = answer["holders"][0]
    assert re.search(expected, first["path"]), [holder["path"] for holder in answer["holders"]]
    assert not answer["cut_short"]
    assert min(first["grown"]) >= 10


@pytest.mark.parametrize("name", CLEAN)
def test_what_is_bounded_gives_nothing(shop, name):
    answer = shop(CLEAN[name]).retained()
    assert answer["holders"] == []


def test_a_local_of_a_running_function_is_named_as_far_as_it_can_be(shop):
    target = shop("""
        import queue, threading
        INBOX, DONE = queue.Queue(), queue.Queue()
        def tail():
            records = []
            while True:
                records.append({"n": INBOX.get()})
                DONE.put(1)
        threading.Thread(target=tail, daemon=True).start()
        def request(n):
            INBOX.put(n)
            DONE.get()
    """)
    holders = target.retained()["holders"]
    assert "tail" in holders[0]["path"], holders
    assert holders[0]["kind"] == "list" and holders[0]["grown"] == [60, 60]


def test_the_way_goes_on_to_the_bytes(shop):
    holders = shop("""
        class Response:
            def __init__(self, n): self.rows = [b"%d" % n * 500]
        RECENT = {}
        def request(n): RECENT[n] = Response(n)
    """).retained()["holders"]
    assert holders[0]["elements"][0] == "Response" and holders[0]["elements"][-2:] == ["list", "bytes"], holders
    assert 1000 < holders[0]["element_bytes"] < 4000
    assert holders[0]["app"] is True and holders[0]["root"] == "module"


def test_types_are_counted(shop):
    types = {row["name"]: row for row in shop("""
        class Order: pass
        KEPT = []
        def request(n): KEPT.append(Order())
    """).retained()["types"]}
    assert types["shop.Order"]["count"] == 120


def test_no_code_of_the_application_runs(shop):
    target = shop("""
        import os
        class Meta(type):
            def __getattribute__(cls, name): os._exit(41)
            def __instancecheck__(cls, other): os._exit(42)
            def __subclasscheck__(cls, other): os._exit(43)
        class Touchy(metaclass=Meta):
            def __getattribute__(self, name): os._exit(44)
            def __len__(self): os._exit(45)
            def __iter__(self): os._exit(46)
            def __eq__(self, other): os._exit(47)
            def __hash__(self): os._exit(48)
            def __sizeof__(self): os._exit(49)
            def __repr__(self): os._exit(50)
        class List(list):
            def __len__(self): os._exit(51)
            def __iter__(self): os._exit(52)
            def __getitem__(self, index): os._exit(53)
        class Dict(dict):
            def __len__(self): os._exit(54)
            def items(self): os._exit(55)
            def __getattribute__(self, name): os._exit(56)
        KEPT, BY_KEY = List(), Dict()
        class Key:
            def __eq__(self, other): return self is other
            def __hash__(self): return 7
            def __repr__(self): os._exit(57)
        def request(n):
            list.append(KEPT, Touchy())
            dict.__setitem__(BY_KEY, n, Touchy())
    """)
    paths = {holder["path"] for holder in target.retained()["holders"]}
    assert {"shop.KEPT", "shop.BY_KEY"} <= paths
    assert target.process.poll() is None


def test_marks_keep_nothing_alive(shop):
    target = shop("""
        import weakref
        class Row: pass
        ALIVE = weakref.WeakSet()
        KEPT = []
        def request(n):
            KEPT[:] = [Row() for _ in range(50)]
            ALIVE.update(KEPT)
            if n % 10 == 9: KEPT.clear()
            print(len(ALIVE), file=open("alive", "w"))
    """)
    target.retained(count=20)
    target.agent.ask("live", collect=True)
    target.requests(10)
    with open("/proc/%d/cwd/alive" % target.process.pid) as alive:
        assert alive.read().strip() == "0"


def test_a_heap_of_a_million_objects_is_walked_in_time(shop):
    target = shop("""
        BALLAST = [{"n": [n]} for n in range(500_000)]
        KEPT = []
        def request(n): KEPT.append({"n": n})
    """)
    answer = target.retained(count=30)
    assert answer["objects"] > 1_000_000
    assert answer["holders"][0]["path"] == "shop.KEPT"
    assert answer["took_ms"] < 20_000, answer["took_ms"]


def test_a_deadline_cuts_the_answer_short(shop):
    target = shop("BALLAST = [{'n': [n]} for n in range(200_000)]\nKEPT = []\ndef request(n): KEPT.append({'n': n})")
    target.requests(30)
    target.agent.ask("heap-mark")
    target.requests(30)
    answer = target.agent.ask("heap-diff", requests=30, seconds=0.0, roots=[])
    assert answer["cut_short"] == "out of time"
