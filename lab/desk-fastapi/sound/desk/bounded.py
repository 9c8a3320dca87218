"""Containers that cannot outgrow their bound."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """At most `entries` values, none older than `seconds`; the least recently used one goes first."""

    def __init__(self, entries: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries = entries
        self._seconds = seconds
        self._clock = clock
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: K) -> V | None:
        with self._lock:
            held = self._values.get(key)
            if held is None:
                return None
            if held[0] <= self._clock():
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return held[1]

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._values[key] = (self._clock() + self._seconds, value)
            self._values.move_to_end(key)
            while len(self._values) > self._entries:
                self._values.popitem(last=False)

    def __len__(self) -> int:
        return len(self._values)


class FixedWindow:
    """Counts requests per client in windows of fixed length; remembers at most `clients` of them."""

    def __init__(
        self, limit: int, seconds: int, clients: int = 4096, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self.seconds = seconds
        self._clients = clients
        self._clock = clock
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, client: str) -> tuple[bool, int, int]:
        """(allowed, remaining, seconds until the window ends)."""
        now = self._clock()
        ends, used = self._counts.get(client, (0.0, 0))
        if ends <= now:
            ends, used = now + self.seconds, 0
        used += 1
        self._counts[client] = (ends, used)
        self._counts.move_to_end(client)
        while len(self._counts) > self._clients:
            self._counts.popitem(last=False)
        return used <= self.limit, max(0, self.limit - used), max(1, round(ends - now))
