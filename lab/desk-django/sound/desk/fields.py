"""Fields that take what the contract declares and nothing that could be read as it.

The framework's own turn the number 0 into "0", trim before they measure, and read
1_0, Arabic digits and 2026-W44-7 as an integer and a date.
"""
import re

from rest_framework import serializers


class Text(serializers.CharField):
    """A string, as it came."""

    def __init__(self, **options):
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Pattern(Text, serializers.RegexField):
    """A string of the given form; `$` does not let a line's end through."""

    def __init__(self, regex, **options):
        super().__init__(regex=regex, **options)
        self.form = re.compile(regex)

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not self.form.fullmatch(value):
            self.fail("invalid")
        return value


class Whole(serializers.IntegerField):
    """An integer of a JSON body; 2.0 is one, as in JSON Schema."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data % 1:
            self.fail("invalid")
        return super().to_internal_value(int(data))


class Digits(serializers.IntegerField):
    """An integer of a query."""

    def to_internal_value(self, data):
        if not re.fullmatch(r"-?[0-9]{1,19}", data):
            self.fail("invalid")
        return super().to_internal_value(data)


class Day(serializers.DateField):
    """A date of a query, written as RFC 3339 does."""

    def to_internal_value(self, value):
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)
