"""The kinds of objects that are read: the one list for saved objects and the live API."""

from __future__ import annotations

from typing import NamedTuple

from kubectl_ds.core import model, pods
from kubectl_ds.core.meta import Value


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
    Kind("limitranges", "LimitRange", "v1", model.LimitRange, "limit_ranges"),
    Kind("namespaces", "Namespace", "v1", model.Namespace, "namespaces", namespaced=False),
)
