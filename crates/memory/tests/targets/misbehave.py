"""A server that misbehaves in one way: `misbehave.py WAY [ARGUMENT]`. It listens on a free port of loopback and prints it.

Ways: sound, late SECONDS, dies-at-once, dies-when-asked, deaf (listens, never answers), mute (listens nowhere), tree (a child in a session of its own
and an orphan that daemonised), bomb COUNT (starts children when asked for /bomb), stubborn (ignores SIGTERM), chatty (prints without end),
homeless (deletes its working directory), grows (takes memory when asked for /grow), limits (changes its own limit), worker-dies (a master that
replaces its worker when asked for /quit), reloader (the port is served by a child), forks (a short-lived child for each request).
"""

import ctypes
import http.server
import os
import resource
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time

KEPT = []
ASKED = [0]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        act(self.path)
        body = b"{}"
        self.send_response(500 if self.path.startswith("/flaky") and ASKED[0] > 30 else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def act(path):
    path = path.split("?")[0]
    if path == "/die":
        sys.stderr.write("it was asked to die\n")
        sys.stderr.flush()
        os._exit(7)
    elif path == "/abort":
        os.kill(os.getpid(), signal.SIGKILL)
    elif path == "/bomb":
        for _ in range(int(sys.argv[2])):
            # As small as a process can be: that many interpreters would need longer to start than a request may take.
            KEPT.append(subprocess.Popen(["sleep", "300"], start_new_session=True))
    elif path == "/grow":
        KEPT.append(bytearray(os.urandom(1)) * (64 << 20))
    elif path == "/explode":
        KEPT.append(b"x" * (1 << 40))
    elif path == "/fork":
        child = os.fork()
        if child == 0:
            time.sleep(0.4)
            os._exit(0)
    elif path == "/flaky":
        ASKED[0] += 1
    elif path == "/block":
        # A call that keeps the interpreter's lock: nothing else of Python runs meanwhile.
        ctypes.PyDLL(None).sleep(300)
    elif path == "/hang":
        time.sleep(300)
    elif path == "/quit":
        os._exit(0)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64


def serve(server=None):
    server = server or Server(("127.0.0.1", 0), Handler)
    print("port", server.server_address[1], flush=True)
    server.serve_forever()


def daemonise():
    """Leaves two processes that are nobody's children: one in a session of its own, one that forked twice."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(300)
        os._exit(0)
    os.wait()


def master(start):
    """Keeps one worker on an inherited socket and replaces it when it ends."""
    server = Server(("127.0.0.1", 0), Handler)
    while True:
        worker = os.fork()
        if worker == 0:
            serve(server)
        os.waitpid(worker, 0)
        if not start:
            os._exit(1)


def main():
    way = sys.argv[1]
    if way == "late":
        time.sleep(float(sys.argv[2]))
    elif way == "dies-at-once":
        print("reading the configuration", flush=True)
        sys.exit("error: the table `orders` does not exist")
    elif way == "deaf":
        listener = socket.create_server(("127.0.0.1", 0))
        time.sleep(300)
        listener.close()
    elif way == "mute":
        print("waiting for the database", flush=True)
        time.sleep(300)
    elif way == "takes":
        listener = socket.create_server(("127.0.0.1", int(sys.argv[2])))
    elif way == "stays-without":
        print("address already in use, trying for ever", flush=True)
        time.sleep(300)
    elif way == "tree":
        daemonise()
    elif way == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    elif way == "chatty":
        line = b"y" * 4095 + b"\n"
        for stream in (1, 2):
            threading.Thread(target=write_for_ever, args=(stream, line), daemon=True).start()
    elif way == "homeless":
        shutil.rmtree(os.getcwd())
    elif way == "limits":
        resource.setrlimit(resource.RLIMIT_DATA, (700 << 20, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    elif way == "worker-dies":
        master(True)
    elif way == "two-ports":
        other = socket.create_server(("127.0.0.1", 0))
        print("other", other.getsockname()[1], flush=True)
        threading.Thread(target=talk, args=(other,), daemon=True).start()
    serve()


def write_for_ever(stream, line):
    while True:
        os.write(stream, line)


def talk(other):
    """Something that is no HTTP."""
    while True:
        client, _ = other.accept()
        client.recv(100)
        client.sendall(b"220 mail.example ESMTP\r\n")
        client.close()


main()
