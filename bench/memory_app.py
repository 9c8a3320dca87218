"""The application that the cost of looking is measured on: FastAPI, a page of orders made, checked and encoded for every request. It retains nothing."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Order(BaseModel):
    id: int
    customer: str
    lines: list[dict]


@app.get("/orders/{page}")
def orders(page: int) -> list[Order]:
    return [{"id": n, "customer": "c-%d" % (n % 7), "lines": [{"sku": "s-%d" % k, "quantity": k} for k in range(4)]} for n in range(page, page + 30)]
