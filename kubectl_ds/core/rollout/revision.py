"""Which revision of the template is current, and which pods run it.

Sources: ``pkg/controller/daemon/update.go`` (constructHistory, Match),
``pkg/controller/daemon/util/daemonset_util.go`` (IsPodUpdated).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from kubectl_ds.core.labels import integer
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import ControllerRevision, DaemonSet
from kubectl_ds.core.ownership import is_owner
from kubectl_ds.core.pods import Pod

HASH_LABEL = "controller-revision-hash"
GENERATION_LABEL = "pod-template-generation"
_GENERATION_ANNOTATION = "deprecated.daemonset.template.generation"


class Revision(Value, frozen=True):
    """The current revision, by the two marks that a pod may carry.

    Attributes:
        hash: the ControllerRevision's hash label; empty where none is known to be current.
        generation: the DaemonSet's template generation; empty where it has none.
        known: whether anything was read that tells current pods from older ones.
        since: when it became the current one; None where that can't be told.
        reused: whether an older template was taken up again.
    """

    hash: str
    generation: str
    known: bool = True
    since: datetime | None = None
    reused: bool = False


def current_revision(daemon_set: DaemonSet, revisions: Iterable[ControllerRevision]) -> Revision:
    """Find the current revision among the DaemonSet's own.

    Once the controller has seen the current spec, that is the one with the highest number;
    before, only one that holds exactly the current template.
    """
    own = history = [item for item in revisions if _owned(daemon_set, item)]
    if daemon_set.status.observed_generation < daemon_set.metadata.generation:
        own = [item for item in own if _same_template(daemon_set, item)]
    newest = max(own, key=lambda item: item.revision, default=None)
    generation = _template_generation(daemon_set)
    last = _last_made(history) if newest else None
    reused = bool(newest and last and last != newest.metadata.creation_timestamp)
    return Revision(
        hash=_hash(newest) if newest else "",
        generation=generation,
        known=bool(history or generation),
        since=_taken_up(newest, last) if newest and last and reused else last,
        reused=reused,
    )


def _last_made(revisions: Iterable[ControllerRevision]) -> datetime | None:
    times = (item.metadata.creation_timestamp for item in revisions)
    return max((time for time in times if time), default=None)


def _taken_up(revision: ControllerRevision, after: datetime) -> datetime | None:
    """When an older template was taken up again: its revision was then numbered anew.

    Which is told only by the times of its managed fields, and those are often left out.
    """
    times = [entry.time for entry in revision.metadata.managed_fields or () if entry.time]
    return max((time for time in times if time >= after), default=None)


def _template_generation(daemon_set: DaemonSet) -> str:
    """As a pod's label has it; empty where the annotation is absent or no number."""
    annotations = daemon_set.metadata.annotations or {}
    number = integer(annotations.get(_GENERATION_ANNOTATION, ""))
    return "" if number is None else str(number)


def _owned(daemon_set: DaemonSet, revision: ControllerRevision) -> bool:
    owner = revision.metadata.controller
    return owner is not None and is_owner(daemon_set, owner)


def _hash(revision: ControllerRevision) -> str:
    return (revision.metadata.labels or {}).get(HASH_LABEL, revision.metadata.name)


def _same_template(daemon_set: DaemonSet, revision: ControllerRevision) -> bool:
    data = _parsed(revision.data)
    spec = data.get("spec") if isinstance(data, dict) else None
    template = spec.get("template") if isinstance(spec, dict) else None
    return bool(_normal(template) == _normal(_parsed(daemon_set.spec.template)))


def _parsed(document: msgspec.Raw) -> Any:
    return msgspec.json.decode(bytes(document))


def _normal(template: Any) -> Any:
    """Drop what serialisation adds: the patch directive, and a null creationTimestamp."""
    if not isinstance(template, dict):
        return template
    normal = {key: value for key, value in template.items() if key != "$patch"}
    metadata = normal.get("metadata")
    if isinstance(metadata, dict) and metadata.get("creationTimestamp") is None:
        metadata = {key: value for key, value in metadata.items() if key != "creationTimestamp"}
        normal["metadata"] = metadata
    return normal


def runs(revision: Revision, pod: Pod) -> bool:
    """Whether a pod is of the current revision: its hash or its template generation says so.

    Either mark is enough: a control-plane upgrade may give the same template a new hash. Where
    nothing is known every pod counts as current, for that it is not can't be told.
    """
    if not revision.known:
        return True
    labels = pod.labels
    if revision.hash and labels.get(HASH_LABEL) == revision.hash:
        return True
    return bool(revision.generation) and labels.get(GENERATION_LABEL) == revision.generation


def has_hash(revision: Revision, pod: Pod) -> bool:
    """Whether the pod bears the current hash, which is all that a surge looks at.

    Where no hash is known, the generation stands in.
    """
    if not revision.hash:
        return runs(revision, pod)
    return pod.labels.get(HASH_LABEL) == revision.hash
