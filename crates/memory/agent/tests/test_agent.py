"""The agent comes in by the environment, follows forks and spawns, answers, and changes nothing."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from conftest import PYTHON, wait_for


def test_it_says_hello_and_answers(shop):
    target = shop("KEPT = []\ndef request(n): KEPT.append(bytes(1000))")
    hello = target.agent.hello
    assert hello["plimsoll_agent"] == 1 and hello["pid"] == target.process.pid and hello["by"] == "environment"
    assert bytes.fromhex(hello["argv"]).split(b"\0")[1] == b"drive.py"
    first = target.agent.ask("live", collect=True)
    target.requests(1000)
    second = target.agent.ask("live", collect=True)
    assert second["collected"] and second["source"].startswith("pymalloc")
    assert 1_000_000 <= second["bytes"] - first["bytes"] <= 1_080_000
    assert 1_990 <= second["blocks"] - first["blocks"] <= 2_030 or second["blocks"] - first["blocks"] >= 990


def test_small_and_large_objects_are_both_seen(shop):
    target = shop("KEPT = []\ndef request(n): KEPT.append(bytes(64 - 33) if n % 2 else bytes(300_000))")
    target.requests(2)
    first = target.agent.ask("live", collect=True)["bytes"]
    target.requests(200)
    grown = target.agent.ask("live", collect=True)["bytes"] - first
    assert 100 * (64 + 300_033) <= grown <= 1.02 * 100 * (64 + 300_033) + 5_000


def test_what_is_freed_is_not_counted(shop):
    target = shop("def request(n):\n    one = {'n': [bytes(2000)]}\n    one['self'] = one")
    target.requests(300)
    before = target.agent.ask("live", collect=True)
    target.requests(300)
    after = target.agent.ask("live", collect=True)
    assert abs(after["blocks"] - before["blocks"]) < 30 and abs(after["bytes"] - before["bytes"]) < 300 * 60
    # The dict and its list, each time.
    assert 600 <= after["freed"] - before["freed"] <= 620


def test_asking_itself_leaves_nothing(shop):
    target = shop("def request(n): pass")
    for _ in range(5):
        target.agent.ask("live", collect=True)
    before = target.agent.ask("live", collect=True)["bytes"]
    for _ in range(200):
        last = target.agent.ask("live", collect=True)["bytes"]
    assert abs(last - before) < 2_000


LARGE = """
import gc
HEAP = [{"n": n} for n in range(400_000)]
LAST = [None]

def request(n):
    # An object that lives until the next request, in a cycle: older than a collection where requests are rare.
    one = {"text": [bytes(2_000)]}
    one["self"] = one
    LAST[0] = one
    if n == 900:
        open("frozen", "w").write(str(gc.get_freeze_count()))
