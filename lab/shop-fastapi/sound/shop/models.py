"""What goes in and out: every length, number and set of values has a bound in the contract."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from .inputs import DIGITS, Number, WholeNumber

PAGE = 100
WHOLE_ORDERS = 50
MAX_TOTAL = 1_000_000

ProductId = Annotated[str, Path(pattern=r"^prod-[0-9]{5}$", max_length=10, examples=["prod-00001"])]
CustomerId = Annotated[str, Path(pattern=r"^cust-[0-9]{3}$", max_length=8, examples=["cust-001"])]
OrderId = Annotated[str, Path(pattern=r"^ord-[0-9a-f]{6,12}$", max_length=16, examples=["ord-000001"])]
CategoryName = Annotated[str, Path(pattern=r"^[a-z]{1,40}$", max_length=40, examples=["chairs"])]
Limit = Annotated[int, Query(ge=1, le=PAGE), DIGITS]
# Whole orders are large: fewer of them make a page.
OrderLimit = Annotated[int, Query(ge=1, le=WHOLE_ORDERS), DIGITS]
Status = Literal["new", "paid", "packed", "sent", "delivered", "returned"]

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Price = Annotated[float, Field(ge=0, le=MAX_TOTAL)]
NextCursor = Annotated[str | None, Field(max_length=512, description="Cursor of the next page; null on the last one.")]
Identifier = Annotated[str, Field(max_length=20)]
Name = Annotated[str, Field(max_length=200)]


class ProductLine(BaseModel):
    id: Identifier
    name: Name
    category: Annotated[str, Field(max_length=40)]
    price: Price


class ProductSummary(ProductLine):
    stock: Count


class ProductDetail(ProductSummary):
    description: str = Field(max_length=1500)
    description_complete: bool = Field(description="False when the description was cut at 1,500 characters.")
    tags: list[Annotated[str, Field(max_length=40)]] = Field(max_length=20)


class ProductPage(BaseModel):
    items: list[ProductSummary] = Field(max_length=PAGE)
    count: Count
    next_cursor: NextCursor = None


class ProductList(BaseModel):
    items: list[ProductLine] = Field(max_length=50)
    count: Count


class SearchPage(BaseModel):
    items: list[ProductLine] = Field(max_length=PAGE)
    count: Count
    q: str = Field(max_length=64)
    next_cursor: NextCursor = None


class Suggestions(BaseModel):
    items: list[Name] = Field(max_length=10)
    count: Count
    more: bool = Field(description="True when there are names beyond these.")


class CategoryCount(BaseModel):
    category: str = Field(max_length=40)
    products: Count


class CategoryList(BaseModel):
    items: list[CategoryCount] = Field(max_length=100)
    count: Count


class Loyalty(BaseModel):
    tier: str = Field(max_length=16)
    points: Count


class Contact(BaseModel):
    """Contact data, masked: enough to recognise it, not enough to use it."""

    name: Name
    email: str | None = Field(None, max_length=64)
    phone: str | None = Field(None, max_length=32)


class CustomerRecord(Contact):
    id: Identifier
    city: str = Field(max_length=80)
    loyalty: Loyalty


class CustomerPage(BaseModel):
    items: list[CustomerRecord] = Field(max_length=PAGE)
    count: Count
    next_cursor: NextCursor = None


class LineProduct(BaseModel):
    id: Identifier
    name: Name
    price: Price


class OrderLine(BaseModel):
    product_id: Identifier
    quantity: int = Field(ge=1, le=100)
    price: Price
    product: LineProduct | None = None


class OrderSummary(BaseModel):
    customer_id: Identifier
    order_id: Identifier
    status: Status
    total: Price
    created_at: str = Field(max_length=32)


class Order(OrderSummary):
    lines: list[OrderLine] = Field(max_length=50)
    note: str = Field("", max_length=500)


class OrderDetail(Order):
    contact: Contact


class OrderSummaryPage(BaseModel):
    items: list[OrderSummary] = Field(max_length=PAGE)
    count: Count
    next_cursor: NextCursor = None


class OrderPage(BaseModel):
    items: list[Order] = Field(max_length=WHOLE_ORDERS)
    count: Count
    next_cursor: NextCursor = None


class NewLine(BaseModel):
    model_config = ConfigDict(extra="ignore")

    product_id: str = Field(pattern=r"^prod-[0-9]{5}$", max_length=10)
    quantity: WholeNumber = Field(ge=1, le=100)
    price: Number = Field(ge=0.01, le=10_000, allow_inf_nan=False, description="Rounded to cents.")

    @property
    def cents(self) -> Decimal:
        """The price as it is stored."""
        return Decimal(str(round(self.price, 2)))


class NewOrder(BaseModel):
    customer_id: str = Field(pattern=r"^cust-[0-9]{3}$", max_length=8)
    lines: list[NewLine] = Field(
        min_length=1, max_length=50, description=f"Together at most {MAX_TOTAL:,}; what comes to more is refused."
    )
    note: str = Field("", max_length=500)

    @property
    def total(self) -> Decimal:
        return sum((line.cents * line.quantity for line in self.lines), Decimal(0))

    @model_validator(mode="after")
    def _affordable(self) -> NewOrder:
        if self.total > MAX_TOTAL:
            raise ValueError("the total is too large")
        return self


class OrderChange(BaseModel):
    status: Status | None = None
    note: str | None = Field(None, max_length=500)


class SalesGroup(BaseModel):
    group: str = Field(max_length=40)
    orders: Count


class SalesReport(BaseModel):
    items: list[SalesGroup] = Field(max_length=400)
    count: Count


class DayCount(BaseModel):
    day: date
    orders: Count


class DailyReport(BaseModel):
    items: list[DayCount] = Field(max_length=31)
    count: Count


def masked_email(value: str | None) -> str | None:
    """`anna@mail.example` becomes `a***@m***`."""
    if not value or "@" not in value:
        return None
    local, _, host = value.partition("@")
    return f"{local[:1]}***@{host[:1]}***"


def masked_phone(value: str | None) -> str | None:
    """Only the last two digits stay."""
    return f"***{value[-2:]}" if value else None


def contact(row: dict) -> dict:
    return {"name": row["name"], "email": masked_email(row.get("email")), "phone": masked_phone(row.get("phone"))}
