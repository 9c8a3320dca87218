"""The agent of Plimsoll: answers questions about this interpreter's heap, and changes nothing that the application does.

It runs on one native thread that sleeps in poll(2) until it is asked something over a Unix socket, so that it costs nothing while idle. The thread is not
known to `threading`, takes no signals, and ends when the other side goes away. Whatever fails here fails silently: the measurement then goes on from outside.

Rules for every line below:
- no code of the application is run: types are compared by identity, attributes are read through C descriptors, never by getattr on an object of the
  application, which could be a property;
- nothing is kept alive: marks hold ids and lengths, and references live only as long as one answer is worked out;
- nothing heavy is imported until it is asked for; names that gevent or eventlet replace are taken before the application can import those;
- walks are iterative and end at a deadline.

The protocol is described in src/agent/protocol.rs. Python 3.9 to 3.14, CPython, Linux.
"""

import gc
import os
import sys
import _thread

VERSION = 1
_FILE = __file__
_allocate_lock = _thread.allocate_lock
_start_thread = _thread.start_new_thread
_get_ident = _thread.get_ident
_referents = gc.get_referents
_referrers = gc.get_referrers
_is_tracked = gc.is_tracked
_read, _write, _close, _fstat, _getpid = os.read, os.write, os.close, os.fstat, os.getpid

# Since 3.12 fork() warns when other threads run, ours included, so ours pauses then.
_PAUSE_FOR_FORK = sys.version_info >= (3, 12)


def _high(fd):
    """The same file under a high number, so that descriptors of the application keep the numbers that they would have had."""
    import fcntl

    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 200)
    finally:
        _close(fd)


class _Descriptor:
    """A descriptor of ours, as long as it is: daemons close every number that there is, and may open something else under it."""

    __slots__ = ("fd", "inode")

    def __init__(self, fd):
        self.fd = _high(fd)
        self.inode = _fstat(self.fd).st_ino

    def ours(self):
        try:
            return _fstat(self.fd).st_ino == self.inode
        except OSError:
            return False

    def close(self):
        if self.ours():
            _close(self.fd)


class _Connection:
    """One connection of one process, and what it takes to wake and to join its thread."""

    __slots__ = ("socket", "woken", "wake", "ended", "thread", "native")

    def __init__(self, fd):
        self.socket = _Descriptor(fd)
        self.woken = self.wake = self.ended = None
        if _PAUSE_FOR_FORK:
            reader, writer = os.pipe()
            self.woken, self.wake = _Descriptor(reader), _Descriptor(writer)
        self.thread = 0
        self.native = 0

    def close(self):
        for one in (self.socket, self.woken, self.wake):
            if one is not None:
                one.close()


_path = None
_connection = None
_registered = False
# Held while a command is worked out.
_working = _allocate_lock()
_held_by_fork = False
_forking = False


def start(path=None, by="environment"):
    """Connects to the socket (by default the one that the environment names) and serves it. Returns whether it could."""
    global _path, _registered
    path = path or os.environ.get("PLIMSOLL_AGENT_SOCKET")
    if not path or sys.implementation.name != "cpython" or not _main_interpreter():
        return False
    if _connection is not None:
        return True
    _path = path
    if not _connect(by):
        return False
    if not _registered:
        os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
        _registered = True
    return True


def _main_interpreter():
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            module = __import__(name)
            current, main = module.get_current(), module.get_main()
        except Exception:
            continue
        first = lambda one: one[0] if type(one) is tuple else one  # noqa: E731
        return first(current) == first(main)
    return True


def _connect(by):
    global _connection
    import _socket

    here = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        # Either at once or not at all: nobody waits for a listener that is stuck.
        here.setblocking(False)
        here.connect(_path)
        here.setblocking(True)
    except OSError:
        here.close()
        return False
    connection = _Connection(here.detach())
    try:
        _send(connection.socket, _hello(by))
        _serve_in_thread(connection)
    except Exception:
        connection.close()
        return False
    _connection = connection
    return True


def _hello(by):
    # sys.argv is not set yet while `site` runs. JSON by hand: the encoder is imported with the first question.
    try:
        with open("/proc/self/cmdline", "rb", buffering=0) as file:
            argv = file.read(8192).hex()
    except OSError:
        argv = ""
    python = ".".join(str(part) for part in sys.version_info[:3])
    text = '{"plimsoll_agent": %d, "pid": %d, "ppid": %d, "python": "%s", "argv": "%s", "by": "%s"}\n'
    return (text % (VERSION, _getpid(), os.getppid(), python, argv, by)).encode()


def _send(socket, data):
    while data and socket.ours():
        data = data[_write(socket.fd, data):]


def _serve_in_thread(connection):
    # The thread inherits a mask that blocks all signals: they belong to the threads of the application.
    import _signal

    connection.ended = _allocate_lock()
    connection.ended.acquire()
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        connection.thread = _start_thread(_serve, (connection,))
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _serve(connection):
    global _connection
    paused = False
    try:
        connection.native = _thread.get_native_id()
        paused = _answer_until_told(connection)
    except BaseException:  # noqa: BLE001 - also what the interpreter raises while it shuts down
        pass
    try:
        if not paused:
            if _connection is connection:
                _connection = None
            connection.close()
            _take_back()
        connection.ended.release()
    except BaseException:  # noqa: BLE001
        pass


def _answer_until_told(connection):
    """Serves until the other side closes (False) or a fork wants this thread to end for a moment (True)."""
    import select

    poller = select.poll()
    socket, woken = connection.socket, connection.woken
    poller.register(socket.fd, select.POLLIN)
    if woken is not None:
        poller.register(woken.fd, select.POLLIN)
    waiting = b""
    while True:
        ready = poller.poll()
        if not socket.ours():
            return False
        if woken is not None and any(fd == woken.fd for fd, _ in ready):
            if _forking or not woken.ours():
                return _forking
            _read(woken.fd, 64)
            continue
        data = _read(socket.fd, 65536)
        if not data:
            return False
        waiting += data
        while b"\n" in waiting:
            line, _, waiting = waiting.partition(b"\n")
            _send(socket, _reply(line))
        del data


def _reply(line):
    import json

    number = 0
    try:
        request = json.loads(line)
        number = request["id"]
        with _working:
            answer = {"id": number, "ok": _COMMANDS[request["do"]](request)}
    except MemoryError:
        answer = {"id": number, "error": "out of memory"}
    except Exception as error:
        answer = {"id": number, "error": "%s: %s" % (type(error).__name__, error)}
    return json.dumps(answer, separators=(",", ":")).encode() + b"\n"


# --- fork ---------------------------------------------------------------------------------------------------------------------------------------


def _before_fork():
    """Lets a command that is under way end, so that no child is born with the collector running; since 3.12 the thread ends for the moment, too."""
    global _held_by_fork, _forking
    try:
        connection = _connection
        if connection is None or connection.thread == _get_ident():
            return
        if connection.wake is None:
            _held_by_fork = _working.acquire(timeout=2)
        elif connection.wake.ours():
            _forking = True
            _write(connection.wake.fd, b"x")
            if connection.ended.acquire(timeout=2):
                connection.thread = 0
                # The lock is released just before the native thread is gone.
                for _ in range(200):
                    if not os.path.exists("/proc/self/task/%d" % connection.native):
                        break
                    _sleep_a_little()
    except BaseException:  # noqa: BLE001 - the fork of the application goes on
        pass


def _sleep_a_little():
    import select

    select.poll().poll(0.2)


