"""Sentences on several clusters: those that failed, and those that lack what was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core.model import Unread
from kubectl_ds.core.scope import Scope
from kubectl_ds.words.phrases import count, listing

# What is not checked of a cluster that can't be read.
EVERYTHING = "everything"


def about(cluster: str, sentence: str) -> str:
    """A sentence with the cluster that it is about, where that is one of several."""
    return f"cluster {cluster}: {sentence}" if cluster else sentence


def lost(cluster: Unread) -> str:
    """Why a cluster can't be read."""
    return about(cluster.cluster, cluster.why)


def twin(name: str, first: str) -> str:
    """That a context is left out, for an other one asks the same."""
    return f"context {name} is left out: it asks the same server as the same user as {first}"


def nowhere(sentences: Sequence[str]) -> str:
    """That no cluster has something, of each the sentence that says so."""
    if len(sentences) == 1:
        return sentences[0]
    hint = next((text for text in sentences if "did you mean" in text), sentences[0])
    return f"{hint} (nor in {count(len(sentences) - 1, 'other cluster')})"


def no_node_in(node: str, clusters: Iterable[str]) -> str:
    """That some clusters have no node of a name that others have."""
    return f'there is no node "{node}" in cluster {listing(clusters)}'


def none_found(scope: Scope, several: bool) -> str:
    """That there is nothing to show of a scope; of several clusters each may have its own."""
    if several:
        return "No DaemonSets found in any cluster that answered."
    where = f" in {scope.namespace} namespace" if scope.namespace else ""
    return f"No DaemonSets found{where}."
