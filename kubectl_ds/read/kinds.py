"""The kinds of objects that are read: the one list for saved objects and the live API."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from kubectl_ds.core import classes, model, pods, storage
from kubectl_ds.core.meta import Value, decoder


class Kind(NamedTuple):
    """A kind of Kubernetes object, and where its objects go.

    Attributes:
        resource: the plural that the API's paths and ``kubectl get`` use.
        kind: the name in the objects' ``kind``.
        api_version: the objects' ``apiVersion``; kinds of the same name in other groups differ.
        model: what an object is decoded into.
        field: the attribute of ``model.Cluster`` that holds the objects.
        namespaced: whether an object lives in a namespace.
        essential: whether there is no answer without these objects.
    """

    resource: str
    kind: str
    api_version: str
    model: type[Value]
    field: str
    namespaced: bool = True
    essential: bool = False


KINDS = (
    Kind("daemonsets", "DaemonSet", "apps/v1", model.DaemonSet, "daemon_sets", essential=True),
    Kind("nodes", "Node", "v1", model.Node, "nodes", namespaced=False, essential=True),
    Kind("pods", "Pod", "v1", pods.Pod, "pods", essential=True),
    Kind(
        "controllerrevisions",
        "ControllerRevision",
        "apps/v1",
        model.ControllerRevision,
        "revisions",
    ),
    Kind("events", "Event", "v1", model.Event, "events"),
    Kind("resourcequotas", "ResourceQuota", "v1", model.ResourceQuota, "quotas"),
    Kind("limitranges", "LimitRange", "v1", classes.LimitRange, "limit_ranges"),
    Kind("namespaces", "Namespace", "v1", model.Namespace, "namespaces", namespaced=False),
    Kind(
        "priorityclasses",
        "PriorityClass",
        "scheduling.k8s.io/v1",
        classes.PriorityClass,
        "priority_classes",
        namespaced=False,
    ),
    Kind(
        "runtimeclasses",
        "RuntimeClass",
        "node.k8s.io/v1",
        classes.RuntimeClass,
        "runtime_classes",
        namespaced=False,
    ),
    Kind("serviceaccounts", "ServiceAccount", "v1", classes.ServiceAccount, "service_accounts"),
    Kind(
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        "v1",
        storage.PersistentVolumeClaim,
        "claims",
    ),
    Kind(
        "persistentvolumes",
        "PersistentVolume",
        "v1",
        storage.PersistentVolume,
        "volumes",
        namespaced=False,
    ),
    Kind(
        "storageclasses",
        "StorageClass",
        "storage.k8s.io/v1",
        storage.StorageClass,
        "storage_classes",
        namespaced=False,
    ),
)

BY_FIELD = {kind.field: kind for kind in KINDS}


class _Names(Value, frozen=True):
    name: str = ""
    namespace: str = ""


class _Named(Value, frozen=True):
    metadata: _Names = _Names()


def object_title(kind: Kind, document: bytes | str | msgspec.Raw) -> str:
    """``Pod logging/fluentd-x``: which object it is, as far as the damaged JSON still tells."""
    try:
        names = decoder(_Named).decode(document).metadata
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return kind.kind
    name = "/".join(filter(None, (names.namespace, names.name)))
    return f"{kind.kind} {name}".rstrip()
