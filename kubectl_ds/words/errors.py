"""Sentences for what the user asked for and what is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.scope import Scope, nearest
from kubectl_ds.words.phrases import choice


def no_such_daemon_set(name: str, scope: Scope, daemon_sets: Iterable[DaemonSet]) -> str:
    """Which name is wrong, and which are near it."""
    where = f' in namespace "{scope.namespace}"' if scope.namespace else ""
    near = nearest(name, scope, daemon_sets)
    places = choice(f"{item.name} in namespace {item.namespace}" for item in near)
    hint = f"; did you mean {places}?" if near else "; kubectl get ds -A lists them"
    return f'there is no DaemonSet "{name}"{where}{hint}'


def no_such_node(name: str, nodes: Collection[str]) -> str:
    """Which node is wrong, and which are near it."""
    near = get_close_matches(name, nodes)
    hint = f"; did you mean {choice(near)}?" if near else "; kubectl get nodes lists them"
    return f'there is no node "{name}"{hint}'


def no_such_namespace(name: str, namespaces: Collection[str]) -> str:
    """Which namespace is wrong, and which are near it."""
    near = get_close_matches(name, namespaces)
    hint = f"; did you mean {choice(near)}?" if near else "; kubectl get ns lists them"
    return f'there is no namespace "{name}"{hint}'
