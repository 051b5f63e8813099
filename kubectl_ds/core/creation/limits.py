"""Whether LimitRanges admit one more pod.

Source: ``plugin/pkg/admission/limitranger/admission.go`` (PodValidateLimitFunc).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import ceil
from typing import NamedTuple

from kubectl_ds.core.classes import LimitRange, LimitRangeItem
from kubectl_ds.core.facts import LimitUse
from kubectl_ds.core.meta import Quantities
from kubectl_ds.core.quantity import Quantity, milli_value
from kubectl_ds.core.resources import PodResources, rounded

_ZERO = Quantity(0)
_MAX_MILLI = (2**63 - 1) // 1000
_OVERRIDDEN = ("cpu", "memory")


class _Measured(NamedTuple):
    """What a LimitRange looks at: a container, or a pod as a whole."""

    type: str
    container: str
    requests: Quantities
    limits: Quantities


class _Found(NamedTuple):
    """Which side of it breaks a rule, and its value; None where it has none."""

    side: str
    actual: str | None


def violations(resources: PodResources, limit_range: LimitRange) -> tuple[LimitUse, ...]:
    """Every rule of a LimitRange that a pod breaks, after all defaults.

    Of each rule only the first breach counts, as in the API server: request before limit for a
    minimum, limit before request for a maximum.
    """
    return tuple(
        use
        for item in limit_range.spec.limits or ()
        for measured in _measured(item.type, resources)
        for use in _broken(item, measured)
    )


def message(uses: Iterable[LimitUse]) -> str:
    """What the API server says of breaches; it lists resources in no order, we sort them."""
    return joined(_text(use) for use in uses)


def joined(texts: Iterable[str]) -> str:
    """``a``, or ``[a, b]`` without what is there twice (``util/errors`` Aggregate.Error)."""
    distinct = list(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]"


def _measured(kind: str, resources: PodResources) -> Iterator[_Measured]:
    if kind == "Container":
        for item in resources.containers:
            yield _Measured(kind, item.name, item.requests, item.limits)
    if kind == "Pod":
        requests = _whole(resources.together.requests, resources.level.requests)
        limits = _whole(resources.together.limits, resources.level.limits)
        yield _Measured(kind, "", requests, limits)


def _whole(together: Quantities | None, level: Quantities | None) -> Quantities:
    """Of what is set for the pod as a whole, LimitRanges know cpu and memory only."""
    own = {name: amount for name, amount in (level or {}).items() if name in _OVERRIDDEN}
    return {**(together or {}), **own}


def _broken(item: LimitRangeItem, measured: _Measured) -> Iterator[LimitUse]:
    bounds = {
        "min": item.min,
        "max": item.max,
        "maxLimitRequestRatio": item.max_limit_request_ratio,
    }
    for rule, amounts in bounds.items():
        for name, bound in sorted(rounded(amounts).items()):
            found = _RULES[rule](measured.requests.get(name), measured.limits.get(name), bound)
            if found is not None:
                yield LimitUse(
                    rule=rule,
                    type=measured.type,
                    container=measured.container,
                    resource=name,
                    bound=str(bound),
                    side=found.side,
                    actual=found.actual,
                )


def _comparable(*amounts: Quantity | None) -> list[int]:
    """In thousandths where all of them can be counted so, else in whole units, rounded up."""
    whole = [ceil((amount or _ZERO).value) for amount in amounts]
    if max(whole) > _MAX_MILLI:
        return whole
    return [milli_value(amount or _ZERO) for amount in amounts]


def _below(request: Quantity | None, limit: Quantity | None, bound: Quantity) -> _Found | None:
    asked, limited, least = _comparable(request, limit, bound)
    if request is None:
        return _Found("request", None)
    if asked < least:
        return _Found("request", str(request))
    return _Found("limit", str(limit)) if limit is not None and limited < least else None


def _above(request: Quantity | None, limit: Quantity | None, bound: Quantity) -> _Found | None:
    asked, limited, most = _comparable(request, limit, bound)
    if limit is None:
        return _Found("limit", None)
    if limited > most:
        return _Found("limit", str(limit))
    return _Found("request", str(request)) if request is not None and asked > most else None


def _too_far(request: Quantity | None, limit: Quantity | None, bound: Quantity) -> _Found | None:
    asked, limited, _ = _comparable(request, limit, bound)
    if not asked:
        return _Found("request", None if request is None else "0")
    if not limited:
        return _Found("limit", None if limit is None else "0")
    # Rounded twice, as in the API server: it refuses 161m to 20m where 8050m is the most.
    ratio = float(limited) / float(asked)
    return _Found("ratio", f"{ratio:.6f}") if ratio * 1000 > milli_value(bound) else None


_Rule = Callable[[Quantity | None, Quantity | None, Quantity], _Found | None]
_RULES: dict[str, _Rule] = {"min": _below, "max": _above, "maxLimitRequestRatio": _too_far}


def _text(use: LimitUse) -> str:
    if use.rule == "maxLimitRequestRatio":
        head = f"{use.resource} max limit to request ratio per {use.type} is {use.bound}, but "
        if use.side == "ratio":
            return f"{head}provided ratio is {use.actual}"
        return f"{head}no {use.side} is specified or {use.side} is 0"
    word = "minimum" if use.rule == "min" else "maximum"
    head = f"{word} {use.resource} usage per {use.type} is {use.bound}"
    if use.actual is None:
        return f"{head}.  No {use.side} is specified"
    return f"{head}, but {use.side} is {use.actual}"