def _after_in_parent():
    global _held_by_fork, _forking
    try:
        connection, forking = _connection, _forking
        _forking = False
        if _held_by_fork:
            _held_by_fork = False
            _working.release()
        # It may also have ended a little too late to be waited for.
        if forking and (connection.thread == 0 or connection.ended.acquire(False)):
            _read(connection.woken.fd, 64)
            _serve_in_thread(connection)
    except BaseException:  # noqa: BLE001
        pass


def _after_in_child():
    global _connection, _working, _held_by_fork, _forking
    try:
        connection, _connection = _connection, None
        _working, _held_by_fork, _forking = _allocate_lock(), False, False
        _marks.clear()
        _traced.clear()
        _take_back()
        if connection is not None:
            connection.close()
            _connect("fork")
    except BaseException:  # noqa: BLE001
        pass


# --- live bytes ---------------------------------------------------------------------------------------------------------------------------------


class _Allocators:
    """Bytes in use according to the allocators themselves, by way of ctypes.

    pymalloc tells through the function behind sys._debugmallocstats, which prints into a stream in memory here: 0.3 ms for a heap of 80 MB.
    malloc tells through mallinfo2 (glibc 2.33), jemalloc through mallctl where it stands in for malloc.
    """

    def __init__(self):
        import ctypes

        self.ctypes = ctypes
        self.libc = libc = ctypes.CDLL(None)
        names = []
        self.pymalloc = self.mallinfo = self.mallctl = None
        try:
            self.pymalloc = ctypes.pythonapi._PyObject_DebugMallocStats
            self.pymalloc.argtypes = [ctypes.c_void_p]
            libc.open_memstream.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
            libc.open_memstream.restype = ctypes.c_void_p
            libc.fclose.argtypes = libc.free.argtypes = [ctypes.c_void_p]
            libc.free.restype = None
            if self.read_pymalloc() is None:
                self.pymalloc = None
            else:
                names.append("pymalloc")
        except AttributeError:
            self.pymalloc = None
        try:
            self.mallctl = libc.mallctl
            self.mallctl.argtypes = [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
            names.append("jemalloc")
        except AttributeError:
            try:
                fields = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
                info = type("mallinfo2", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in fields]})
                self.mallinfo = libc.mallinfo2
                self.mallinfo.restype, self.mallinfo.argtypes = info, []
                names.append("malloc")
            except AttributeError:
                self.mallinfo = None
        self.source = "+".join(names)

    def read_pymalloc(self):
        ctypes, libc = self.ctypes, self.libc
        text, size = ctypes.c_void_p(), ctypes.c_size_t()
        stream = libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
        if not stream:
            return None
        self.pymalloc(stream)
        libc.fclose(stream)
        said = ctypes.string_at(text.value, size.value)
        libc.free(text.value)
        label = said.find(b"# bytes in allocated blocks")
        if label < 0:
            return None
        line = said[label:said.find(b"\n", label)]
        return int(line.rpartition(b"=")[2].replace(b",", b""))

    def read(self):
        """Bytes in use, or None where no allocator tells."""
        if not self.source:
            return None
        total = self.read_pymalloc() if self.pymalloc else 0
        if self.mallinfo:
            info = self.mallinfo()
            total += info.uordblks + info.hblkhd
        elif self.mallctl:
            ctypes = self.ctypes
            epoch, value, size = ctypes.c_uint64(1), ctypes.c_size_t(), ctypes.c_size_t(8)
            self.mallctl(b"epoch", None, None, ctypes.byref(epoch), 8)
            self.mallctl(b"stats.allocated", ctypes.byref(value), ctypes.byref(size), None, 0)
            total += value.value
        return total


_allocators = None


def _read_bytes():
    global _allocators
    if _allocators is None:
        try:
            _allocators = _Allocators()
        except Exception:  # no ctypes in this build
            _allocators = False
    return _allocators.read() if _allocators else None


_aside = False  # whether objects were put aside here; an application that does so itself is left alone


def _take_back():
    """What was put aside is looked at again."""
    global _aside
    if _aside:
        gc.unfreeze()
        _aside = False


def _collect(passes=1, new=False):
    """Collects, unless the application has switched its collector off. What finalisers leave behind waits for the next pass: it adds the same to every
    reading, and a second pass would double the cost of one. With `new`, only among objects that were made since the last collection that put what it left
    aside: garbage that an older object is part of stays until the next whole one."""
    if not gc.isenabled():
        return False
    if not new:
        _take_back()
    for _ in range(passes):
        if gc.collect() < 16:
            break
    return True


def _put_aside():
    """What is alive now is not looked at by the collector until it is taken back: the next collection costs what is new."""
    global _aside
    # Since 3.14 tasks are counted among the collector's objects, where what is aside is missing.
    if sys.version_info < (3, 14) and (_aside or not gc.get_freeze_count()):
        gc.freeze()
        _aside = True


def _live(request):
    from time import perf_counter

    if _allocators is None:
        _read_bytes()  # the first call imports ctypes
    began = perf_counter()
    collected = _collect(new=request.get("new", False)) if request.get("collect", True) else False
    if collected and request.get("aside", False):
        _put_aside()
    took = (perf_counter() - began) * 1000
    return {
        "blocks": sys.getallocatedblocks(),
        "bytes": _read_bytes(),
        "source": _allocators.source if _allocators else "",
        "gc_ms": took,
        "collected": collected,
        "tasks": _count_tasks(),
        "threads": _thread._count(),
        "garbage": len(gc.garbage),
        "freed": sum(generation["collected"] for generation in gc.get_stats()),
    }


def _count_tasks():
    """asyncio tasks that are not done."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return 0
    import _asyncio

    kind, done = _asyncio.Task, _asyncio.Task.done
    names = vars(tasks)
    known = names.get("_scheduled_tasks") or names.get("_all_tasks")
    if known is not None and sys.version_info < (3, 14):
        found = (reference() for reference in list(vars(known)["data"]))
        return sum(1 for task in found if type(task) is kind and not done(task))
    # Since 3.14 tasks stand in lists of their threads.
    return sum(1 for one in gc.get_objects() if type(one) is kind and not done(one))


_peak = {}


def _peak_start(request):
    pause = max(1, int(request.get("every_ms", 5)))
    base = _read_bytes()
    if base is None:
        raise RuntimeError("no allocator of this interpreter tells its bytes")
    _peak.update(base=base, peak=base, looks=1, on=True)

    def watch(run):
        import select

        poller = select.poll()
        while run.get("on"):
            poller.poll(pause)
            now = _read_bytes()
            run["looks"] += 1
            if now > run["peak"]:
                run["peak"] = now

    _start_thread(watch, (_peak,))
    return {}


def _peak_stop(_request):
    """Also says what is left when the request's own objects are gone: garbage in cycles waits for the collector, and was not in use."""
    import select

    if not _peak.pop("on", False):
        raise RuntimeError("the peak is not being watched")
    after, poller = _read_bytes(), select.poll()
    # The watch may not have looked since the last allocation: what is there now is a look, too.
    peak = max(_peak["peak"], after)
    for _ in range(6):
        poller.poll(8)
        after = min(after, _read_bytes())
    return {"base": _peak["base"], "peak": peak, "after": after, "looks": _peak["looks"]}


# --- whose code -----------------------------------------------------------------------------------------------------------------------------------


