"""Amounts of resources as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from math import floor

from kubectl_ds.core.quantity import Quantity, parse

_BYTES = ("memory", "ephemeral-storage")
_PAGES = "hugepages-"
_UNITS = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_LEGIBLE = re.compile(r"-?[0-9]+(?:[mkMGTPE]|[KMGTPE]i)")
_TENTH = Fraction(1, 10)


def asked(resource: str, text: str) -> str:
    """A request in the notation that it has, unless that is a long row of digits."""
    return text if _LEGIBLE.fullmatch(text) else least(resource, text)


def least(resource: str, text: str) -> str:
    """An amount rounded down, so that so much is really there: ``159.7Mi``, ``1930m``."""
    return _shown(resource, parse(text), Fraction(0))


def about(resource: str, text: str) -> str:
    """An amount rounded to what is nearest: ``7.6Gi``."""
    return _shown(resource, parse(text), _TENTH / 2)


def between(texts: Iterable[str]) -> str:
    """One amount, or the lowest and the highest of several: ``159Mi to 1.2Gi``."""
    ordered = sorted(dict.fromkeys(texts), key=parse)
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} to {ordered[-1]}"


def of(resource: str, amount: str) -> str:
    """An amount with what it is of, where its unit alone does not say so."""
    if resource == "memory":
        return amount
    return f"{amount} {'CPU' if resource == 'cpu' else resource}"


def _shown(resource: str, amount: Quantity, extra: Fraction) -> str:
    if resource in _BYTES or resource.startswith(_PAGES):
        return _binary(amount.value, extra)
    return str(Quantity(amount.value))


def _binary(value: Fraction, extra: Fraction) -> str:
    """With the biggest unit of which there is one at least, and one decimal at most."""
    power = max((n for n in range(len(_UNITS)) if abs(value) >= 1024**n), default=0)
    tenths = floor(value / 1024**power / _TENTH + extra / _TENTH)
    whole, tenth = divmod(tenths, 10)
    return f"{whole}.{tenth}{_UNITS[power]}" if tenth and power else f"{whole}{_UNITS[power]}"
