"""The job of ``kubectl ds explain``: read, judge, show, and say how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from kubectl_ds.clusters import Answers, Found, Target, read_each
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain_each, explain_in
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation, by_cluster, gaps, within
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import InputError, NotFound, UsageError
from kubectl_ds.garbage import leave_to_the_end
from kubectl_ds.show import show
from kubectl_ds.source import Flags, check_left, is_saved, saved, scope_of, selected
from kubectl_ds.terminal import Progress, emit
from kubectl_ds.words.clusters import about, no_node_in
from kubectl_ds.words.errors import no_such_node
from kubectl_ds.words.overview import is_certain, title


def run(flags: Flags) -> int:
    """Explain what the command line asks for, on stdout.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        0, or 1 where ``--check`` was given and there is a gap; see `wait` for ``--wait``.

    Raises:
        KubectlDsError: see `errors`.
    """
    if flags["timeout"] is not None and not flags["wait"]:
        instead = "leave it out" if flags["watch"] else "add --wait, or leave it out"
        raise UsageError(f"--timeout goes with --wait alone; {instead}")
    if flags["watch"]:
        from kubectl_ds import watch

        return watch.run(flags)
    if flags["wait"]:
        from kubectl_ds import wait

        return wait.run(flags)
    return _once(flags)


class _Explained(NamedTuple):
    """Answers on the DaemonSets of one cluster, and what the user should know of the reading."""

    explanations: Sequence[Explanation]
    warnings: tuple[str, ...]


def _once(flags: Flags) -> int:
    answers = _answers(flags, scope_of(flags))
    leave_to_the_end(answers)
    for found in answers.found:
        for warning in found.result.warnings:
            emit(f"warning: {visible(about(found.cluster, warning))}", err=True)
    explanations = [each for item in answers.found for each in _of_its_cluster(item)]
    answers.tell_empty(by_cluster(explanations))
    try:
        check_nodes(explanations, flags["nodes"])
    except NotFound:
        answers.ended(0)
        raise
    shown = _with_nodes(narrowed(explanations, flags["nodes"]), flags["nodes"])
    if flags["check"]:
        _check_known(shown)
    if answers.found:
        show(shown, flags, answers.found[0].scope, answers.lost)
    return answers.ended(int(flags["check"] and _failed(shown, flags)))


def _answers(flags: Flags, scope: Scope) -> Answers[_Explained]:
    if is_saved(flags):
        return Answers([Found("", scope, _saved(flags, scope))])
    progress = Progress()
    try:
        return read_each(flags, scope, partial(_live, progress))
    finally:
        progress.done()


def _saved(flags: Flags, scope: Scope) -> _Explained:
    loaded = saved(flags)
    found = explain_each(loaded.cluster, selected(loaded.cluster, scope))
    return _Explained(found, loaded.warnings)


def _live(progress: Progress, target: Target) -> _Explained:
    from kubectl_ds.kube.transport import Transport
    from kubectl_ds.read.each import each
    from kubectl_ds.read.scope import listed

    with Transport(target.connection) as transport:
        daemon_sets = selected(listed(transport, target.scope), target.scope)
        alone = len(daemon_sets) == 1 and not target.name
        found = each(transport, daemon_sets, _explain_alone if alone else explain_in, progress)
        check_left(target.scope, {item.daemon_set.name for item in found})
        return _Explained(found, transport.warnings)


def _explain_alone(fleet: Fleet, daemon_set: DaemonSet) -> Explanation:
    leave_to_the_end(fleet)
    return explain_in(fleet, daemon_set)


def _of_its_cluster(found: Found[_Explained]) -> Sequence[Explanation]:
    explanations = found.result.explanations
    return [within(item, found.cluster) for item in explanations] if found.cluster else explanations


def _with_nodes(explanations: Sequence[Explanation], nodes: Sequence[str]) -> Sequence[Explanation]:
    """Of several clusters those with any of the nodes that were asked for; says which have none."""
    if not nodes:
        return explanations
    known = {
        cluster: {verdict.node for item in answers for verdict in item.nodes}
        for cluster, answers in by_cluster(explanations).items()
    }
    for node in nodes:
        without = [cluster for cluster, names in known.items() if cluster and node not in names]
        if without:
            emit(f"note: {visible(no_node_in(node, without))}", err=True)
    return [item for item in explanations if not item.cluster or known[item.cluster]]


def check_nodes(explanations: Sequence[Explanation], nodes: Sequence[str]) -> None:
    """Make sure that there are the nodes that were asked for.

    Raises:
        NotFound: one is not there.
    """
    known = {verdict.node for item in explanations for verdict in item.nodes if nodes}
    for name in nodes:
        if explanations and name not in known:
            raise NotFound(no_such_node(name, known))


def narrowed(explanations: Sequence[Explanation], nodes: Sequence[str]) -> list[Explanation]:
    """The same answers, with only the nodes that were asked for."""
    if not nodes:
        return list(explanations)
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
