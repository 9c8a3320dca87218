"""Input is taken as the contract declares it.

Pydantic guesses: a date out of a number, an integer out of `true` or `"1_0"`, a
boolean out of `yes`. The types here refuse what the contract does not describe.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    return value


def _written(pattern: str) -> BeforeValidator:
    """Text of the given form only; defaults, which are no text, pass."""
    form = re.compile(pattern, re.ASCII)

    def check(value: Any) -> Any:
        if isinstance(value, str) and not form.fullmatch(value):
            raise ValueError("not of the declared form")
        return value

    return BeforeValidator(check)


# In a JSON body. 2.0 is an integer there, as in JSON Schema.
WholeNumber = Annotated[int, BeforeValidator(_number)]
Number = Annotated[float, BeforeValidator(_number)]

# In a query. DIGITS goes after the bounds of an integer: before them, they would not reach the contract.
DIGITS = _written(r"-?\d+")
Flag = Annotated[bool, _written("true|false")]
Day = Annotated[date, _written(r"\d{4}-\d{2}-\d{2}")]
