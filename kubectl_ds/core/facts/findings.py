"""Evidence on a DaemonSet as a whole."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked
from kubectl_ds.core.meta import Value


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


class OnDeleteFacts(Facts, frozen=True):
    nodes: Annotated[int, asked("how many nodes still run an older revision", "nodes")]
    desired: Annotated[int, asked("of how many", "nodes")]
