"""What to ask an API server for, to explain DaemonSets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core.labels import selector_text
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.revision import HASH_LABEL
from kubectl_ds.read.ask import Request
from kubectl_ds.read.kinds import BY_FIELD, KINDS, Kind

MANY_NAMESPACES = 5  # of more than so many, one list of all of them costs less
FEW_PODS = 20

_READ_ALWAYS = (
    "nodes",
    "pods",
    "revisions",
    "events",
    "quotas",
    "limit_ranges",
    "namespaces",
)
SURROUNDINGS = tuple(kind for kind in KINDS if kind.field in _READ_ALWAYS)
ON_DEMAND = tuple(kind for kind in KINDS if kind.field not in (*_READ_ALWAYS, "daemon_sets"))

_OF_CLAIMS = ("volumes", "storage_classes")
_WARNINGS = "involvedObject.kind=Pod,type=Warning"

_EVENTS = BY_FIELD["events"]
_NAMESPACES = BY_FIELD["namespaces"]
_PODS = BY_FIELD["pods"]


def around(
    daemon_sets: Sequence[DaemonSet],
    kinds: Iterable[Kind] = SURROUNDINGS,
    many: int = MANY_NAMESPACES,
) -> list[Request]:
    """Lists of what surrounds DaemonSets.

    Args:
        daemon_sets: the DaemonSets.
        kinds: of which kinds; by default of all that a rule reads.
        many: of more namespaces than so many, all of them are asked for at once.

    Returns:
        Requests for the namespaces concerned, or for all of them where those are many.
    """
    requests = [
        request
        for kind in kinds
        for place in _places(daemon_sets, many)
        for request in _requests_for(kind, place, daemon_sets)
    ]
    return list(dict.fromkeys(requests))


def of_pods(daemon_sets: Iterable[DaemonSet]) -> list[Request]:
    """Lists of the DaemonSets' own pods and of no others: one for each selector."""
    requests = (
        Request(_PODS, item.namespace, labels=selector_text(item.spec.selector))
        for item in daemon_sets
    )
    return list(dict.fromkeys(requests))


def on_nodes(daemon_sets: Sequence[DaemonSet], nodes: Iterable[str]) -> dict[str, list[Request]]:
    """For each of some nodes, lists of the pods that DaemonSets have there.

    Those of StatefulSets, which bear the same label, come along.
    """
    return {
        node: [
            Request(_PODS, place, labels=HASH_LABEL, fields=f"spec.nodeName={node}")
            for place in _places(daemon_sets, MANY_NAMESPACES)
        ]
        for node in nodes
    }


def of_classes(classes: Iterable[tuple[str, str]], many: int = MANY_NAMESPACES) -> list[Request]:
    """Lists of what admission looks up for a pod, by kind and namespace; see `around`."""
    wanted = list(classes)
    everywhere = len({place for _, place in wanted if place}) > many
    requests = (Request(BY_FIELD[x], "" if everywhere else place) for x, place in wanted)
    return list(dict.fromkeys(requests))


def of_volumes(namespaces: Iterable[str]) -> list[Request]:
    """Lists of what the volume filters look at."""
    claims = [Request(BY_FIELD["claims"], place) for place in namespaces]
    return [*claims, *(Request(BY_FIELD[field]) for field in _OF_CLAIMS)] if claims else []


def occupants(node: str) -> Request:
    """A list of the pods that take up room on a node, whoever owns them."""
    phases = "".join(f",status.phase!={phase}" for phase in ("Succeeded", "Failed"))
    return Request(_PODS, fields=f"spec.nodeName={node}{phases}")


def nominated() -> Request:
    """A list of the pods for which room is being made, on any node."""
    return Request(_PODS, fields="status.nominatedNodeName!=")


def of_events(pods: Sequence[Pod]) -> list[Request]:
    """Lists of events about pods: of each by itself, or of many by namespace the warnings."""
    if len(pods) <= FEW_PODS:
        return [_about(pod) for pod in pods]
    places = sorted({pod.metadata.namespace for pod in pods})
    return [Request(_EVENTS, place, fields=_WARNINGS) for place in places]


def _about(pod: Pod) -> Request:
    fields = f"involvedObject.kind=Pod,involvedObject.name={pod.name}"
    return Request(_EVENTS, pod.metadata.namespace, fields=fields)


def _places(daemon_sets: Iterable[DaemonSet], many: int) -> list[str]:
    namespaces = sorted({item.namespace for item in daemon_sets})
    return namespaces if len(namespaces) <= many else [""]


def _requests_for(kind: Kind, place: str, daemon_sets: Sequence[DaemonSet]) -> list[Request]:
    if kind is _NAMESPACES:
        return [Request(kind, name=place)]
    if kind is _EVENTS:
        return [Request(kind, place, fields=_event_fields(daemon_sets))]
    if kind is _PODS:
        return of_pods(item for item in daemon_sets if place in ("", item.namespace))
    return [Request(kind, place if kind.namespaced else "")]


def _event_fields(daemon_sets: Sequence[DaemonSet]) -> str:
    fields = "involvedObject.kind=DaemonSet"
    if len(daemon_sets) == 1:
        fields += f",involvedObject.name={daemon_sets[0].name}"
    return fields
