"""Which DaemonSets the user asks about."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kubectl_ds.core.labels import parse_selector, selector_matches
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet

_SUGGESTIONS = 3
_ALIKE = 0.6


class Scope(Value, frozen=True):
    """The DaemonSets that an answer is about.

    Attributes:
        namespace: the one namespace to look in; None means all of them.
        names: names of DaemonSets; empty means every one in the scope.
        selector: a label selector in kubectl's syntax (``a=b,c in (d,e),!f``); empty selects all.
    """

    namespace: str | None = None
    names: tuple[str, ...] = ()
    selector: str = ""


def select(daemon_sets: Iterable[DaemonSet], scope: Scope) -> list[DaemonSet]:
    """The DaemonSets in the scope, by namespace and name.

    Raises:
        ValueError: the scope's selector can't be read.
    """
    selector = parse_selector(scope.selector)
    found = [
        item
        for item in daemon_sets
        if scope.namespace in (None, item.namespace)
        and (not scope.names or item.name in scope.names)
        and selector_matches(selector, item.metadata.labels or {})
    ]
    return sorted(found, key=lambda item: (item.namespace, item.name))


def nearest(name: str, scope: Scope, daemon_sets: Iterable[DaemonSet]) -> list[DaemonSet]:
    """DaemonSets that the user may have meant: of that name elsewhere, then of a name like it."""
    everything = list(daemon_sets)
    exact = [item for item in everything if item.name == name]
    names = get_close_matches(name, {item.name for item in everything}, _SUGGESTIONS, _ALIKE)
    alike = [item for close in names for item in everything if item.name == close]
    here = [item for item in alike if item.namespace == scope.namespace]
    ordered = {(item.namespace, item.name): item for item in [*exact, *here, *alike]}
    return list(ordered.values())[:_SUGGESTIONS]
