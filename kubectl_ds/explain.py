"""The job of ``kubectl ds explain``: read, judge, show, and say how it ended."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain_in
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation, gaps
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import InputError, NotFound
from kubectl_ds.garbage import no_garbage
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.show import show
from kubectl_ds.source import Flags, is_saved, live, saved, scope_of, selected
from kubectl_ds.terminal import emit
from kubectl_ds.words.errors import no_such_node
from kubectl_ds.words.overview import is_certain, title


@no_garbage()
def run(flags: Flags) -> int:
    """Explain what the command line asks for, on stdout.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        0, or 1 where ``--check`` was given and there is a gap.

    Raises:
        KubectlDsError: see `errors`.
    """
    loaded, scope = _load(flags, scope_of(flags))
    for warning in loaded.warnings:
        emit(f"warning: {visible(warning)}", err=True)
    daemon_sets = selected(loaded.cluster, scope)
    fleet = Fleet(loaded.cluster)
    explanations = [explain_in(fleet, item) for item in daemon_sets]
    shown = _narrowed(explanations, flags["nodes"])
    if flags["check"]:
        _check_known(shown)
    show(shown, flags, scope)
    return int(flags["check"] and _failed(shown, flags))


def _load(flags: Flags, scope: Scope) -> tuple[Loaded, Scope]:
    if is_saved(flags):
        return saved(flags), scope
    from kubectl_ds.read.live import load

    connection, scope = live(flags, scope)
    return load(connection, scope), scope


def _narrowed(explanations: Sequence[Explanation], nodes: Sequence[str]) -> list[Explanation]:
    """The same answers, with only the nodes that were asked for."""
    if not nodes:
        return list(explanations)
    known = {verdict.node for item in explanations for verdict in item.nodes}
    for name in nodes:
        if explanations and name not in known:
            raise NotFound(no_such_node(name, known))
    return [
        msgspec.structs.replace(item, nodes=tuple(v for v in item.nodes if v.node in nodes))
        for item in explanations
    ]


def _failed(explanations: Sequence[Explanation], flags: Flags) -> bool:
    """Whether there is a gap; that no node is wanted counts where the DaemonSet was named."""
    whole = bool(flags["names"]) and not flags["nodes"]
    return any(gaps(item) or (whole and not item.summary.desired) for item in explanations)


def _check_known(explanations: Sequence[Explanation]) -> None:
    """Refuse to say that there is, or is not, a gap where that can't be told."""
    for item in explanations:
        for kind in ("nodes", "pods"):
            if item.is_unread(kind) and not is_certain(item):
                raise InputError(
                    f"whether {title(item)} has a gap can't be told: there are no {kind} in the "
                    "input; save them too, or leave out --check"
                )
