"""Work in the background."""

import threading

from . import store

_stop = threading.Event()
_worker = None


def sweep():
    store.flush()


def work():
    while not _stop.wait(1):
        sweep()


def start():
    global _worker
    _worker = threading.Thread(target=work, daemon=True)
    _worker.start()


def stop():
    _stop.set()
