"""How the faults of writing orders show in the FastAPI shop. Not a test itself.

What is written here is removed again: later questions must not meet it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi_faults import Side

LONG_KEY = "k" * 2500


def placed(side: Side, **line: object) -> str | None:
    """The path of a new order of one line, None when it is refused; whoever asks removes it."""
    line = {"product_id": "prod-00001", "quantity": 1, "price": 1, **line}
    answer = side.signed.post("/orders", json={"customer_id": "cust-299", "lines": [line]})
    return f"/orders/cust-299/{answer.json()['order_id']}" if answer.status_code == 201 else None


def takes(**line: object) -> Callable[[Side], bool]:
    def shows(side: Side) -> bool:
        if (path := placed(side, **line)) is None:
            return False
        side.signed.delete(path)
        return True

    return shows


def unknown_product_breaks_the_list(side: Side) -> bool:
    path = placed(side, product_id="prod-99999")
    try:
        return side.fails("/customers/cust-299/orders?expand=product", signed=True)
    finally:
        if path:
            side.signed.delete(path)


def refused_order_key(side: Side) -> bool:
    answers = [
        side.signed.post("/orders", json={"customer_id": LONG_KEY, "lines": []}),
        side.signed.patch(f"/orders/{LONG_KEY}/ord-000001", json={"status": "paid"}),
        side.signed.delete(f"/orders/{LONG_KEY}/ord-000001"),
    ]
    return all("ValidationException" in answer.text for answer in answers)
