"""Evidence on where pods are wanted."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.meta import Time, Value
from kubectl_ds.core.pods import NodeSelectorTerm


class NodeNameFacts(Facts, frozen=True):
    wanted: Annotated[str, asked("the template's spec.nodeName")]


class NodeSelectorFacts(Facts, frozen=True):
    key: Annotated[str, asked("the label's key in nodeSelector")]
    wanted: Annotated[str, asked("the value that nodeSelector wants")]
    actual: Annotated[str | None, own("the node's value; null where it has no such label")]
    message: Annotated[str, asked("the scheduler's words, where labels no longer show it")] = ""


class AffinityFailure(Value, frozen=True):
    term: Annotated[int, asked("the term's position among nodeSelectorTerms, from 0")]
    key: Annotated[str, asked("the label's or field's key")]
    operator: Annotated[str, asked("the expression's operator")]
    values: Annotated[tuple[str, ...], asked("the expression's values")]
    actual: Annotated[str | None, own("the node's value; null where it has no such label")]
    problem: Annotated[str | None, asked("why Kubernetes can't parse the expression, or null")]


class NamespaceSelectorFacts(Facts, frozen=True):
    annotation: Annotated[str, asked("the namespace's annotation that holds the selector")]
    selector: Annotated[str, asked("the namespace's node selector")]
    failed: Annotated[tuple[AffinityFailure, ...], asked("each requirement that does not hold")]


class NodeAffinityFacts(Facts, frozen=True):
    terms: Annotated[
        tuple[NodeSelectorTerm, ...], asked("the template's required terms; one must match whole")
    ]
    failed: Annotated[tuple[AffinityFailure, ...], asked("each expression that does not hold")]


class TaintFacts(Facts, frozen=True):
    key: Annotated[str, asked("the taint's key")]
    value: Annotated[str, asked("the taint's value, empty where it has none", stamps=True)]
    effect: Annotated[str, asked("NoSchedule or NoExecute")]
    time_added: Annotated[Time | None, own("when a NoExecute taint was added")] = None
    message: Annotated[str, asked("the scheduler's words, where taints no longer show it")] = ""
    near: Annotated[
        str, asked("a toleration of the same key that does not tolerate the taint, or empty")
    ] = ""


class NodeHealthFacts(Facts, frozen=True):
    exists: Annotated[bool, asked("whether there still is a Node object")]
    status: Annotated[str | None, asked("status of the node's Ready condition")]
    reason: Annotated[str, own("the condition's reason")]
    message: Annotated[str, own("the condition's message")]
    since: Annotated[Time | None, own("when the condition last changed its status")]
    taints: Annotated[tuple[str, ...], own("the node's not-ready and unreachable taints")] = ()
    cordoned: Annotated[bool, own("spec.unschedulable, which keeps no daemon pod away")] = False
