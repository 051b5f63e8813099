"""What the command line asks about, and where its objects come from."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.scope import Scope, select
from kubectl_ds.errors import SAVE, InputError, KubectlDsError, NotFound, UsageError
from kubectl_ds.kube.connection import Connection
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.words.errors import deleted, no_such_daemon_set, no_such_namespace

if TYPE_CHECKING:
    from kubectl_ds.kube import kubeconfig

_KINDS = ("ds", "daemonset", "daemonsets", "daemonset.apps", "daemonsets.apps", "ds.apps")
_DEMO = Path(__file__).parent / "demo" / "cluster.json"

# Flags that can't be given with several contexts, each with the reason.
_OF_ONE_CLUSTER = {
    "paths": "saved objects are no context",
    "demo": "the example is no context",
    "server": "every context would ask the same server",
    "cluster": "every context would ask the same cluster",
    "token": "every cluster would get to see the token of one",
    "watch": "one cluster can be watched",
    "wait": "one cluster can be waited for",
}
_SPELT = {"paths": "from"}

Flags = Mapping[str, Any]


def scope_of(flags: Flags) -> Scope:
    """The DaemonSets that the command line asks about; saved objects are in ``default``.

    Raises:
        UsageError: a word is no DaemonSet, or flags exclude each other.
    """
    names = _names(flags["names"])
    _check_usage(flags, names)
    anywhere = flags["all_namespaces"] or (flags["demo"] and not flags["namespace"])
    namespace = None if anywhere else flags["namespace"] or "default"
    return Scope(namespace=namespace, names=names, selector=flags["selector"])


def _names(words: Sequence[str]) -> tuple[str, ...]:
    """The DaemonSets named, in any of kubectl's ways: ``NAME``, ``ds/NAME``, ``ds NAME…``."""
    given = words[1:] if len(words) > 1 and words[0] in _KINDS else words
    return tuple(_name(word) for word in given)


def _name(word: str) -> str:
    kind, slash, name = word.rpartition("/")
    if slash and (kind.lower() not in _KINDS or not name):
        raise UsageError(
            f"{word!r} is not a DaemonSet; give NAME or ds/NAME, its namespace with -n"
        )
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
    _check_contexts(flags)


def _check_contexts(flags: Flags) -> None:
    """What makes no sense with several clusters is refused, and what would give a secret away."""
    if flags["all_contexts"] and flags["contexts"]:
        raise UsageError("--all-contexts and --context exclude each other; leave out one of them")
    if not is_several(flags):
        return
    what = "--all-contexts" if flags["all_contexts"] else "--context given several times"
    if "" in flags["contexts"]:
        raise UsageError("one --context of several is empty; name it, or leave it out")
    for name, why in _OF_ONE_CLUSTER.items():
        if flags.get(name):
            flag = _SPELT.get(name, name)
            raise UsageError(f"--{flag} can't go with {what}: {why}; leave out one of them")


def is_saved(flags: Flags) -> bool:
    """Whether saved objects are to be read, and no cluster."""
    return bool(flags["demo"] or flags["paths"])


def saved(flags: Flags) -> Loaded:
    """The saved objects.

    Raises:
        NotFound, InputError: see ``read.files.load``.
    """
    from kubectl_ds.read.files import load

    return load([str(_DEMO)] if flags["demo"] else flags["paths"], _stdin())


def _stdin() -> BinaryIO:
    """Standard input as bytes; where the process was started without one, it is empty."""
    return sys.stdin.buffer if sys.stdin else io.BytesIO()


class NoDaemonSet(NotFound):
    """There is no DaemonSet of some names.

    Attributes:
        sentences: for each of the names what says so.
    """

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(next(iter(sentences.values())))
        self.sentences = sentences


def is_several(flags: Flags) -> bool:
    """Whether several clusters are asked for, so that each row is to name its own."""
    return flags["all_contexts"] or len(set(flags["contexts"])) > 1


def live(flags: Flags, scope: Scope) -> tuple[Connection, Scope]:
    """The cluster to ask, and the scope in the namespace that its context says.

    Raises:
        KubectlDsError: see ``kube.kubeconfig.resolve``.
    """
    from kubectl_ds.kube import kubeconfig

    context = next(iter(flags["contexts"]), None)
    home = kubeconfig.home_directory(os.environ)
    connection = kubeconfig.resolve(_reaching(flags, context), os.environ, home)
    return connection, in_namespace_of(connection, scope)


def connections(flags: Flags) -> dict[str, Connection | KubectlDsError]:
    """The clusters to ask where several are asked for, by the names of their contexts.

    Raises:
        KubectlDsError: see ``kube.kubeconfig.resolve_each``.
    """
    from kubectl_ds.kube import kubeconfig

    names = None if flags["all_contexts"] else tuple(dict.fromkeys(flags["contexts"]))
    home = kubeconfig.home_directory(os.environ)
    return kubeconfig.resolve_each(_reaching(flags, None), names, os.environ, home)


def _reaching(flags: Flags, context: str | None) -> kubeconfig.Flags:
    """The flags that say how to reach a cluster."""
    from kubectl_ds.kube import kubeconfig

    names = [name for name in kubeconfig.Flags.__struct_fields__ if name != "context"]
    return kubeconfig.Flags(context=context, **{name: flags[name] for name in names})


def in_namespace_of(connection: Connection, scope: Scope) -> Scope:
    """The scope in the namespace that a context says; one of all namespaces stays as it is."""
    if scope.namespace is None:
        return scope
    return msgspec.structs.replace(scope, namespace=connection.namespace)


def selected(cluster: Cluster, scope: Scope) -> list[DaemonSet]:
    """The DaemonSets in the scope, in the order in which they were named.

    Raises:
        UsageError: the selector can't be read.
        NotFound: no DaemonSet of a name, or no such namespace.
        InputError: there is no DaemonSet at all in saved objects.
    """
    try:
        found = select(cluster.daemon_sets, scope)
    except ValueError as error:
        raise UsageError(str(error)) from None
    absent = [name for name in scope.names if name not in {item.name for item in found}]
    if absent:
        everything = cluster.daemon_sets
        raise NoDaemonSet({name: no_such_daemon_set(name, scope, everything) for name in absent})
    if not found:
        _check_input(cluster)
        _check_namespace(cluster, scope)
    return sorted(found, key=lambda item: scope.names.index(item.name)) if scope.names else found


def check_left(scope: Scope, names: Collection[str]) -> None:
    """Make sure that no DaemonSet that was named has been deleted while it was read.

    Raises:
        NoDaemonSet: one is not among those that are left.
    """
    gone = [name for name in scope.names if name not in names]
    if gone:
        raise NoDaemonSet({name: deleted([name], scope.namespace or "") for name in gone})


def _check_input(cluster: Cluster) -> None:
    if any(item.what == "daemonsets" for item in cluster.unread):
        raise InputError(f"there is no DaemonSet in the input; save them too: {SAVE}")


def _check_namespace(cluster: Cluster, scope: Scope) -> None:
    known = {item.metadata.name for item in cluster.namespaces}
    if scope.namespace is not None and known and scope.namespace not in known:
        raise NotFound(no_such_namespace(scope.namespace, known))
