"""The kinds of objects that are read: the one list for saved objects and the live API."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from kubectl_ds.core import classes, model, pods, storage
from kubectl_ds.core.meta import Value, decoder


class Kind(NamedTuple):
    """A kind of Kubernetes object, where its objects go, and what they are for.

    Attributes:
        resource: the plural that the API's paths and ``kubectl get`` use.
        kind: the name in the objects' ``kind``.
        api_version: the objects' ``apiVersion``; kinds of the same name in other groups differ.
        model: what an object is decoded into.
        field: the attribute of ``model.Cluster`` that holds the objects.
        without: what it costs not to have them.
        elsewhere: what it costs to have those of the DaemonSet's own namespace alone; empty where
            no others are asked for.
        namespaced: whether an object lives in a namespace.
        essential: whether there is no answer without these objects.
        named: whether an object is also asked for by its name, and not only in lists.
    """

    resource: str
    kind: str
    api_version: str
    model: type[Value]
    field: str
    without: str
    elsewhere: str = ""
    namespaced: bool = True
    essential: bool = False
    named: bool = False


KINDS = (
    Kind(
        "daemonsets",
        "DaemonSet",
        "apps/v1",
        model.DaemonSet,
        "daemon_sets",
        without="there is nothing to explain",
        essential=True,
        named=True,
    ),
    Kind(
        "nodes",
        "Node",
        "v1",
        model.Node,
        "nodes",
        without="where pods should run can't be told",
        namespaced=False,
        essential=True,
    ),
    Kind(
        "pods",
        "Pod",
        "v1",
        pods.Pod,
        "pods",
        without="where pods run can't be told",
        elsewhere="why a pod does not fit on its node is told by the scheduler alone",
        essential=True,
    ),
    Kind(
        "controllerrevisions",
        "ControllerRevision",
        "apps/v1",
        model.ControllerRevision,
        "revisions",
        without="the template's generation alone tells current pods from older ones",
    ),
    Kind(
        "events",
        "Event",
        "v1",
        model.Event,
        "events",
        without="what Kubernetes reported is not told; why a pod is refused is predicted",
        elsewhere="whether a scheduler other than the default one runs is not told",
    ),
    Kind(
        "resourcequotas",
        "ResourceQuota",
        "v1",
        model.ResourceQuota,
        "quotas",
        without="a quota that refuses pods is told by events alone",
    ),
    Kind(
        "limitranges",
        "LimitRange",
        "v1",
        classes.LimitRange,
        "limit_ranges",
        without="a limit that refuses pods is told by events alone",
    ),
    Kind(
        "namespaces",
        "Namespace",
        "v1",
        model.Namespace,
        "namespaces",
        without="a namespace's end, Pod Security level and node selector don't count",
        namespaced=False,
        named=True,
    ),
    Kind(
        "priorityclasses",
        "PriorityClass",
        "scheduling.k8s.io/v1",
        classes.PriorityClass,
        "priority_classes",
        without="a PriorityClass that does not exist is told by events alone",
        namespaced=False,
    ),
    Kind(
        "runtimeclasses",
        "RuntimeClass",
        "node.k8s.io/v1",
        classes.RuntimeClass,
        "runtime_classes",
        without="a RuntimeClass that does not exist is told by events alone",
        namespaced=False,
    ),
    Kind(
        "serviceaccounts",
        "ServiceAccount",
        "v1",
        classes.ServiceAccount,
        "service_accounts",
        without="a ServiceAccount that does not exist is told by events alone",
    ),
    Kind(
        "persistentvolumeclaims",
        "PersistentVolumeClaim",
        "v1",
        storage.PersistentVolumeClaim,
        "claims",
        without="what a claim waits for is told by the scheduler alone",
    ),
    Kind(
        "persistentvolumes",
        "PersistentVolume",
        "v1",
        storage.PersistentVolume,
        "volumes",
        without="which nodes can reach a volume is told by the scheduler alone",
        namespaced=False,
    ),
    Kind(
        "storageclasses",
        "StorageClass",
        "storage.k8s.io/v1",
        storage.StorageClass,
        "storage_classes",
        without="whether a volume can still be made is told by the scheduler alone",
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
