"""The job of ``kubectl ds explain``: read, judge, show, and say how it ended."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.scope import Scope, select
from kubectl_ds.core.verdict import Explanation, gaps
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import SAVE, InputError, NotFound, UsageError
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.show import emit, show
from kubectl_ds.words.errors import no_such_daemon_set, no_such_namespace, no_such_node
from kubectl_ds.words.overview import is_certain, title

_KINDS = ("ds", "daemonset", "daemonsets", "daemonset.apps", "daemonsets.apps", "ds.apps")
_DEMO = Path(__file__).parent / "demo" / "cluster.json"

Flags = Mapping[str, Any]


def run(flags: Flags) -> int:
    """Explain what the command line asks for, on stdout.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        0, or 1 where ``--check`` was given and there is a gap.

    Raises:
        KubectlDsError: see `errors`.
    """
    names = _names(flags["names"])
    _check_usage(flags, names)
    loaded, scope = _load(flags, names)
    for warning in loaded.warnings:
        emit(f"warning: {visible(warning)}", err=True)
    daemon_sets = _selected(loaded.cluster, scope)
    explanations = [explain(loaded.cluster, item) for item in daemon_sets]
    shown = _narrowed(explanations, flags["nodes"])
    if flags["check"]:
        _check_known(shown)
    show(shown, flags, scope)
    return int(flags["check"] and _failed(shown, flags))


def _names(words: Sequence[str]) -> tuple[str, ...]:
    """The DaemonSets named, in any of kubectl's ways: ``NAME``, ``ds/NAME``, ``ds NAME…``."""
    given = words[1:] if len(words) > 1 and words[0] in _KINDS else words
    return tuple(_name(word) for word in given)


def _name(word: str) -> str:
    kind, slash, name = word.rpartition("/")
    if slash and (kind.lower() not in _KINDS or not name):
        raise UsageError(f"{word!r} is not a DaemonSet; give NAME or ds/NAME")
    return name


def _check_usage(flags: Flags, names: Sequence[str]) -> None:
    if names and flags["all_namespaces"]:
        raise UsageError(
            "a DaemonSet can't be named across all namespaces; give -n or leave out NAME"
        )
    if names and flags["selector"]:
        raise UsageError("a name and a selector exclude each other; leave out one of them")
    if flags["demo"] and flags["paths"]:
        raise UsageError("--demo and --from exclude each other; leave out one of them")


def _load(flags: Flags, names: tuple[str, ...]) -> tuple[Loaded, Scope]:
    anywhere = flags["all_namespaces"] or (flags["demo"] and not flags["namespace"])
    namespace = None if anywhere else flags["namespace"] or "default"
    scope = Scope(namespace=namespace, names=names, selector=flags["selector"])
    if flags["demo"] or flags["paths"]:
        from kubectl_ds.read.files import load

        return load([str(_DEMO)] if flags["demo"] else flags["paths"], _stdin()), scope
    return _load_live(flags, scope)


def _stdin() -> BinaryIO:
    """Standard input as bytes; where the process was started without one, it is empty."""
    return sys.stdin.buffer if sys.stdin else io.BytesIO()


def _load_live(flags: Flags, scope: Scope) -> tuple[Loaded, Scope]:
    from kubectl_ds.kube import kubeconfig
    from kubectl_ds.read import live

    given = {name: flags[name] for name in kubeconfig.Flags.__struct_fields__}
    connection = kubeconfig.resolve(kubeconfig.Flags(**given), os.environ, Path.home())
    if scope.namespace is not None:
        scope = msgspec.structs.replace(scope, namespace=connection.namespace)
    return live.load(connection, scope), scope


def _selected(cluster: Cluster, scope: Scope) -> list[DaemonSet]:
    try:
        found = select(cluster.daemon_sets, scope)
    except ValueError as error:
        raise UsageError(str(error)) from None
    existing = {item.name for item in found}
    for name in scope.names:
        if name not in existing:
            raise NotFound(no_such_daemon_set(name, scope, cluster.daemon_sets))
    if not found:
        _check_input(cluster)
        _check_namespace(cluster, scope)
    return sorted(found, key=lambda item: scope.names.index(item.name)) if scope.names else found


def _check_input(cluster: Cluster) -> None:
    if any(item.what == "daemonsets" for item in cluster.unread):
        raise InputError(f"there is no DaemonSet in the input; save them too: {SAVE}")


def _check_namespace(cluster: Cluster, scope: Scope) -> None:
    known = {item.metadata.name for item in cluster.namespaces}
    if scope.namespace is not None and known and scope.namespace not in known:
        raise NotFound(no_such_namespace(scope.namespace, known))


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
