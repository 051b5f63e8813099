"""Sentences for what the user asked for and what is not there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.scope import Scope, nearest
from kubectl_ds.words.phrases import choice, listing


def no_such_daemon_set(name: str, scope: Scope, daemon_sets: Iterable[DaemonSet]) -> str:
    """Which name is wrong, and which are near it."""
    where = f' in namespace "{scope.namespace}"' if scope.namespace else ""
    everything = list(daemon_sets)
    near = [f"{x.name} in namespace {x.namespace}" for x in nearest(name, scope, everything)]
    hint = f"did you mean {choice(near)}?" if near else _existing(everything)
    return f'there is no DaemonSet "{name}"{where}; {hint}'


def deleted(names: Sequence[str], namespace: str) -> str:
    """Which DaemonSets are gone while they are watched."""
    if len(names) == 1:
        return f'the DaemonSet "{names[0]}" in namespace "{namespace}" was deleted'
    return f'the DaemonSets {listing(names)} in namespace "{namespace}" were deleted'


def _existing(daemon_sets: Sequence[DaemonSet]) -> str:
    names = [f"{item.namespace}/{item.name}" for item in daemon_sets]
    return f"there are {listing(names)}" if names else "there is none at all that we may see"


def no_such_node(name: str, nodes: Collection[str]) -> str:
    """Which node is wrong, and which are near it."""
    near = sorted(node for node in nodes if node.startswith(f"{name}."))
    near += get_close_matches(name, nodes)
    hint = f"; did you mean {choice(near)}?" if near else "; kubectl get nodes lists them"
    return f'there is no node "{name}"{hint}'


def no_such_namespace(name: str, namespaces: Collection[str]) -> str:
    """Which namespace is wrong, and which are near it."""
    near = get_close_matches(name, namespaces)
    hint = f"; did you mean {choice(near)}?" if near else "; kubectl get ns lists them"
    return f'there is no namespace "{name}"{hint}'


def no_such_code(word: str, codes: Collection[str]) -> str:
    """Which code is wrong, and which are near it."""
    known = {code.lower(): code for code in codes}
    near = [code for key, code in known.items() if word and word.lower() in key]
    near += [known[key] for key in get_close_matches(word.lower(), known, cutoff=0.8)]
    hint = f"did you mean {choice(near)}?" if near else _NO_CODE
    return f'there is no code "{word}"; {hint}'


_NO_CODE = (
    "kubectl ds reasons lists them, and a container's waiting reason that is not among them is "
    "Kubernetes' own word"
)
