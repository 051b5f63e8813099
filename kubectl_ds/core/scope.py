"""Which DaemonSets the user asks about."""

from __future__ import annotations

from kubectl_ds.core.model import Value


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
