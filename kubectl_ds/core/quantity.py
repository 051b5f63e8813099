"""Exact resource quantities.

The rules are those of apimachinery ``pkg/api/resource`` (quantity.go, suffix.go, amount.go).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache, total_ordering
from math import ceil

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {exponent: suffix for suffix, exponent in _BINARY.items()}
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(.*)", re.ASCII | re.DOTALL)
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)", re.ASCII)
_MAX_INT64 = 2**63 - 1
_NANO = Fraction(1, 10**9)
_MAX_EXPONENT = 1000

DECIMAL_SI = "DecimalSI"
BINARY_SI = "BinarySI"
DECIMAL_EXPONENT = "DecimalExponent"


@total_ordering
class Quantity:
    """An amount of a resource: an exact value, and the notation it prints in.

    Attributes:
        value: the amount in the resource's base unit (cores, bytes, pieces).
        notation: ``DecimalSI``, ``BinarySI`` or ``DecimalExponent``.
    """

    __slots__ = ("notation", "value")

    def __init__(self, value: Fraction | int, notation: str = DECIMAL_SI) -> None:
        self.value = value if type(value) is Fraction else Fraction(value)
        self.notation = notation

    def __add__(self, other: Quantity) -> Quantity:
        """Exact sum; a zero left operand takes the other's notation (``Quantity.Add``)."""
        if not self.value:
            return other
        if not other.value:
            return self
        return Quantity(self.value + other.value, self.notation)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.value == other.value

    def __lt__(self, other: Quantity) -> bool:
        return self.value < other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return self.value != 0

    def __str__(self) -> str:
        return canonical(self)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"


def parse(text: str | int | float) -> Quantity:
    """Read a quantity as the API server does.

    Args:
        text: ``"250m"``, ``"1.5Gi"``, ``"1e3"``; a JSON number is accepted as well.

    Raises:
        ValueError: the text is no quantity; the message quotes it.
    """
    if type(text) is str:  # as nearly always
        return _parse(text)
    if isinstance(text, bool):
        raise ValueError(f"{text!r} is not a quantity")
    return _parse(str(text))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Quantity:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quantity")
    number, suffix = match.groups()
    digits = Fraction(number if not number.endswith(".") else number[:-1])
    if suffix in _BINARY:
        value = _capped(_round_up(digits * 2 ** _BINARY[suffix]))
        return Quantity(value, DECIMAL_SI if 0 < abs(value) < 1 else BINARY_SI)
    if suffix in _DECIMAL:
        return Quantity(_round_up(digits * Fraction(10) ** _DECIMAL[suffix]), DECIMAL_SI)
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None or abs(int(exponent[1])) > _MAX_EXPONENT:
        raise ValueError(f"{text!r} is not a quantity")
    return Quantity(_round_up(digits * Fraction(10) ** int(exponent[1])), DECIMAL_EXPONENT)


def _capped(value: Fraction) -> Fraction:
    return max(min(value, Fraction(_MAX_INT64)), Fraction(-_MAX_INT64))


def _round_up(value: Fraction) -> Fraction:
    """Away from zero to the next 10⁻⁹, the finest step that a quantity keeps."""
    steps = ceil(abs(value) / _NANO)
    return steps * _NANO * (1 if value >= 0 else -1)


def milli_value(quantity: Quantity) -> int:
    """The amount in thousandths, rounded up (``Quantity.MilliValue``)."""
    return ceil(quantity.value * 1000)


def canonical(quantity: Quantity) -> str:
    """The text that Kubernetes prints for the quantity (``Quantity.CanonicalizeBytes``)."""
    value = quantity.value
    if value == 0:
        return "0"
    whole = value.denominator == 1
    if quantity.notation == BINARY_SI and whole and abs(value) >= 1024:
        return _binary_text(int(value))
    return _decimal_text(value, quantity.notation)


def _binary_text(value: int) -> str:
    exponent = 0
    while value % 1024 == 0 and exponent < 60:
        value //= 1024
        exponent += 10
    return f"{value}{_BINARY_SUFFIX.get(exponent, '')}"


def _decimal_text(value: Fraction, notation: str) -> str:
    exponent = -9
    mantissa = int(value / _NANO)
    while mantissa % 1000 == 0 and (exponent < 18 or notation == DECIMAL_EXPONENT):
        mantissa //= 1000
        exponent += 3
    if notation == DECIMAL_EXPONENT:
        return f"{mantissa}e{exponent}" if exponent else str(mantissa)
    return f"{mantissa}{_DECIMAL_SUFFIX[exponent]}"
