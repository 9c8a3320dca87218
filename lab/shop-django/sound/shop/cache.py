"""A small cache that forgets: bounded in entries and in age."""
import threading
import time
from collections import OrderedDict


class Bounded:
    def __init__(self, entries, seconds):
        self.entries = entries
        self.seconds = seconds
        self.values = OrderedDict()
        self.lock = threading.Lock()

    def fetch(self, key, make):
        now = time.monotonic()
        with self.lock:
            if key in self.values:
                made, value = self.values[key]
                if now - made < self.seconds:
                    self.values.move_to_end(key)
                    return value
        value = make()
        with self.lock:
            self.values[key] = (now, value)
            self.values.move_to_end(key)
            while len(self.values) > self.entries:
                self.values.popitem(last=False)
        return value
