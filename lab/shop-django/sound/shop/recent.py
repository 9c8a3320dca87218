"""Recently seen products: the last twelve, filled up with products of the list at first."""
import threading
from collections import deque

from . import store

SIZE = 12
FIELDS = ["id", "name", "category", "price", "stock"]


class Recent:
    def __init__(self):
        self.products = deque(maxlen=SIZE)
        self.lock = threading.Lock()

    def _fill(self):
        if not self.products:
            answer = store.client.scan(TableName=store.PRODUCTS, Limit=SIZE, **store.projection(FIELDS))
            self.products.extend(store.from_store(item) for item in answer["Items"])

    def seen(self, product):
        summary = {name: product[name] for name in FIELDS}
        with self.lock:
            self._fill()
            for known in list(self.products):
                if known["id"] == summary["id"]:
                    self.products.remove(known)
            self.products.appendleft(summary)

    def items(self):
        with self.lock:
            self._fill()
            return list(self.products)


recent = Recent()