class _Ownership:
    """Tells the application's files from those of libraries."""

    def __init__(self, roots):
        import sysconfig

        paths = sysconfig.get_paths()
        self.roots = tuple(root.rstrip("/") + "/" for root in roots)
        self.standard = tuple({os.path.realpath(paths[name]) + "/" for name in ("stdlib", "platstdlib")} | {paths["stdlib"] + "/"})
        self.known = {}

    def app(self, file):
        own = self.known.get(file)
        if own is None:
            own = self.known[file] = self._look(file)
        return own

    def _look(self, file):
        if file.startswith(self.roots) and "/site-packages/" not in file:
            return True
        if not file or file.startswith("<") or file == _FILE or not file.endswith(".py"):
            return False
        if "/site-packages/" in file or "/dist-packages/" in file:
            return bool(self.roots) and any(file.startswith(root) for root in self.roots if "-packages/" in root)
        return not file.startswith(self.standard)


# --- allocations ----------------------------------------------------------------------------------------------------------------------------------

# Marks of tracing: for each mark {(file, line): [bytes, blocks]}, and once {(file, line): {via: bytes}}.
_traced = {}


def _trace_start(request):
    import tracemalloc

    if tracemalloc.is_tracing() and not _traced:
        raise RuntimeError("the application traces allocations itself")
    _traced.clear()
    _traced.update(marks=[], via={}, owner=_Ownership(request.get("roots", [])), lines={})
    tracemalloc.start(max(1, int(request["frames"])))
    return {}


def _trace_mark(_request):
    import _tracemalloc

    if not _traced or not _tracemalloc.is_tracing():
        raise RuntimeError("nothing is traced")
    _collect(passes=4)
    app, known, via = _traced["owner"].app, _traced["lines"], _traced["via"]
    sums = {}
    for trace in _tracemalloc._get_traces():
        size, frames = trace[1], trace[2]
        # The most recent frame comes first. Library frames are folded into the call from the application.
        where = known.get(frames)
        if where is None:
            where = next((frame for frame in frames if app(frame[0])), frames[0])
            known[frames] = where
        if where[0] == _FILE or frames[0][0] == _FILE:
            continue
        entry = sums.get(where)
        if entry is None:
            sums[where] = [size, 1]
        else:
            entry[0] += size
            entry[1] += 1
        if where is not frames[0]:
            inner = via.setdefault(where, {})
            inner[frames[0]] = inner.get(frames[0], 0) + size
    _traced["marks"].append(sums)
    return {"traces": len(known)}


def _trace_stop(request):
    import tracemalloc

    if not _traced:
        raise RuntimeError("nothing is traced")
    tracemalloc.stop()
    marks, app, via = _traced["marks"], _traced["owner"].app, _traced["via"]
    first, last = (marks[0], marks[-1]) if marks else ({}, {})
    nothing = [0, 0]
    grown = sorted(last, key=lambda where: first.get(where, nothing)[0] - last[where][0])[:int(request["top"])]
    lines = []
    for where in grown:
        held = [mark.get(where, nothing) for mark in marks]
        if held[-1][0] <= held[0][0]:
            continue
        function, text = _source_of(*where)
        inner = via.get(where)
        through = max(inner, key=inner.get) if inner else None
        lines.append({
            "file": where[0], "line": where[1], "function": function, "text": text, "app": app(where[0]),
            "via": "%s:%d" % through if through else "",
            "bytes": [one[0] for one in held], "blocks": [one[1] for one in held],
        })
    answer = {"totals": [sum(entry[0] for entry in mark.values()) for mark in marks], "lines": lines}
    _traced.clear()
    return answer


def _source_of(file, line):
    """The enclosing function and the text of a line, from its source."""
    import ast
    import tokenize

    try:
        with tokenize.open(file) as source:
            text = source.read(4 << 20)
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return "", ""
    names, body = [], [tree]
    while body:
        node = body.pop()
        for child in ast.iter_child_nodes(node):
            if getattr(child, "lineno", 0) <= line <= (getattr(child, "end_lineno", 0) or 0) or not hasattr(child, "lineno"):
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                    names.append(child.name)
                    body = [child]
                    break
                body.append(child)
    lines = text.splitlines()
    return ".".join(names), (lines[line - 1].strip()[:200] if 0 < line <= len(lines) else "")


# --- the heap -------------------------------------------------------------------------------------------------------------------------------------

# The last two marks: ids and lengths of containers, ids of all tracked objects, objects per type, sizes of values.
_marks = []
_MOST_OBJECTS = 8_000_000
_BIG = 2048


class _Mark:
    __slots__ = ("ids", "lengths", "types", "values", "tracked", "complete")


class _Lengths:
    """How long a container is, by C functions only. Types are looked up by their bases, without asking a metaclass."""

    def __init__(self):
        import _collections
        import _functools
        import _io
        import array

        deque = _collections.deque
        self.exact = {
            list: list.__len__, dict: dict.__len__, set: set.__len__, deque: self.of_deque, bytearray: bytearray.__len__,
            array.array: array.array.__len__, _io.BytesIO: _io.BytesIO.__sizeof__, _io.StringIO: self.of_stringio,
        }
        self.deque, self.maxlen = deque, vars(deque)["maxlen"].__get__
        self.stringio = _io.StringIO
        self.cache = _functools._lru_cache_wrapper
        try:
            import _queue

            self.exact[_queue.SimpleQueue] = _queue.SimpleQueue.qsize
        except ImportError:
            pass
        self.roots = tuple(self.exact.items())
        self.known = dict(self.exact)
        # What holds no tracked object is not tracked itself, and is found through its owner only.
        self.untracked = frozenset((dict, bytearray, array.array, _io.BytesIO, _io.StringIO))

    def of_deque(self, one):
        # A bounded one is no leak, however it fills.
        return 0 if self.maxlen(one) is not None else self.deque.__len__(one)

    def of_stringio(self, one):
        try:
            return self.stringio.tell(one)
        except ValueError:
            return 0

    def of(self, kind):
        """The function that measures objects of this type, or None."""
        measure = self.known.get(kind, self)
        if measure is self:
            bases = _mro(kind)
            measure = next((how for base, how in self.roots if base in bases), None)
            self.known[kind] = measure
        return measure


_mro_of = vars(type)["__mro__"].__get__
_dict_of_type = vars(type)["__dict__"].__get__
_qualname_of = vars(type)["__qualname__"].__get__
_module_type = type(sys)
_dict_of_module = vars(_module_type)["__dict__"].__get__
_code_type = type((lambda: 0).__code__)
_function_type = type(lambda: 0)
_frame_type = type(sys._getframe())
_cell_type = type((lambda x: lambda: x)(0).__closure__[0])
_member_type = type(vars(_function_type)["__closure__"])
_method_type = type(_Connection.close.__get__(0))
_generator_type = type(_ for _ in ())


async def _nothing():
    pass


_coroutine = _nothing()
_coroutine_type = type(_coroutine)
_coroutine.close()
del _coroutine


def _mro(kind):
    return _mro_of(kind) or ()


class _Late(Exception):
    """The deadline has passed."""


class _Deadline:
    def __init__(self, seconds):
        from time import monotonic

        self.clock = monotonic
        self.at = monotonic() + seconds

    def check(self):
        if self.clock() > self.at:
            raise _Late


