"""Why a pod waits for its volumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import choice
from kubectl_ds.words.placement import sides
from kubectl_ds.words.scheduling import told

_Words = Callable[[Sequence[f.VolumeFacts]], str]


def volume(all_facts: Sequence[f.VolumeFacts]) -> str:
    """One sentence on the evidence of all nodes that share the reason; see `reasons`."""
    words = _BY_PROBLEM.get(all_facts[0].problem)
    if words:
        return words(all_facts)
    by_now = "; by now the claims and volumes do not show it" if all_facts[0].fits else ""
    return told(all_facts) + by_now


def _whole(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"PersistentVolumeClaim {choice(item.claim for item in all_facts)}"


def _short(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"claim {choice(item.claim.rpartition('/')[2] for item in all_facts)}"


def _volume(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"volume {choice(item.volume for item in all_facts)}"


def _ends(end: str) -> _Words:
    return lambda all_facts: f"{_whole(all_facts)} {end}"


def _not_created(all_facts: Sequence[f.VolumeFacts]) -> str:
    lead = f"ephemeral volume {all_facts[0].pod_volume} waits for"
    return f"{lead} {_whole(all_facts)}, which Kubernetes has not created yet"


def _foreign(all_facts: Sequence[f.VolumeFacts]) -> str:
    use = f"ephemeral volume {all_facts[0].pod_volume}"
    return f"{_whole(all_facts)} has the name that {use} needs, but was not created for the pod"


def _lost(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"{_whole(all_facts)} has lost its {_volume(all_facts)}"


def _volume_missing(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"{_bound(all_facts)}, which does not exist"


def _bound(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"{_short(all_facts)} is bound to {_volume(all_facts)}"


def _unbound(all_facts: Sequence[f.VolumeFacts]) -> str:
    name = all_facts[0].storage_class
    made_by = f"StorageClass {name}" if name else "it names no StorageClass"
    return f"{_whole(all_facts)} is not bound to a volume yet ({made_by})"


def _class_missing(all_facts: Sequence[f.VolumeFacts]) -> str:
    name = all_facts[0].storage_class
    return f"{_whole(all_facts)} is not bound to a volume, and StorageClass {name} does not exist"


def _pending(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"{_whole(all_facts)} names {_volume(all_facts)}, and is not bound to it yet"


def _selected_node(all_facts: Sequence[f.VolumeFacts]) -> str:
    nodes = choice(item.selected_node or "no node" for item in all_facts)
    return f"the volume for {_short(all_facts)} is being made for {nodes}, not for this node"


def _no_provisioner(all_facts: Sequence[f.VolumeFacts]) -> str:
    name = all_facts[0].storage_class
    return f"{_short(all_facts)} finds no free volume here, and StorageClass {name} makes none"


def _topology(all_facts: Sequence[f.VolumeFacts]) -> str:
    lead = f"StorageClass {all_facts[0].storage_class} makes volumes for {_short(all_facts)} only"
    return f"{lead} where {_wants(all_facts)}"


def _elsewhere(all_facts: Sequence[f.VolumeFacts]) -> str:
    return f"{_bound(all_facts)}, which wants {_wants(all_facts)}"


def _wants(all_facts: Sequence[f.VolumeFacts]) -> str:
    facts = all_facts[0]
    if not facts.failed:
        return facts.wanted
    several = len({item.term for item in facts.failed}) > 1
    lead = "one of several: " if several else ""
    return lead + sides([item.failed for item in all_facts])


def _in_use(all_facts: Sequence[f.VolumeFacts]) -> str:
    holders = choice(item.holder for item in all_facts)
    use = f"{_short(all_facts)} (ReadWriteOncePod) is in use by {holders}"
    return f"{use}: a DaemonSet's pods can't share it"


_BY_PROBLEM: dict[str, _Words] = {
    "missing": _ends("does not exist"),
    "notCreated": _not_created,
    "foreign": _foreign,
    "deleting": _ends("is being deleted"),
    "lost": _lost,
    "volumeMissing": _volume_missing,
    "unbound": _unbound,
    "classMissing": _class_missing,
    "pending": _pending,
    "selectedNode": _selected_node,
    "noProvisioner": _no_provisioner,
    "topology": _topology,
    "nodeAffinity": _elsewhere,
    "zone": _elsewhere,
    "inUse": _in_use,
}
