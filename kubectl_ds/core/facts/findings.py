"""Evidence on a DaemonSet as a whole."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked
from kubectl_ds.core.facts.running import VanishCause
from kubectl_ds.core.meta import Time, Value


class Exclusion(Value, frozen=True):
    code: Annotated[str, asked("why nodes are excluded")]
    asked: Annotated[str, asked("what was asked of them")]
    nodes: Annotated[int, asked("how many", "nodes")]


class Typo(Value, frozen=True):
    wanted: Annotated[str, asked("what the template asks for, which no node has")]
    existing: Annotated[str, asked("what looks alike and exists")]
    nodes: Annotated[int, asked("on how many nodes", "nodes")]


class NoNodeFacts(Facts, frozen=True):
    nodes: Annotated[int, asked("how many nodes there are", "nodes")]
    exclusions: Annotated[tuple[Exclusion, ...], asked("what excludes most nodes, most first")]
    typos: Annotated[tuple[Typo, ...], asked("likely typing errors")]


class PodsFacts(Facts, frozen=True):
    pods: Annotated[tuple[str, ...], asked("the pods in question")]


class DuplicateFacts(Facts, frozen=True):
    node: Annotated[str, asked("the node with more than one live pod")]
    pods: Annotated[tuple[str, ...], asked("all of them, the one that stays first")]


class CountedFacts(Facts, frozen=True):
    nodes: Annotated[tuple[str, ...], asked("the nodes with an available new pod that are not")]


class OnDeleteFacts(Facts, frozen=True):
    nodes: Annotated[int, asked("how many nodes still run an older revision", "nodes")]
    desired: Annotated[int, asked("of how many", "nodes")]
    revisions: Annotated[tuple[str, ...], asked("the older revisions that they run")] = ()
    waiting_seconds: Annotated[
        int | None,
        asked("since when the current revision waits; null where that can't be told", "seconds"),
    ] = None


class PodDifferenceFacts(Facts, frozen=True):
    node_selector: Annotated[
        tuple[str, ...], asked("what the pods' nodeSelector wants beyond the template's, key=value")
    ]
    missing_tolerations: Annotated[
        tuple[str, ...], asked("tolerations of the template that the pods lack")
    ]
    extra_tolerations: Annotated[
        tuple[str, ...], asked("tolerations that the pods have and the template has not")
    ]
    runtime_class: Annotated[str, asked("the RuntimeClass that explains all of it, or empty")]
    namespace_selector: Annotated[
        str, asked("the namespace's annotation that explains all of it, or empty")
    ] = ""
    nodes: Annotated[
        tuple[str, ...], asked("the nodes where the template would be let in and the pods are not")
    ] = ()


class EvictionLoopFacts(Facts, frozen=True):
    taint: Annotated[str, asked("the NoExecute taint")]
    seconds: Annotated[int, asked("how long the template tolerates it", "seconds")]
    nodes: Annotated[tuple[str, ...], asked("the nodes that have it")]


class SharedCauseFacts(Facts, frozen=True):
    code: Annotated[str, asked("the deciding reason that the nodes have in common")]
    nodes: Annotated[int, asked("how many nodes it explains", "nodes")]
    of: Annotated[int, asked("of how many", "nodes")]
    states: Annotated[dict[str, int], asked("how many of them are in each state")]
    examples: Annotated[tuple[str, ...], asked("the first five that have it themselves")]
    held: Annotated[int, asked("how many only wait for it, held by the rollout", "nodes")]
    other_causes: Annotated[int, asked("for how many other causes those wait, too")]


class SharedNodeFacts(Facts, frozen=True):
    code: Annotated[str, asked("NodeNotReady or NodeUnreachable")]
    nodes: Annotated[tuple[str, ...], asked("nodes in that condition")]
    daemon_sets: Annotated[
        tuple[str, ...], asked("namespace/name of each DaemonSet that lacks its pod on all of them")
    ]
    since: Annotated[Time | None, asked("when the first of them became so")] = None


class PodsVanishFacts(Facts, frozen=True):
    pods: Annotated[int, asked("how many came and went within the last hour", "pods")]
    nodes: Annotated[tuple[str, ...], asked("on which nodes, as far as events tell")]
    causes: Annotated[tuple[VanishCause, ...], asked("how they ended, most pods first")]