def _take_mark(deadline):
    """Looks at every object that the collector tracks, and at the containers that it does not track but their owners refer to."""
    from array import array

    _collect(passes=4)
    mark = _Mark()
    ids, lengths, types, values = array("Q"), array("Q"), {}, {}
    measures = _Lengths()
    measure_of, known, untracked = measures.of, measures.known, measures.untracked
    objects = gc.get_objects()
    mark.complete = len(objects) <= _MOST_OBJECTS
    del objects[_MOST_OBJECTS:]
    own = {id(ids), id(lengths), id(types), id(values), id(objects), id(known), id(_marks), id(_traced)}
    add_id, add_length = ids.append, lengths.append
    for start in range(0, len(objects), 512):
        deadline.check()
        chunk = objects[start:start + 512]
        for one in chunk:
            kind = type(one)
            types[kind] = types.get(kind, 0) + 1
            measure = known.get(kind, measures)
            if measure is measures:
                measure = measure_of(kind)
            if measure is not None and id(one) not in own:
                add_id(id(one))
                add_length(measure(one))
        big, loose = False, []
        for one in _referents(*chunk):
            kind = type(one)
            if kind is str or kind is bytes:
                if len(one) >= _BIG:
                    big = True
            elif kind in untracked and not _is_tracked(one):
                add_id(id(one))
                add_length(known[kind](one))
                if kind is dict:
                    loose.append(one)
        for one in chunk + loose if big else loose:
            for index, value in enumerate(_referents(one)):
                if type(value) in (str, bytes) and len(value) >= _BIG:
                    # The place of a value among those of its owner stays the same while it is replaced by a longer one.
                    values[(id(one), index)] = len(value)
        del chunk, one, loose
    values.update(_sizes_of_names())
    # A set of ids would take ten times as much.
    mark.tracked = array("Q", sorted(map(id, objects)))
    del objects
    mark.ids, mark.lengths, mark.values = ids, lengths, values
    mark.types = {id(kind): count for kind, count in types.items()}
    return mark


_SIZED = {list: len, dict: len, set: len, frozenset: len, tuple: len, str: len, bytes: len, bytearray: len}


def _spaces():
    """The dictionaries that names of modules and classes stand in: (name, id of the owner, items)."""
    for name, module in list(sys.modules.items()):
        if type(name) is str and _module_type in _mro(type(module)) and name != __name__:
            yield name, id(module), _dict_of_module(module)


def _sizes_of_names():
    """Sizes of values by the name that they stand under, for those that are replaced instead of changed."""
    sizes = {}
    for name, owner, space in _spaces():
        for key, value in list(space.items()):
            measure = _SIZED.get(type(value))
            if measure is not None and type(key) is str and not key.startswith("__"):
                sizes[(name, key)] = measure(value)
            elif type(value) is type and key[:2] != "__":
                inner = _dict_of_type(value)
                for attribute, held in list(inner.items()):
                    measure = _SIZED.get(type(held))
                    if measure is not None and type(attribute) is str and not attribute.startswith("__"):
                        sizes[(name, key, attribute)] = measure(held)
    return sizes


def _heap_mark(_request):
    # What the comparison will import is imported now, or it would count as growth.
    import _weakref, array, bisect, itertools, sysconfig  # noqa: E401, F401

    mark = _take_mark(_Deadline(45))
    _marks.append(mark)
    del _marks[:-2]
    return {"containers": len(mark.ids), "objects": len(mark.tracked)}


def _heap_forget(_request):
    _marks.clear()
    return {}


def _heap_diff(request):
    from time import perf_counter

    if not _marks:
        raise RuntimeError("there is no mark to compare with")
    began = perf_counter()
    deadline = _Deadline(float(request["seconds"]))
    now = _take_mark(_Deadline(45))
    search = _Search(_marks, now, float(request["requests"]), _Ownership(request.get("roots", [])), deadline)
    cut_short = "" if now.complete else "more than %d objects" % _MOST_OBJECTS
    try:
        search.run()
    except _Late:
        cut_short = "out of time"
    return {
        "rounds": len(_marks),
        "holders": search.answers(),
        "types": search.types,
        "objects": len(now.tracked),
        "took_ms": (perf_counter() - began) * 1000,
        "cut_short": cut_short,
    }


def _name(kind):
    """Name of a type: bare for builtins, else with its module."""
    module = _dict_of_type(kind).get("__module__")
    name = _qualname_of(kind)
    return name if type(module) is not str or module == "builtins" else "%s.%s" % (module, name)


def _short(kind):
    return _qualname_of(kind).rpartition(".")[2]


def _is(one, kind):
    return kind in _mro(type(one))


class _Holder:
    __slots__ = ("one", "kind", "grown", "found", "bytes", "elements", "weak", "path", "app", "root", "suffix", "loose", "stored")

    def __init__(self, one, kind, grown, found):
        self.one, self.kind, self.grown, self.found = one, kind, grown, found
        self.bytes, self.elements, self.weak = 1.0, [], False
        self.path, self.app, self.root, self.suffix = "", False, "unknown", ""
        self.stored = []  # statements of the application that put something in
        self.loose = {}  # what the collector does not track in one element: {type: [count, bytes]}

    def weight(self):
        return self.bytes * self.grown[-1]


