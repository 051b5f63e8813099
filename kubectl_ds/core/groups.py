"""Labels by which nodes are grouped, and short names for those that everybody means."""

from __future__ import annotations

from typing import NamedTuple

from kubectl_ds.core.model import Node

# Short names: the well-known label first (``k8s.io/api/core/v1/well_known_labels.go``), then what
# came before it, then those of vendors and provisioners. The first one that a node has counts.
SHORT_NAMES: dict[str, tuple[str, ...]] = {
    "zone": ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"),
    "region": ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"),
    "pool": (
        "karpenter.sh/nodepool",
        "karpenter.sh/provisioner-name",
        "eks.amazonaws.com/nodegroup",
        "alpha.eksctl.io/nodegroup-name",
        "cloud.google.com/gke-nodepool",
        "kubernetes.azure.com/agentpool",
        "agentpool",
        "doks.digitalocean.com/node-pool",
        "hypershift.openshift.io/nodePool",
        "ibm-cloud.kubernetes.io/worker-pool-name",
        "k8s.scaleway.com/pool-name",
        "kops.k8s.io/instancegroup",
        "kubernetes.civo.com/civo-node-pool",
        "lke.linode.com/pool-id",
        "node.alibabacloud.com/nodepool-id",
        "alibabacloud.com/nodepool-id",
        "vke.vultr.com/node-pool",
        "worker.gardener.cloud/pool",
        "node-pool",
        "nodepool",
        "pool",
    ),
    "os": ("kubernetes.io/os", "beta.kubernetes.io/os"),
    "arch": ("kubernetes.io/arch", "beta.kubernetes.io/arch"),
    "instance-type": ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"),
}


class Label(NamedTuple):
    """What the user groups by.

    Attributes:
        name: as the user gave it.
        keys: the labels that it stands for, of which the first one counts that a node has.
    """

    name: str
    keys: tuple[str, ...]


class Labelled(NamedTuple):
    """A label of a node; the value is None where the node has none of those asked for."""

    key: str
    value: str | None


def label(name: str) -> Label:
    """A short name, or any label's key."""
    return Label(name, SHORT_NAMES.get(name, (name,)))


def label_of(node: Node, wanted: Label) -> Labelled:
    """The label of a node that counts; where it has none, the name that was asked for."""
    for key in wanted.keys:
        if key in node.labels:
            return Labelled(key, node.labels[key])
    return Labelled(wanted.name, None)
