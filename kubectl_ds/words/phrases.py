"""Small pieces of sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_SHOWN = 3
_MOST_NAMES = 20


def count(number: int, noun: str) -> str:
    """``1 node``, ``2 nodes``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: int) -> str:
    """A span in its largest unit, as kubectl prints ages: ``45s``, ``12m``, ``3h``, ``5d``."""
    name, size = next((unit for unit in _UNITS if seconds >= 2 * unit[1]), _UNITS[-1])
    return f"{max(seconds, 0) // size}{name}"


def choice(items: Iterable[str]) -> str:
    """Distinct texts as alternatives: ``a``, ``a or b``, ``a, b, c or 4 others``."""
    return _joined(items, "or")


def listing(items: Iterable[str]) -> str:
    """Distinct texts together: ``a``, ``a and b``, ``a, b, c and 4 others``."""
    return _joined(items, "and")


def _joined(items: Iterable[str], word: str) -> str:
    texts = list(dict.fromkeys(items))
    if len(texts) > _SHOWN:
        texts = [*texts[:_SHOWN], count(len(texts) - _SHOWN, "other")]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def in_cluster(name: str) -> str:
    """`` in cluster prod-a``, to come after what is there; empty where there is but one cluster."""
    return f" in cluster {name}" if name else ""


def first_names(names: Sequence[str]) -> str:
    """``a, b``; of many names the first ones, and how many more there are."""
    rest = len(names) - _MOST_NAMES
    more = f" and {rest} more" if rest > 0 else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def span(numbers: Sequence[int], unit: str = "") -> str:
    """A number, or the range of several: ``7``, ``3 to 7``."""
    low, high = min(numbers), max(numbers)
    text = str(low) if low == high else f"{low} to {high}"
    return text + unit


def common(texts: Iterable[str]) -> str:
    """The text that all have; empty where they differ."""
    distinct = set(texts)
    return distinct.pop() if len(distinct) == 1 else ""


def after(lead: str, text: str) -> str:
    """``lead: text``, or the lead alone where there is no text; a final full stop goes."""
    text = text.strip().removesuffix(".")
    return f"{lead}: {text}" if text else lead