"""


def test_what_was_put_aside_costs_nothing_until_it_is_taken_back(shop):
    target = shop(LARGE)
    whole = target.agent.ask("live", collect=True, aside=True)
    new = min((target.agent.ask("live", collect=True, new=True, aside=True) for _ in range(5)), key=lambda one: one["gc_ms"])
    if sys.version_info < (3, 14):
        assert new["gc_ms"] * 5 < whole["gc_ms"], (new, whole)
    assert abs(new["bytes"] - whole["bytes"]) < 5_000
    # Garbage among what is new is found; an object that was there at the last collection stays until a whole one.
    target.requests(200)
    assert abs(target.agent.ask("live", collect=True, new=True, aside=True)["bytes"] - new["bytes"]) < 20_000
    for _ in range(20):
        target.requests(1)
        more = target.agent.ask("live", collect=True, new=True, aside=True)
    back = target.agent.ask("live", collect=True)
    if sys.version_info < (3, 14):
        assert more["bytes"] - back["bytes"] > 19 * 2_000
    assert abs(back["bytes"] - whole["bytes"]) < 20_000


def test_the_application_finds_nothing_aside_when_the_session_is_over(shop):
    target = shop(LARGE)
    target.agent.ask("live", collect=True, aside=True)
    target.requests(900)
    target.agent.connection.close()
    target.agent.lines.close()
    time.sleep(0.5)
    target.requests(1)
    assert (pathlib.Path("/proc/%d/cwd/frozen" % target.process.pid)).read_text() == "0"


def test_marks_and_traces_leave_nothing(shop):
    target = shop("KEPT = []\ndef request(n): KEPT.append([n]); KEPT.clear()")
    sizes = []
    for _ in range(4):
        target.retained(count=20)
        target.agent.ask("heap-forget")
        target.agent.ask("trace-start", frames=10, roots=[])
        target.agent.ask("trace-mark")
        target.requests(20)
        target.agent.ask("trace-mark")
        target.agent.ask("trace-stop", top=10)
        sizes.append(target.agent.ask("live", collect=True))
    # Blocks are exact; bytes still settle for a while, since malloc counts what its thread caches keep.
    assert abs(sizes[3]["blocks"] - sizes[1]["blocks"]) < 50 and abs(sizes[3]["bytes"] - sizes[1]["bytes"]) < 200_000, sizes


def test_a_collector_that_is_switched_off_stays_off(shop):
    target = shop("import gc\ngc.disable()\ndef request(n):\n    one = {'n': [n]}\n    one['self'] = one")
    before = target.agent.ask("live", collect=True)
    target.requests(500)
    after = target.agent.ask("live", collect=True)
    assert not after["collected"] and after["bytes"] - before["bytes"] > 500 * 150


def test_the_allocating_line_is_the_application_s(shop, bench):
    library = bench.app / "lib" / "site-packages"
    library.mkdir(parents=True)
    (library / "deep.py").write_text("def build(n):\n    return inner(n)\ndef inner(n):\n    return [bytes(500) for _ in range(n)]\n")
    target = shop("""
        import sys
        sys.path.append("lib/site-packages")
        import deep
        CACHE = {}
        ONCE = []
        class Service:
            def price(self, n):
                return deep.build(4)
        def request(n):
            if not ONCE: ONCE.extend(deep.build(100))
            CACHE[n] = Service().price(n)
    """)
    target.requests(5)
    target.agent.ask("trace-start", frames=16, roots=[])
    for _ in range(3):
        target.agent.ask("trace-mark")
        target.requests(50)
    target.agent.ask("trace-mark")
    answer = target.agent.ask("trace-stop", top=10)
    line = answer["lines"][0]
    assert line["file"].endswith("/shop.py") and line["function"] == "Service.price" and line["app"]
    assert line["text"] == "return deep.build(4)" and "deep.py:4" in line["via"]
    steps = [after - before for before, after in zip(line["bytes"], line["bytes"][1:])]
    assert all(50 * 4 * 500 < step < 50 * 4 * 700 for step in steps), steps
    with pytest.raises(RuntimeError, match="nothing is traced"):
        target.agent.ask("trace-mark")


def test_an_application_that_traces_itself_is_left_alone(shop):
    target = shop("import tracemalloc\ntracemalloc.start()\ndef request(n): pass")
    with pytest.raises(RuntimeError, match="itself"):
        target.agent.ask("trace-start", frames=5, roots=[])


def test_the_peak_is_seen_between_collections(shop):
    target = shop("import time\ndef request(n):\n    rows = [bytes(1000) for _ in range(5000)]\n    time.sleep(0.05)")
    target.requests(1)
    target.agent.ask("peak-start", every_ms=2)
    target.requests(2)
    answer = target.agent.ask("peak-stop")
    assert 5_000_000 < answer["peak"] - answer["base"] < 6_500_000 and answer["looks"] > 5
    assert answer["after"] - answer["base"] < 300_000


def test_garbage_in_cycles_is_left_after_the_peak(shop):
    target = shop("import gc\ngc.set_threshold(100000, 1000, 1000)\ndef request(n):\n    one = {'rows': bytes(4_000_000)}\n    one['self'] = one")
    target.requests(1)
    target.agent.ask("live", collect=True)
    target.agent.ask("peak-start", every_ms=1)
    target.requests(1)
    answer = target.agent.ask("peak-stop")
    assert answer["peak"] - answer["base"] > 3_900_000 and answer["after"] - answer["base"] > 3_900_000


def test_an_existing_sitecustomize_runs_and_keeps_its_name(bench):
    bench.write("sitecustomize.py", "import sys\nsys.mark = 'mine'\nHERE = __name__\n")
    bench.write("app.py", "import sys, sitecustomize\nprint(sys.mark, sitecustomize.HERE, sitecustomize.__file__, any('agent-' in p for p in sys.path))")
    process = bench.start(PYTHON, "app.py")
    bench.meet()
    assert process.communicate()[0].split() == ["mine", "sitecustomize", str(bench.app / "sitecustomize.py"), "False"]


def test_without_a_sitecustomize_the_name_stays_free(bench):
    bench.write("app.py", "import sys\nprint('sitecustomize' in sys.modules)\ntry:\n    import sitecustomize\nexcept ImportError as e:\n    print(e.name)")
    process = bench.start(PYTHON, "app.py")
    bench.meet()
    out, err = process.communicate()
    assert out.split() == ["False", "sitecustomize"] and err == ""


def test_a_sitecustomize_that_fails_fails_as_before(bench):
    bench.write("sitecustomize.py", "raise ValueError('broken')")
    bench.write("app.py", "print('runs')")
    process = bench.start(PYTHON, "app.py")
    bench.meet()
    out, err = process.communicate()
    assert out.strip() == "runs" and "ValueError: broken" in err and "Error in sitecustomize" in err


@pytest.mark.parametrize("option", ["-I", "-E", "-S"])
def test_interpreters_that_ignore_the_environment_have_no_agent(bench, option):
    bench.write("app.py", "print('runs')")
    process = bench.start(PYTHON, option, "app.py")
    assert bench.nobody() and process.communicate()[0].strip() == "runs"


@pytest.mark.parametrize("socket", ["/nonexistent/s", "x" * 300, ""])
def test_without_a_listener_nothing_is_noticed(bench, socket):
    bench.write("app.py", "import threading\nprint(threading.active_count())")
    process = bench.start(PYTHON, "-W", "error", "app.py", environment={"PLIMSOLL_AGENT_SOCKET": socket})
    assert process.communicate() == ("1\n", "")


def test_the_application_sees_no_difference(bench):
    bench.write("app.py", """
        import sys, threading, os, signal, gc, warnings
        print([t.name for t in threading.enumerate()], sys.path, sys.argv, gc.isenabled(), gc.get_threshold(), gc.callbacks)
        print(os.open("/dev/null", os.O_RDONLY), signal.getsignal(signal.SIGTERM), warnings.filters[:2], sys.gettrace(), sys.getprofile())
        print("ctypes" in sys.modules, "json" in sys.modules, "threading" in sys.modules, signal.pthread_sigmask(signal.SIG_BLOCK, []))
    """)
    with_agent = bench.start(PYTHON, "-W", "error", "app.py")
    bench.meet()
    plain = subprocess.run([PYTHON, "-W", "error", "app.py"], cwd=bench.app, text=True, capture_output=True,
                           env={**bench.environment(), "PYTHONPATH": str(bench.app)})
    assert with_agent.communicate() == (plain.stdout, plain.stderr)


def test_forked_children_say_hello_and_outlive_their_parent(bench):
    bench.write("app.py", """
        import os, sys, time
        pid = os.fork()
        if pid:
            sys.stdin.readline()
            os._exit(0)
        KEPT = [bytes(1000) for _ in range(1000)]
        time.sleep(60)
    """)
    process = bench.start(PYTHON, "-W", "error", "app.py")
    parent, child = bench.meet(), bench.meet()
    assert child.hello["by"] == "fork" and child.hello["ppid"] == process.pid
    assert parent.ask("live", collect=True)["bytes"] > 0
    process.stdin.write("\n")
    process.stdin.flush()
    assert parent.gone() and process.wait(5) == 0
    assert child.ask("live", collect=True)["bytes"] > 1_000_000
    os.kill(child.hello["pid"], signal.SIGKILL)
    assert child.gone()


def test_many_forks_while_questions_are_asked(bench):
    bench.write("app.py", """
        import os, sys, warnings
        warnings.simplefilter("error")
        for _ in range(100):
            pid = os.fork()
            if not pid:
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
        print("done", flush=True)
        sys.stdin.readline()
    """)
    process = bench.start(PYTHON, "app.py")
    parent = bench.meet()
    for _ in range(20):
        parent.ask("live", collect=True, limit=20)
    # Every child connects; nobody has to accept them for it to go on.
    assert process.stdout.readline().strip() == "done", process.communicate()
    assert parent.ask("live", collect=True)["bytes"] > 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(bench, method):
    bench.write("app.py", f"""
        import multiprocessing, time
        def work(n):
            time.sleep(1)
            return n * n
        if __name__ == "__main__":
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                print(pool.map(work, [2, 3]), flush=True)
    """)
    process = bench.start(PYTHON, "app.py")
    agents = [bench.meet() for _ in range(3)]
    assert len({agent.hello["pid"] for agent in agents}) == 3
    assert process.communicate(timeout=20)[0].strip() == "[4, 9]"


def test_children_that_are_no_python_are_undisturbed(bench):
    bench.write("app.py", """
        import os, subprocess, sys
        print(subprocess.run(["sh", "-c", "ls -l /proc/self/fd | grep -c socket; echo $0"], capture_output=True, text=True).stdout.split())
        print(subprocess.run(["env"], preexec_fn=os.getpid, capture_output=True, text=True).returncode)
        sys.stdout.flush()
        os.execvp("echo", ["echo", "replaced"])
    """)
    process = bench.start(PYTHON, "app.py")
    agent = bench.meet()
    out, err = process.communicate(timeout=10)
    assert out.split("\n")[:3] == ["['0', 'sh']", "0", "replaced"], (out, err)
    assert agent.gone()


def test_a_daemon_that_closes_all_descriptors_is_not_read_from(bench):
    bench.write("app.py", """
        import os, sys, time
        os.closerange(3, 1024)
        kept = [os.open("/dev/null", os.O_RDWR) for _ in range(3)]
        fds = []
        while len(fds) < 400: fds.append(os.pipe())
        for r, w in fds: os.write(w, b"x")
        time.sleep(0.2)
        assert all(os.read(r, 10) == b"x" for r, w in fds)
        print("intact")
    """)
    process = bench.start(PYTHON, "app.py")
    agent = bench.meet()
    try:
        agent.ask("live", collect=True, limit=3)
    except (OSError, ValueError):
        pass
    assert process.communicate(timeout=10) == ("intact\n", "")


def test_a_blocked_interpreter_does_not_answer_until_it_runs_again(bench):
    # pow() on large numbers holds the interpreter's lock.
    bench.write("app.py", "import sys\nprint('go', flush=True)\nsys.stdin.readline()\npow(3, 7**20000, 10**2500)\nprint('on', flush=True)\nsys.stdin.readline()")
    process = bench.start(PYTHON, "app.py")
    agent = bench.meet()
    process.stdout.readline()
    process.stdin.write("\n")
    process.stdin.flush()
    time.sleep(0.3)
    began = time.monotonic()
    agent.ask("live", collect=True, limit=60)
    process.stdout.readline()
    assert time.monotonic() - began > 0.3


def test_it_ends_with_its_questioner_and_the_application_goes_on(bench):
    bench.write("app.py", "import sys\nsys.stdin.readline()\nprint('still here')")
    process = bench.start(PYTHON, "app.py")
    agent = bench.meet()
    threads = "/proc/%d/task" % process.pid
    assert wait_for(lambda: len(os.listdir(threads)) == 2)
    agent.lines.close()
    agent.connection.close()
    assert wait_for(lambda: len(os.listdir(threads)) == 1)
    assert process.communicate("\n")[0] == "still here\n"


def test_signals_go_to_the_application(bench):
    bench.write("app.py", """
        import signal, sys
        signal.signal(signal.SIGUSR1, lambda *_: None)
        print("go", flush=True)
        for _ in range(50):
            signal.pause()
        print("heard", flush=True)
    """)
    process = bench.start(PYTHON, "app.py")
    bench.meet()
    process.stdout.readline()
    for _ in range(50):
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.005)
    # Signals that come together are one; send until it has had enough.
    assert wait_for(lambda: process.poll() is not None or process.send_signal(signal.SIGUSR1))
    assert process.communicate()[0].strip() == "heard"


def test_nonsense_is_answered_with_an_error(shop):
    target = shop("def request(n): pass")
    with pytest.raises(RuntimeError, match="KeyError"):
        target.agent.ask("no-such-thing")
    target.agent.connection.sendall(b"no json\n")
    assert b"error" in target.agent.lines.readline()
    assert target.agent.ask("live", collect=False)["collected"] is False


def test_asyncio_tasks_are_counted(shop):
    target = shop("""
        import asyncio
        loop = asyncio.new_event_loop()
        async def one():
            KEPT.append(asyncio.ensure_future(asyncio.sleep(1000)))
            await asyncio.sleep(0)
        KEPT = []
        def request(n): loop.run_until_complete(one())
    """)
    assert target.agent.ask("live", collect=True)["tasks"] == 0
    target.requests(7)
    assert target.agent.ask("live", collect=True)["tasks"] == 7


@pytest.mark.skipif(PYTHON != sys.executable, reason="the servers are installed for the lab's interpreter")
@pytest.mark.parametrize("command", [
    ["-m", "uvicorn", "served:app", "--workers", "2"],
    ["-m", "gunicorn", "served:app", "-w", "2", "-k", "uvicorn.workers.UvicornWorker"],
    ["-m", "gunicorn", "served:wsgi", "-w", "2", "-k", "sync", "--preload"],
    ["-m", "gunicorn", "served:wsgi", "-w", "2", "-k", "gthread"],
], ids=["uvicorn", "gunicorn-uvicorn", "gunicorn-preload", "gunicorn-gthread"])
def test_servers_with_workers(bench, command):
    pytest.importorskip(command[1])
    bench.write("served.py", """
        KEPT = []
        async def app(scope, receive, send):
            if scope["type"] == "lifespan":
                while True:
                    message = await receive()
                    await send({"type": message["type"] + ".complete"})
                    if message["type"].endswith("shutdown"): return
            KEPT.append(scope["path"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"ok"})
        def wsgi(environ, start):
            KEPT.append(environ["PATH_INFO"])
            start("200 OK", [])
            return [b"ok"]
    """)
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ["--port", str(port)] if command[1] == "uvicorn" else ["-b", "127.0.0.1:%d" % port]
    process = bench.start(PYTHON, *command, *address)
    try:
        agents = [bench.meet(20)]
        parents = lambda: {agent.hello["ppid"] for agent in agents}  # noqa: E731
        while sum(agent.hello["ppid"] == process.pid for agent in agents) < 2:
            agents.append(bench.meet(20))
        assert process.pid in parents()
        workers = [agent for agent in agents if agent.hello["ppid"] == process.pid]
        for worker in workers:
            assert worker.ask("live", collect=True)["bytes"] > 1_000_000
    finally:
        process.terminate()
        process.wait(15)
    assert all(worker.gone() for worker in workers)