class _Search:
    """Compares a heap with its marks: what is long-lived and grew in every round, how heavy its new elements are, and the way to it from a root."""

    __slots__ = ("marks", "now", "least", "owner", "deadline", "holders", "types", "measures", "weakref", "own", "spaces", "files")

    MOST = 12  # holders that get a path
    SAMPLE = 6  # new elements that are weighed
    NODES = 3000  # objects that are looked at for one element

    def __init__(self, marks, now, requests, owner, deadline):
        import _weakref

        self.marks, self.now, self.owner, self.deadline = list(marks), now, owner, deadline
        # What grows by less than one element in ten requests is not what is looked for.
        self.least = max(3.0, requests * 0.1)
        self.holders, self.types = [], []
        self.measures, self.weakref = _Lengths(), _weakref.ref
        self.own, self.spaces = set(), {}
        self.files = None

    def run(self):
        for name, _, space in _spaces():
            if name != "__mp_main__" or id(space) not in self.spaces:
                self.spaces[id(space)] = name
        self.types = self._grown_types()
        grown, small = self._grown_containers()
        self._resolve(grown)
        self._grown_values()
        for holder in self.holders:
            self._weigh(holder)
        strong = any(not holder.weak for holder in self.holders)
        if not strong or sum(sum(steps) for steps in small.values()) >= 2 * self.least * len(self.marks):
            self._group(small)
        # Weak holders keep little: they are told apart, and come last.
        self.holders.sort(key=lambda holder: (holder.weak, -holder.weight()))
        del self.holders[self.MOST:]
        self._count_loose()
        nameless = {}
        for index, holder in enumerate(self.holders):
            if index == 2:
                self._find_stores()  # in case that time runs out for the others
            # Parts of an extension's objects come in numbers and lead nowhere.
            if not holder.path and nameless.get(holder.kind, 0) < 2:
                self._find_path(holder)
                if holder.root in ("unknown", "interpreter"):
                    nameless[holder.kind] = nameless.get(holder.kind, 0) + 1
        if not any(not holder.weak for holder in self.holders):
            self._chain()
        self._find_stores()

    # -- what grew

    def _steps(self, lengths):
        return [after - before for before, after in zip(lengths, lengths[1:])]

    def _grown_containers(self):
        """Containers that exist since the first mark: those that grew enough in each round with their length now, and those that grew a little."""
        before = [dict(zip(mark.ids, mark.lengths)) for mark in self.marks]
        grown, small, nothing = {}, {}, -1
        for index, (number, length) in enumerate(zip(self.now.ids, self.now.lengths)):
            if not index & 0xFFFF:
                self.deadline.check()
            last = before[-1].get(number, nothing)
            if last < 0 or last > length:
                continue
            first = before[0].get(number, nothing)
            if first < 0 or first == length:
                continue
            steps = [length - last] if len(before) == 1 else [last - first, length - last]
            if min(steps) >= self.least:
                grown[number] = (steps, length)
            elif min(steps) >= 0 and len(small) < 50000:
                small[number] = steps
        return grown, small

    def _resolve(self, grown):
        """Finds the objects of these ids again."""
        if not grown:
            return
        for one in self._with_ids(frozenset(grown)):
            measure, (steps, length) = self.measures.of(type(one)), grown[id(one)]
            # A much shorter one has only come to stand at the same address since; one that is being drained may be a little shorter.
            if measure is not None and measure(one) > length - steps[-1]:
                self.holders.append(_Holder(one, _short(type(one)), steps, "container"))

    def _with_ids(self, wanted):
        """The objects of these ids, tracked or not."""
        untracked, found = self.measures.untracked, {}
        objects = gc.get_objects()
        self.own.add(id(objects))
        for start in range(0, len(objects), 512):
            self.deadline.check()
            chunk = objects[start:start + 512]
            found.update((id(one), one) for one in chunk if id(one) in wanted)
            found.update((id(one), one) for one in _referents(*chunk) if id(one) in wanted and type(one) in untracked)
            del chunk
        return list(found.values())

    def _grown_values(self):
        """Values that are replaced by longer ones under the same name, or in the same place of the same owner."""
        places = {}
        changed = {id(holder.one) for holder in self.holders}
        for key, size in self.now.values.items():
            sizes = [mark.values.get(key, -1) for mark in self.marks] + [size]
            if sizes[0] < 0:
                continue
            if min(self._steps(sizes)) < self.least:
                continue
            if type(key[0]) is int:
                places.setdefault(key[0], []).append((key[1], self._steps(sizes)))
                continue
            one = self._named(key)
            if one is None or id(one) in changed:
                continue
            changed.add(id(one))
            holder = _Holder(one, _short(type(one)), self._steps(sizes), "slot")
            holder.path, holder.root = ".".join(key), "module"
            holder.app = self._app_module(key[0])
            self.holders.append(holder)
        if not places:
            return
        for one in self._with_ids(frozenset(places)):
            for index, steps in places[id(one)]:
                values = _referents(one)
                value = values[index] if index < len(values) else None
                if type(value) in (str, bytes) and id(value) not in changed and min(steps) >= 8 * self.least:
                    holder = _Holder(one, type(value).__name__, steps, "slot")
                    holder.suffix = self._hop(one, value, None)
                    self.holders.append(holder)
                    changed.add(id(value))

    def _named(self, key):
        module = sys.modules.get(key[0])
        if module is None or _module_type not in _mro(type(module)):
            return None
        one = _dict_of_module(module).get(key[1])
        if len(key) == 3:
            one = _dict_of_type(one).get(key[2]) if type(one) is type else None
        return one

    def _grown_types(self):
        """Types of which there are more, with the bytes of the objects themselves."""
        kinds = {}
        for one in gc.get_objects():
            kind = type(one)
            entry = kinds.get(kind)
            if entry is None:
                entry = kinds[kind] = [0, 0, 0]
            entry[0] += 1
            if not self._existed(id(one)):
                entry[1] += 1
                if entry[1] <= 200:
                    entry[2] += self._size(one)
        rows = []
        for kind, (count, new, size) in kinds.items():
            counts = [mark.types.get(id(kind), 0) for mark in self.marks] + [count]
            more = count - counts[0]
            if min(self._steps(counts)) >= self.least and new:
                rows.append({"name": _name(kind), "count": more, "bytes": int(more * size / min(new, 200))})
        rows.sort(key=lambda row: -row["bytes"])
        return rows[:20]

    def _count_loose(self):
        """Adds to the types what the collector does not track and so cannot count: by the elements of the heaviest holder."""
        if not self.holders or self.holders[0].weak:
            return
        rows, grown = {row["name"]: row for row in self.types}, sum(self.holders[0].grown)
        for kind, (count, size) in self.holders[0].loose.items():
            if count < 0.1:
                continue
            row = rows.setdefault(_name(kind), {"name": _name(kind), "count": 0, "bytes": 0})
            row["count"] += int(count * grown)
            row["bytes"] += int(size * grown)
        self.types = sorted(rows.values(), key=lambda row: -row["bytes"])[:20]

    def _existed(self, number):
        from bisect import bisect_left

        tracked = self.marks[0].tracked
        index = bisect_left(tracked, number)
        return index < len(tracked) and tracked[index] == number

    # -- how heavy its new elements are

    def _size(self, one):
        # __sizeof__ of an application's class could be code of the application.
        kind = type(one)
        for base in _mro(kind):
            sizeof = _dict_of_type(base).get("__sizeof__")
            if sizeof is not None and type(sizeof) is not _function_type:
                try:
                    # StringIO does not count its text.
                    more = self.measures.of_stringio(one) if self.measures.stringio in _mro(kind) else 0
                    return sizeof.__get__(one)() + more + (16 if _is_tracked(one) else 0)
                except Exception:
                    break
        return 64

    def _newest(self, one):
        """Some of the elements that came last."""
        from itertools import islice

        count = self.SAMPLE
        for _ in range(3):
            try:
                if _is(one, list):
                    tail, head = list.__getitem__(one, slice(-count, None)), list.__getitem__(one, slice(None, count))
                    new = [part for part in tail if not self._existed(id(part))]
                    return new or [part for part in head if not self._existed(id(part))] or tail
                if _is(one, dict):
                    return [part for pair in islice(reversed(dict.items(one)), count) for part in pair]
                if type(one) in (tuple, frozenset) or _is(one, set):
                    new = [part for part in islice(one if type(one) is tuple else set.__iter__(one) if _is(one, set) else frozenset.__iter__(one), 50000)
                           if not self._existed(id(part))]
                    return new[-count:]
                if _is(one, self.measures.deque):
                    length = self.measures.deque.__len__(one)
                    return [self.measures.deque.__getitem__(one, -index) for index in range(1, min(count, length) + 1)]
                return _referents(one)[-count:] if self.measures.of(type(one)) and not self._flat(one) else []
            except (RuntimeError, IndexError):
                continue  # it was changed meanwhile
        return []

    def _flat(self, one):
        return type(one) in (str, bytes, bytearray) or _short(type(one)) in ("array", "BytesIO", "StringIO")

    def _weigh(self, holder):
        self.deadline.check()
        if self._flat(holder.one) or holder.suffix:
            holder.bytes, holder.elements = 1.0, []
            return
        parts = self._newest(holder.one)
        if not parts:
            return
        pairs = 2 if _is(holder.one, dict) else 1
        # The slot itself: a pointer, or an entry of a table with its share of free ones.
        total = {1: 8.0, 2: 36.0}[pairs] * (len(parts) / pairs)
        heaviest, chain = -1, []
        for part in parts:
            size, kinds = self._deep(part, holder.loose)
            total += size
            if size > heaviest:
                heaviest, chain = size, kinds
        holder.bytes = total / (len(parts) / pairs)
        for entry in holder.loose.values():
            entry[:] = [one / (len(parts) / pairs) for one in entry]
        holder.elements = chain
        weak = [self.weakref in _mro(type(part)) for part in parts]
        holder.weak = all(weak) if pairs == 1 else all(weak[0::2]) or all(weak[1::2])

    def _deep(self, top, loose):
        """Bytes that an element holds and nothing older does, and the types down its heaviest branch."""
        if self._existed(id(top)) or not _is_tracked(top) and sys.getrefcount(top) > 8:
            return 0, [_short(type(top))]
        nodes, parents, seen = [top], [-1], {id(top)}
        sizes = []
        index = 0
        while index < len(nodes) and index < self.NODES:
            one = nodes[index]
            sizes.append(self._size(one))
            kind = type(one)
            if not _is_tracked(one):
                entry = loose.setdefault(kind, [0, 0])
                entry[0] += 1
                entry[1] += sizes[-1]
            if kind is not _code_type and kind is not _module_type and not self._is_space(one):
                for part in _referents(one):
                    number = id(part)
                    if number in seen:
                        continue
                    seen.add(number)
                    if _is_tracked(part):
                        if self._existed(number) or type in _mro(type(part)):
                            continue
                    elif sys.getrefcount(part) > 5 or type(part) is _code_type:
                        continue  # shared with others: a constant, a name, a small number
                    nodes.append(part)
                    parents.append(index)
            index += 1
        total = sum(sizes)
        below = sizes[:]
        for index in range(len(sizes) - 1, 0, -1):
            below[parents[index]] += below[index]
        chain, index = [_short(type(top))], 0
        while len(chain) < 5:
            best = max((child for child in range(index + 1, len(sizes)) if parents[child] == index), key=below.__getitem__, default=-1)
            if best < 0 or below[best] * 5 < total:
                break
            if _short(type(nodes[best])) != chain[-1]:
                chain.append(_short(type(nodes[best])))
            index = best
        return total, chain

    def _is_space(self, one):
        return type(one) is dict and id(one) in self.spaces

    # -- many small ones under one parent

    def _group(self, small):
        """Many containers that grow a little each, like the lists in a dictionary of lists: looks for the one parent that most of them have."""
        rounds = len(self.marks)
        total = sum(sum(steps) for steps in small.values())
        if len(small) < 2 or total < self.least * rounds:
            return
        children = dict(small)
        example = {}
        for _ in range(5):
            parents, wanted = {}, frozenset(children)
            objects = gc.get_objects()
            self.own.add(id(objects))
            for start in range(0, len(objects), 512):
                self.deadline.check()
                chunk = objects[start:start + 512]
                if wanted.isdisjoint(map(id, _referents(*chunk))):
                    continue
                for one in chunk:
                    parts = _referents(one)
                    if wanted.isdisjoint(map(id, parts)) or self._ignorable(one) or self._is_space(one) or _is(one, type):
                        continue
                    if type(one) is _frame_type or type(one) is _function_type and not self._closes_over(one, wanted):
                        continue
                    hits = {id(part): part for part in parts if id(part) in wanted}
                    steps = [sum(children[number][step] for number in hits) for step in range(rounds)]
                    parents[id(one)] = (one, steps, len(hits), next(iter(hits.values())))
            del objects, chunk
            best = max(parents.values(), key=lambda entry: sum(entry[1]), default=None)
            if best is None:
                return
            one, steps, count, child = best
            if count > 1 and sum(steps) >= 0.6 * total and min(steps) >= self.least:
                holder = _Holder(one, _short(type(one)), steps, "group")
                holder.suffix, below, above = "[*]", child, one
                while id(below) in example:
                    deeper = example[id(below)]
                    holder.suffix += self._hop(below, deeper, above)
                    above, below = below, deeper
                self._weigh_below(holder, below)
                self.holders.append(holder)
                return
            example.update((number, entry[3]) for number, entry in parents.items())
            children = {number: entry[1] for number, entry in parents.items()}

    def _closes_over(self, function, wanted):
        return any(part is not None and id(part) in wanted for part in (function.__closure__, function.__defaults__, function.__kwdefaults__))

    def _weigh_below(self, holder, one):
        inner = _Holder(one, "", holder.grown, "")
        self._weigh(inner)
        holder.bytes, holder.elements, holder.weak = inner.bytes, [_short(type(one))] + inner.elements, inner.weak
        holder.loose = inner.loose

    # -- from new objects back to a root

    def _chain(self):
        """No container grew, and yet there are more objects of some type: a chain, or something that the collector cannot see. Asks new ones who holds them."""
        names = [row["name"] for row in self.types if row["count"] >= self.least * len(self.marks)]
        # Types of the application say more than dict and tuple.
        names.sort(key=lambda name: "." not in name)
        for name in names[:4]:
            self.deadline.check()
            new = [one for one in gc.get_objects() if _name(type(one)) == name and not self._existed(id(one)) and not self._ignorable(one)]
            row = next(row for row in self.types if row["name"] == name)
            count = len(new)
            for one in new[-1:] + new[:1]:
                holder = _Holder(one, _short(type(one)), [row["count"] // len(self.marks)] * len(self.marks), "chain")
                holder.bytes = row["bytes"] / max(1, row["count"])
                holder.elements = [_short(type(one))]
                del new[:]
                self._find_path(holder)
                if holder.root != "unknown":
                    self.holders.append(holder)
                    return
            del new
            if count:
                continue

    # -- the way to it

    def _ignorable(self, one):
        kind = type(one)
        if kind is _frame_type:
            return one.f_code.co_filename == _FILE
        return kind in (_Holder, _Search, _Mark, _Lengths) or id(one) in self.own or one is _marks or one is globals()

    def _find_path(self, holder):
        """Breadth first from the holder to what refers to it, until a root. An application's name is preferred to a library's that is a little nearer."""
        kept, came, own = [holder.one], {id(holder.one): -1}, self.own
        own.update((id(kept), id(came)))
        frontier, best, since = [holder.one], None, 0
        own.add(id(self.holders))
        for _ in range(24):
            self.deadline.check()
            own.add(id(frontier))
            wanted = {id(one) for one in frontier}
            found = _referrers(*frontier)
            own.add(id(found))
            coming = []
            own.add(id(coming))
            for parent in found:
                if id(parent) in came or self._ignorable(parent):
                    continue
                child = next((part for part in _referents(parent) if id(part) in wanted), None)
                if child is None:
                    continue
                came[id(parent)] = id(child)
                root = self._root(parent, child)
                if root is None or root[0] == "function":
                    # A function may have a better name: the one that a module knows it by.
                    kept.append(parent)
                    coming.append(parent)
                if root is None:
                    continue
                kind, rank, app = root
                # The application first, then what has a name, then what is merely running.
                rank = (not app, rank, self._depth(came, id(parent)))
                if best is None or rank < best[0]:
                    kept.append(parent)
                    best = (rank, parent, kind, app)
            del found
            if best is not None:
                since += 1
                if best[0][0] is False and best[0][1] == 0 or since > 4:
                    break
            # The fewer elements, the more likely a part of a structure and not a collection of everything.
            frontier = coming[:60]
            if not frontier:
                break
        if best is None:
            holder.path, holder.root = self._rootless(holder.one), "unknown" if kept[1:] else "interpreter"
        else:
            _, one, holder.root, holder.app = best
            holder.path, above = self._describe(one, came, kept)
            if holder.suffix and above is not None and self._has_attributes(above, holder.one):
                # What is written as a key is an attribute, of this object or (threading.local) of each thread's.
                name, _, more = holder.suffix.replace("[*]", "", 1)[2:].partition("']")
                holder.suffix = ".%s%s" % (name, more)
        holder.path += holder.suffix

    def _depth(self, came, number):
        depth = 0
        while number != -1 and depth < 20:
            number = came[number]
            depth += 1
        return depth

    def _root(self, one, child):
        """What outlives a request and has a name: (kind, rank, whether it is the application's)."""
        if self._is_space(one):
            return ("module", 0, self._app_module(self.spaces[id(one)]))
        kind = type(one)
        if type in _mro(kind):
            return ("class", 0, self._app_module(_dict_of_type(one).get("__module__")))
        if kind is _function_type:
            return ("function", 1, self.owner.app(one.__code__.co_filename))
        if kind is _frame_type:
            return ("thread", 2, self.owner.app(one.f_code.co_filename)) if self._running(one) else None
        if kind is _coroutine_type:
            return ("task", 2, self.owner.app(one.cr_code.co_filename))
        return None

    def _running(self, frame):
        for current in sys._current_frames().values():
            while current is not None:
                if current is frame:
                    return True
                current = current.f_back
        return False

    def _app_module(self, name):
        if name == "__main__":
            return True
        module = sys.modules.get(name) if type(name) is str else None
        file = _dict_of_module(module).get("__file__") if module is not None and _module_type in _mro(type(module)) else None
        return type(file) is str and self.owner.app(file)

    def _describe(self, root, came, kept):
        """The way from the root down, as one would write it: shop.cache.RECENT, shop.Pool.instances['x'].items; and the owner of what it leads to."""
        by_id = {id(one): one for one in kept}
        self.own.add(id(by_id))
        chain, number = [], id(root)
        while number != -1:
            chain.append(by_id[number])
            number = came[number]
        self.own.add(id(chain))
        text, index = self._root_name(chain)
        last = None
        while index + 1 < len(chain):
            one, child = chain[index], chain[index + 1]
            if type(one) is _function_type:
                more, reached = self._in_function(one, chain, index)
                if reached > index:
                    text, last, index = text + more, one, reached
                    continue
            if _is(one, _thread._local) and type(child) is dict and index + 2 < len(chain) and type(chain[index + 2]) is dict:
                # From the threading.local over the table of its threads to the attributes of one.
                last, index = one, index + 2
                continue
            text += self._hop(one, child, last)
            if last is not None and text.endswith("._state") and _name(type(last)) == "starlette.datastructures.State":
                # What is written app.state.orders stands in app.state._state["orders"].
                text, one = text[:-7], last
            last, index = one, index + 1
        return text, last or (chain[-2] if len(chain) > 1 else None)

    def _root_name(self, chain):
        """Text for the root and the hops that are written with it, and the index of the node that it reaches."""
        root = chain[0]
        if self._is_space(root):
            module, child = self.spaces[id(root)], chain[1] if len(chain) > 1 else None
            names = [key for key, value in list(root.items()) if value is child and type(key) is str]
            # A public name says more than one that an import made.
            names.sort(key=lambda name: (name.startswith("__"), len(name)))
            return "%s.%s" % (module, names[0] if names else "?"), 1
        if type in _mro(type(root)):
            text = _name(root)
            if len(chain) > 2 and type(chain[1]) is dict:
                return text + self._key(chain[1], chain[2], True), 2
            return text, 0
        if type(root) is _function_type:
            text = "%s.%s" % (root.__module__, root.__qualname__)
            more, steps = self._in_function(root, chain)
            return text + more, steps
        if type(root) is _coroutine_type:
            return "task %s (%s)" % (root.__qualname__, os.path.basename(root.cr_code.co_filename)), 1
        code = root.f_code
        return "running %s (%s)" % (getattr(code, "co_qualname", code.co_name), os.path.basename(code.co_filename)), 1

    def _in_function(self, function, chain, index=0):
        child = chain[index + 1] if index + 1 < len(chain) else None
        code = function.__code__
        if child is not None and child is function.__closure__ and index + 2 < len(chain):
            cell = chain[index + 2]
            place = next((number for number, one in enumerate(child) if one is cell), -1)
            name = code.co_freevars[place] if 0 <= place < len(code.co_freevars) else "?"
            return " (closure %s)" % name, index + 2
        if child is not None and child is function.__defaults__ and index + 2 < len(chain):
            place = next((number for number, one in enumerate(child) if one is chain[index + 2]), 0)
            names = code.co_varnames[:code.co_argcount][-len(child):]
            return " (default %s)" % (names[place] if place < len(names) else "?"), index + 2
        if child is not None and child is function.__kwdefaults__ and index + 2 < len(chain):
            return " (default %s)" % self._key(child, chain[index + 2], True).lstrip("."), index + 2
        return "", index

    def _hop(self, one, child, above):
        """How the child is written, seen from its owner."""
        kind = type(one)
        if kind is dict or _is(one, dict) and type(child) is not dict and not self._is_attributes(one, child):
            return self._key(one, child, above is not None and self._has_attributes(above, one))
        if _is(one, list) or _is(one, tuple):
            parts = tuple.__iter__(one) if _is(one, tuple) else list.__iter__(one)
            place = next((number for number, part in enumerate(parts) if part is child), None)
            if place is None:
                return "." + self._attribute(one, child)
            # Places of a named tuple have names.
            names = _dict_of_type(kind).get("_fields")
            return "." + names[place] if type(names) is tuple and place < len(names) else "[%s]" % place
        if _is(one, set) or kind is frozenset:
            return "{…}"
        if _is(one, self.measures.deque):
            return "[…]"
        if kind is _cell_type or kind is _module_type:
            return ""
        if kind is self.measures.cache:
            return ".<lru_cache>" if type(child) is dict else "." + self._attribute(one, child)
        if kind is _function_type:
            for name in ("__closure__", "__defaults__", "__kwdefaults__", "__dict__"):
                if getattr(one, name) is child:
                    return "" if name == "__dict__" else ".%s" % name
            return ""
        if kind is _method_type:
            return ".__self__" if one.__self__ is child else ""
        if type(child) is dict and self._has_attributes(one, child):
            return ""
        return "." + self._attribute(one, child)

    def _is_attributes(self, one, child):
        return self._attributes(one) is child

    def _has_attributes(self, one, space):
        """Whether this dictionary holds the attributes of that object."""
        if type(one) in (dict, list, tuple, set, frozenset, _cell_type) or type(space) is not dict:
            return False
        # Each thread has its own attributes of a threading.local.
        if type in _mro(type(one)) or self._attributes(one) is space or _is(one, _thread._local):
            return True
        return _name(type(one)) == "starlette.datastructures.State"

    def _attributes(self, one):
        for base in _mro(type(one)):
            found = _dict_of_type(base).get("__dict__")
            if found is not None and type(found).__name__ == "getset_descriptor":
                try:
                    return found.__get__(one)
                except (AttributeError, TypeError):
                    return None
        return None

    def _attribute(self, one, child):
        for base in _mro(type(one)):
            for name, member in list(_dict_of_type(base).items()):
                if type(member) is _member_type:
                    try:
                        if member.__get__(one) is child:
                            return name
                    except (AttributeError, TypeError):
                        pass
        space = self._attributes(one)
        if type(space) is dict:
            for name, value in list(space.items()):
                if value is child:
                    return name if type(name) is str else "?"
        return "<%s>" % _short(type(one))

    def _key(self, space, child, attribute):
        for key, value in list(dict.items(space)):
            if value is child:
                if attribute and type(key) is str:
                    return "." + key
                if type(key) in (str, int, bool, bytes):
                    text = repr(key)
                    return "[%s]" % (text if len(text) <= 48 else text[:44] + "…" + text[-1])
                return "[<%s>]" % _short(type(key))
            if key is child:
                return ".<key>"
        return "[?]"

    def _rootless(self, one):
        """A name for what nothing that the collector sees refers to: a local of a running function, since 3.11, or a part of an extension."""
        running = set()
        for current in sys._current_frames().values():
            while current is not None:
                code = current.f_code
                if code.co_filename != _FILE and self.owner.app(code.co_filename):
                    name = self._local(current, one)
                    text = "%s (%s)" % (getattr(code, "co_qualname", code.co_name), os.path.basename(code.co_filename))
                    if name:
                        return "running %s.%s" % (text, name)
                    if current.f_code.co_name != "<module>":
                        running.add(text)
                current = current.f_back
        if running:
            return "a %s that only a running function or an extension holds; running: %s" % (_short(type(one)), ", ".join(sorted(running)[:4]))
        return "a %s that only a running function or an extension holds" % _short(type(one))

    def _local(self, frame, one):
        """Name of the local that is this object. Only where reading one does not write into the frame: since 3.13 (PEP 667)."""
        if sys.version_info < (3, 13):
            return ""
        for name in frame.f_code.co_varnames:
            try:
                if frame.f_locals[name] is one:
                    return name
            except KeyError:
                pass
        return ""

    def _find_stores(self):
        """Finds, in the sources of the application, the statements that put something into the best holders."""
        for holder in [holder for holder in self.holders if holder.path and not holder.weak][:3]:
            names = _names_in(holder.path)
            if not names or holder.stored:
                continue
            if self.files is None:
                self.files = self._sources()
            found = []
            for file in self.files:
                self.deadline.check()
                # The module at the root is where it is most likely done.
                try:
                    stores = _stores_in(file[2], names)
                except RecursionError:
                    continue
                found += [(rank, file[0] != names[0], file, line, function) for rank, line, function in stores]
            found.sort(key=lambda one: one[:2])
            for rank, _, file, line, function in found:
                if rank == found[0][0] and len(holder.stored) < 4:
                    text = file[3][line - 1].strip()[:200] if line <= len(file[3]) else ""
                    holder.stored.append({"file": file[1], "line": line, "function": function, "text": text, "exact": rank in (0, 3)})

    def _sources(self):
        """The parsed modules of the application: (name, file, tree, lines)."""
        import ast
        import tokenize

        files, seen = [], set()
        for name, _, space in _spaces():
            file = space.get("__file__")
            if type(file) is not str or file in seen or not self.owner.app(file) or len(files) >= 300:
                continue
            seen.add(file)
            self.deadline.check()
            try:
                with tokenize.open(file) as source:
                    text = source.read(1 << 20)
                files.append((name, file, ast.parse(text), text.splitlines()))
            except (OSError, SyntaxError, ValueError, RecursionError):
                continue
        return files

    def answers(self):
        shown = [holder for holder in self.holders if holder.path]
        # Several objects under one path, as the lists of many threads, are one holder.
        merged = {}
        for holder in shown:
            known = merged.get((holder.path, holder.kind))
            if known is None:
                merged[(holder.path, holder.kind)] = holder
            else:
                known.grown = [one + other for one, other in zip(known.grown, holder.grown)]
        return [
            {
                "path": holder.path, "kind": holder.kind, "grown": holder.grown, "elements": holder.elements,
                "element_bytes": holder.bytes, "found": holder.found, "app": holder.app, "root": holder.root, "weak": holder.weak,
                "stored_at": holder.stored,
            }
            for holder in merged.values()
        ]


# --- which statement stores ---------------------------------------------------------------------------------------------------------------------

_MUTATORS = frozenset(
    "append appendleft extend extendleft insert add update setdefault put put_nowait push write writelines __setitem__ heappush insort".split())
# Methods of other objects whose names say that they keep what they are given.
_KEEPERS = ("add", "append", "connect", "register", "subscribe", "put", "push", "insert", "on", "listen", "attach", "set", "store", "save", "submit", "schedule",
            "create", "enqueue", "send", "publish", "record", "log", "track", "observe", "inc", "labels", "extend", "write")


def _names_in(path):
    """The identifiers of a path, without what is written in brackets: shop.Pool.items['x'] gives shop, Pool, items."""
    import re

    if " " in path and "(closure " not in path and "(default " not in path:
        return []
    inner = re.search(r"\((?:closure|default) (\w+)\)", path)
    names = re.findall(r"[A-Za-z_]\w*|<lru_cache>", re.sub(r"\[[^\]]*\]|\(.*?\)|<locals>", "", path))
    return names + ([inner.group(1)] if inner else [])


def _stores_in(tree, names):
    """Statements in functions that may put something into what these names lead to: (rank, line, function); rank 0 names it itself."""
    import ast

    cache = names[-1] == "<lru_cache>"
    last, around = names[-2 if cache else -1], frozenset(names[1:])
    found, functions = [], (ast.FunctionDef, ast.AsyncFunctionDef)

    def end_of(node):
        """The last name of an expression, through calls and subscripts: self.rows.setdefault(k, []) is about rows."""
        for _ in range(8):
            if isinstance(node, ast.Name):
                return node.id
            if isinstance(node, ast.Attribute):
                return node.attr
            if isinstance(node, ast.Subscript):
                node = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                node = node.func.value
            else:
                return None
        return None

    def chain_of(node):
        chain = []
        while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
            if isinstance(node, ast.Attribute):
                chain.append(node.attr)
            node = node.func if isinstance(node, ast.Call) else node.value
        return chain + [node.id] if isinstance(node, ast.Name) else chain

    def look(node, within):
        if cache and isinstance(node, functions) and node.name == last and node.decorator_list:
            wanted = [one for one in node.decorator_list if "cache" in ast.dump(one)] or node.decorator_list
            found.append((0, wanted[0].lineno, ".".join(within + [node.name])))
        if isinstance(node, functions + (ast.ClassDef,)):
            within = within + [node.name]
        if any(isinstance(one, functions) for one in path):
            name = ".".join(within)
            if isinstance(node, ast.Call):
                called, base = (node.func.attr, node.func.value) if isinstance(node.func, ast.Attribute) else (getattr(node.func, "id", ""), None)
                given = [one for one in list(node.args) + [word.value for word in node.keywords]]
                if called in _MUTATORS and base is not None and end_of(base) == last or called in ("heappush", "insort") and given and end_of(given[0]) == last:
                    found.append((0, node.lineno, name))
                elif base is not None and around.intersection(chain_of(base)):
                    keeps = called.lower().startswith(_KEEPERS)
                    found.append((1 if keeps else 4, node.lineno, name))
                elif any(isinstance(one, ast.Name) and one.id in around for one in given):
                    found.append((2, node.lineno, name))
            elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Subscript) and end_of(target.value) == last:
                        found.append((0, node.lineno, name))
                    elif isinstance(node, ast.AugAssign) and end_of(target) == last:
                        found.append((0, node.lineno, name))
                    elif isinstance(target, ast.Attribute) and target.attr == last or isinstance(target, ast.Name) and target.id == last and last in rebound:
                        found.append((3, node.lineno, name))
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            rebound.update(node.names)
        path.append(node)
        for child in ast.iter_child_nodes(node):
            look(child, within)
        path.pop()

    path, rebound = [], set()
    look(tree, [])
    return found


_COMMANDS = {
    "live": _live,
    "trace-start": _trace_start,
    "trace-mark": _trace_mark,
    "trace-stop": _trace_stop,
    "heap-mark": _heap_mark,
    "heap-diff": _heap_diff,
    "heap-forget": _heap_forget,
    "peak-start": _peak_start,
    "peak-stop": _peak_stop,
}
