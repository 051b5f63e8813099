"""The clusters that a command reads: one, or several side by side, of which some may fail."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kubectl_ds.core.model import Unread
from kubectl_ds.core.scope import Scope
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import ClusterError, KubectlDsError, NotFound
from kubectl_ds.kube.connection import Connection
from kubectl_ds.source import Flags, NoDaemonSet, connections, in_namespace_of, is_several, live
from kubectl_ds.terminal import emit
from kubectl_ds.words import clusters as words

Result = TypeVar("Result")


class Target(NamedTuple):
    """A cluster to read.

    Attributes:
        name: its context's name; empty where it is the only cluster asked for.
        connection: how to reach it.
        scope: what is asked about there.
    """

    name: str
    connection: Connection
    scope: Scope


class Found(Struct, Generic[Result], frozen=True):
    """What was read of a cluster.

    Attributes:
        cluster: its name; empty where it is the only one asked for.
        scope: what was asked about there.
        result: what was read.
    """

    cluster: str
    scope: Scope
    result: Result


class Answers(Struct, Generic[Result], frozen=True):
    """What became of the clusters, in the order in which they were asked for.

    Attributes:
        found: what was read of those that answered.
        lost: those of which nothing could be read; None where only one was asked for.
    """

    found: Sequence[Found[Result]]
    lost: Sequence[Unread] | None = None

    def tell_empty(self, clusters: Collection[str]) -> None:
        """Say which of several clusters have none of the DaemonSets, where others have some.

        Args:
            clusters: those that have some.
        """
        for item in self.found if clusters else ():
            if item.cluster not in clusters:
                why = words.none_found(item.scope, several=False)
                emit(f"note: {visible(words.about(item.cluster, why))}", err=True)

    def ended(self, code: int) -> int:
        """Say which clusters could not be read, and give the command's exit code.

        Args:
            code: what it is where there are none.
        """
        for item in self.lost or ():
            emit(f"error: {visible(words.lost(item))}", err=True)
        return ClusterError.exit_code if self.lost else code


class _Attempt(NamedTuple):
    """What became of one of several clusters.

    Attributes:
        cluster: its name.
        scope: what was asked about there.
        result: what was read; None where there was nothing to read.
        absent: names of DaemonSets that do not exist there, each with the sentence that says so.
        nothing: why there is nothing at all to read; maybe empty.
        lost: that it can't be read, and why; None where it answered.
    """

    cluster: str
    scope: Scope
    result: Any = None
    absent: Mapping[str, str] = {}
    nothing: str = ""
    lost: Unread | None = None


def read_each(flags: Flags, scope: Scope, read: Callable[[Target], Result]) -> Answers[Result]:
    """Read the clusters that the command line asks for: several at the same time.

    That one of several can't be read, or lacks what was named, is no error by itself; what the
    user should know of that goes to stderr.

    Args:
        flags: the command's options, by their click names.
        scope: what is asked about, as ``source.scope_of`` gives it.
        read: reads one of them; of several each in a thread of its own.

    Raises:
        NotFound: there is no such context, or none of the clusters that answered has the
            namespace, or a DaemonSet of a name.
        KubectlDsError: the only cluster failed, or the flags are wrong whatever the cluster.
    """
    if not is_several(flags):
        target = Target("", *live(flags, scope))
        return Answers([Found("", target.scope, read(target))])
    from kubectl_ds.read.answers import in_parallel

    named = connections(flags)
    _check_usable(list(named.values()))
    if flags["all_contexts"]:
        named = _without_twins(named, scope)
    # One that logs in by a plugin may take long: it is to keep no other one from its turn.
    attempts = in_parallel(partial(_attempt, read, scope), sorted(named.items(), key=_is_slow))
    order = list(named)
    attempts.sort(key=lambda item: order.index(item.cluster))
    answers = Answers(
        [Found(x.cluster, x.scope, x.result) for x in attempts if x.result is not None],
        [item.lost for item in attempts if item.lost],
    )
    _tell_absent([item for item in attempts if not item.lost], scope, answers)
    return answers


def _is_slow(named: tuple[str, Connection | KubectlDsError]) -> bool:
    _, connection = named
    return isinstance(connection, Connection) and connection.user.exec is not None


def _check_usable(found: Sequence[Connection | KubectlDsError]) -> None:
    """What is wrong with every context in the same words is wrong with the command line."""
    errors = [item for item in found if isinstance(item, KubectlDsError)]
    if errors and len(errors) == len(found) and len(set(map(str, errors))) == 1:
        raise errors[0]


def _without_twins(
    named: Mapping[str, Connection | KubectlDsError], scope: Scope
) -> dict[str, Connection | KubectlDsError]:
    """The contexts less those that ask what one before them asks already; says which."""
    kept: dict[str, Connection | KubectlDsError] = {}
    first: list[tuple[object, str]] = []
    for name, connection in named.items():
        if isinstance(connection, Connection):
            question = _question(connection, scope)
            twin = next((other for known, other in first if known == question), None)
            if twin is not None:
                emit(f"note: {visible(words.twin(name, twin))}", err=True)
                continue
            first.append((question, name))
        kept[name] = connection
    return kept


def _question(connection: Connection, scope: Scope) -> object:
    """Whom a context asks, as whom, and about which namespace."""
    namespace = connection.namespace if scope.namespace is not None else None
    server, name = connection.server, connection.cluster.tls_server_name
    return server, name, connection.proxy, connection.user, namespace


def _attempt(
    read: Callable[[Target], Result],
    scope: Scope,
    named: tuple[str, Connection | KubectlDsError],
) -> _Attempt:
    name, connection = named
    if isinstance(connection, KubectlDsError):
        return _Attempt(name, scope, lost=_unread(name, connection))
    return _asked(read, Target(name, connection, in_namespace_of(connection, scope)))


def _asked(read: Callable[[Target], Result], target: Target) -> _Attempt:
    """What a cluster answers, on those of the DaemonSets named that it has."""
    name, scope = target.name, target.scope
    try:
        return _Attempt(name, scope, result=read(target))
    except NoDaemonSet as error:
        there = tuple(item for item in scope.names if item not in error.sentences)
        if not there:
            return _Attempt(name, scope, absent=error.sentences)
        rest = _asked(read, target._replace(scope=replace(scope, names=there)))
        return rest._replace(absent={**error.sentences, **rest.absent})
    except NotFound as error:
        return _Attempt(name, scope, nothing=str(error))
    except ClusterError as error:
        return _Attempt(name, scope, lost=_unread(name, error))


def _unread(name: str, error: KubectlDsError) -> Unread:
    return Unread(what=words.EVERYTHING, why=str(error), cluster=name)


def _tell_absent(answered: Sequence[_Attempt], scope: Scope, answers: Answers[Any]) -> None:
    """Say what some of the clusters lack.

    Raises:
        NotFound: all of them lack it; which of them could not be read is said by then.
    """
    sentence = _absent_everywhere(answered, scope)
    if sentence:
        answers.ended(0)
        raise NotFound(sentence)
    for item in answered:
        for why in filter(None, (item.nothing, *item.absent.values())):
            emit(f"note: {visible(words.about(item.cluster, why))}", err=True)


def _absent_everywhere(answered: Sequence[_Attempt], scope: Scope) -> str:
    """What none of the clusters has that answered; empty where there is no such thing."""
    if not answered:
        return ""
    for name in scope.names:
        sentences = [item.absent.get(name, "") for item in answered]
        if all(sentences):
            return words.nowhere(sentences)
    nothing = [item.nothing for item in answered]
    return words.nowhere(nothing) if all(nothing) else ""
