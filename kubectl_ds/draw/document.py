"""The versioned documents of ``-o json`` and ``-o yaml``.

Their shape is the contract with scripts: within ``v1`` fields are added, never renamed or
removed. ``docs/schema`` holds the JSON Schema that is generated from these types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from kubectl_ds.core.facts import Facts
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSetStatus, Unread
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.verdict import Explanation, Finding, NodeVerdict, PodView, Rollout, Summary
from kubectl_ds.draw.visible import visible_json
from kubectl_ds.words.overview import finding_sentence
from kubectl_ds.words.reasons import sentence

ApiVersion = Literal["kubectl-ds/v1"]
API_VERSION: ApiVersion = "kubectl-ds/v1"


# The name of its cluster; not there where only one was asked for.
ClusterName = str | msgspec.UnsetType


def cluster_name(name: str) -> ClusterName:
    """The value of a field ``cluster``."""
    return name or msgspec.UNSET


class FixDocument(Value, frozen=True):
    """A command that the user may run; this program never does."""

    command: str
    does: str
    risk: Literal["safe", "disruptive"]


class DaemonSetDocument(Value, frozen=True):
    """The DaemonSet that was explained."""

    namespace: str
    name: str
    uid: str
    generation: int


class FindingDocument(Value, frozen=True):
    """What concerns the DaemonSet as a whole; ``cluster`` is in what concerns several."""

    code: str
    message: str
    evidence: Facts
    fixes: tuple[FixDocument, ...] = ()
    cluster: ClusterName = msgspec.UNSET


class ReasonDocument(Value, frozen=True):
    """Why a node is in its state."""

    code: str
    source: Source
    message: str
    evidence: Facts
    fixes: tuple[FixDocument, ...] = ()


class NodeDocument(Value, frozen=True):
    """What is there on one node; the first reason is the deciding one."""

    node: str
    state: State
    desired: bool
    reasons: tuple[ReasonDocument, ...]
    pods: tuple[PodView, ...]


class DaemonSetExplanation(Value, frozen=True, kw_only=True):
    """Why one DaemonSet's pod is, or is not, on each node.

    ``cluster`` is the name of its context where several clusters were asked for.
    """

    api_version: ApiVersion
    kind: Literal["DaemonSetExplanation"]
    cluster: ClusterName = msgspec.UNSET
    daemon_set: DaemonSetDocument
    summary: Summary
    status: DaemonSetStatus
    status_behind: tuple[str, ...]
    states: dict[State, int]
    rollout: Rollout
    findings: tuple[FindingDocument, ...]
    not_checked: tuple[Unread, ...]
    nodes: tuple[NodeDocument, ...]


class DaemonSetExplanationList(Value, frozen=True, kw_only=True):
    """The same for several DaemonSets, or for none, with what they have in common.

    ``notChecked`` is there where several clusters were asked for, and has those that could not be
    read.
    """

    api_version: ApiVersion
    kind: Literal["DaemonSetExplanationList"]
    findings: tuple[FindingDocument, ...]
    not_checked: tuple[Unread, ...] | msgspec.UnsetType = msgspec.UNSET
    items: tuple[DaemonSetExplanation, ...]


def explanation_document(explanation: Explanation) -> DaemonSetExplanation:
    """The document on one DaemonSet."""
    metadata = explanation.daemon_set.metadata
    return DaemonSetExplanation(
        api_version=API_VERSION,
        kind="DaemonSetExplanation",
        cluster=cluster_name(explanation.cluster),
        daemon_set=DaemonSetDocument(
            namespace=metadata.namespace,
            name=metadata.name,
            uid=metadata.uid,
            generation=metadata.generation,
        ),
        summary=explanation.summary,
        status=explanation.status,
        status_behind=explanation.status_behind,
        states=states_document(explanation.states),
        rollout=explanation.rollout,
        findings=tuple(map(_finding, explanation.findings)),
        not_checked=explanation.not_checked,
        nodes=tuple(map(_node, explanation.nodes)),
    )


def list_document(
    explanations: Iterable[Explanation], lost: Sequence[Unread] | None = None
) -> DaemonSetExplanationList:
    """The document on several DaemonSets.

    Args:
        explanations: the answers.
        lost: of several clusters those of which nothing could be read; None where there is one.
    """
    answers = tuple(explanations)
    return DaemonSetExplanationList(
        api_version=API_VERSION,
        kind="DaemonSetExplanationList",
        findings=tuple(map(_finding, shared_nodes(answers))),
        not_checked=msgspec.UNSET if lost is None else tuple(lost),
        items=tuple(map(explanation_document, answers)),
    )


def states_document(states: Mapping[State, int]) -> dict[State, int]:
    """How many nodes are in each state that occurs, by the state's name."""
    ordered = sorted(State, key=lambda state: state.value)
    return {state: states[state] for state in ordered if state in states}


def _finding(finding: Finding) -> FindingDocument:
    return FindingDocument(
        code=finding.code,
        message=finding_sentence(finding),
        evidence=finding.facts,
        cluster=cluster_name(finding.cluster),
    )


def _node(verdict: NodeVerdict) -> NodeDocument:
    return NodeDocument(
        node=verdict.node,
        state=verdict.state,
        desired=verdict.desired,
        reasons=tuple(map(reason_document, verdict.reasons)),
        pods=verdict.pods,
    )


def reason_document(reason: Reason) -> ReasonDocument:
    """Why a node is in its state, with the sentence that says so."""
    return ReasonDocument(
        code=reason.code,
        source=reason.source,
        message=sentence(reason.code, [reason.facts]),
        evidence=reason.facts,
    )


def as_json(document: Value) -> str:
    """Indented JSON in which no character can act upon a terminal."""
    compact = msgspec.json.encode(document)
    return visible_json(msgspec.json.format(compact, indent=4).decode())


def as_line(document: Value) -> str:
    """The same on one line, for a stream of documents."""
    return visible_json(msgspec.json.encode(document).decode())


def as_yaml(document: Value) -> str:
    """YAML of plain ASCII; everything else stands as an escape."""
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    plain = msgspec.to_builtins(document)
    text: str = yaml.dump(plain, Dumper=dumper, sort_keys=False, allow_unicode=False)
    return text
