"""Whether LimitRanges admit one more pod, and whether it is valid with their defaults.

Sources: ``plugin/pkg/admission/limitranger/admission.go`` (PodValidateLimitFunc),
``pkg/apis/core/validation/validation.go`` (validateResourceRequirements,
validatePodResourceConsistency). Of a ratio, the API server rounds to a float; we don't.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from kubectl_ds.core.classes import LimitRange, LimitRangeItem
from kubectl_ds.core.facts import LimitUse
from kubectl_ds.core.meta import Quantities
from kubectl_ds.core.quantity import Quantity, milli_value
from kubectl_ds.core.resources import ContainerResources, PodResources, rounded

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
    ratio = Fraction(limited, asked)
    return _Found("ratio", _decimal(ratio)) if ratio > bound.value else None


_Rule = Callable[[Quantity | None, Quantity | None, Quantity], _Found | None]
_RULES: dict[str, _Rule] = {"min": _below, "max": _above, "maxLimitRequestRatio": _too_far}


def _decimal(ratio: Fraction) -> str:
    """Six places, as the API server prints a ratio."""
    whole, part = divmod(round(ratio * 10**6), 10**6)
    return f"{whole}.{part:06}"


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


def invalid(resources: PodResources) -> list[str]:
    """What makes the pod invalid though its template is valid: the defaults of LimitRanges."""
    texts = list(_invalid_pod(resources)) if resources.pod_level else []
    for group, init in (("containers", False), ("initContainers", True)):
        members = [item for item in resources.containers if item.init is init]
        for place, item in enumerate(members):
            texts += _invalid_container(f"spec.{group}[{place}].resources", item)
    return texts


def _invalid_container(path: str, container: ContainerResources) -> Iterator[str]:
    for name, request in sorted(container.requests.items()):
        limit = container.limits.get(name)
        value = f'{path}.requests: Invalid value: "{request}": must be'
        if limit is None and not _overcommits(name):
            text = "Limit must be set for non overcommitable resources"
            yield f"{path}.limits: Required value: {text}"
        elif limit is not None and request != limit and not _overcommits(name):
            yield f"{value} equal to {name} limit of {limit}"
        elif limit is not None and request > limit:
            yield f"{value} less than or equal to {name} limit of {limit}"


def _overcommits(name: str) -> bool:
    """Whether a limit may be higher than the request (``helper.IsOvercommitAllowed``)."""
    native = "/" not in name or "kubernetes.io/" in name
    return native and not name.startswith("hugepages-")


def _invalid_pod(resources: PodResources) -> Iterator[str]:
    level, together = resources.level, resources.together
    for name, amount in sorted((level.requests or {}).items()):
        needed = (together.requests or {}).get(name, _ZERO)
        if needed > amount:
            must = f"must be greater than or equal to aggregate container requests of {needed}"
            yield f'spec.resources.requests[{name}]: Invalid value: "{amount}": {must}'
    main = [item for item in resources.containers if not item.init]
    for place, item in enumerate(main):
        for name, amount in sorted((level.limits or {}).items()):
            limit = item.limits.get(name, _ZERO)
            if limit > amount:
                path = f"spec.resources.containers[{place}][{name}].limits"
                must = f"must be less than or equal to pod limits of {amount}"
                yield f'{path}: Invalid value: "{limit}": {must}'
