"""The filter NodePorts: host ports that another pod on the node holds.

Sources: ``pkg/scheduler/framework/plugins/nodeports/node_ports.go`` (fitsPorts),
``pkg/scheduler/util/utils.go`` (GetHostPorts), ``k8s.io/kube-scheduler/framework/types.go``
(HostPortInfo). A pod on the host network has its hostPorts filled in by the API server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kubectl_ds.core.facts import PortFacts, PortHolder
from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.rivals import full_name, rivals
from kubectl_ds.core.scheduling.target import Refused, Target

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104


class HostPort(NamedTuple):
    """A port of the node as a pod asks for it, its defaults filled in."""

    host_ip: str
    protocol: str
    port: int
    container: str

    def conflicts(self, other: HostPort) -> bool:
        """Whether only one of both can be had; ``::`` is an address like any other."""
        everywhere = EVERY_ADDRESS in (self.host_ip, other.host_ip)
        same = (self.protocol, self.port) == (other.protocol, other.port)
        return same and (everywhere or self.host_ip == other.host_ip)


def host_ports(pod: Pod, target: Target) -> Iterator[Refused | Unread]:
    """Refuse a pod of which another one, there or about to come, holds a host port."""
    held = tuple(holders(pod, target))
    if held:
        yield Refused("HostPortConflict", PortFacts(pod=pod.name, ports=held))
    elif target.pods is None and wanted(pod):
        yield Unread(what="host ports", why="not all pods on the node were read")


def wanted(pod: Pod) -> list[HostPort]:
    """The host ports that a pod asks for; an init container that ends holds none."""
    sidecars = [item for item in pod.spec.init_containers or () if item.sidecar]
    return [
        HostPort(
            host_ip=port.host_ip or EVERY_ADDRESS,
            protocol=port.protocol or "TCP",
            port=port.host_port,
            container=container.name,
        )
        for container in (*sidecars, *(pod.spec.containers or ()))
        for port in container.ports or ()
        if port.host_port > 0
    ]


def holders(pod: Pod, target: Target) -> Iterator[PortHolder]:
    """Each host port of the pod that is taken, by pod and container that hold it."""
    asked = wanted(pod)
    for other in rivals(pod, target) if asked else ():
        for held in wanted(other):
            taken = next((port for port in asked if port.conflicts(held)), None)
            if taken is not None:
                yield _holder(taken, full_name(other), held.container)


def freed_ports(pod: Pod, target: Target) -> PortFacts:
    """The evidence where the scheduler found a port taken and no holder is seen."""
    ports = tuple(dict.fromkeys(_holder(port, "", "") for port in wanted(pod)))
    return PortFacts(pod=pod.name, ports=ports, fits=target.pods is not None)


def _holder(port: HostPort, holder: str, container: str) -> PortHolder:
    return PortHolder(
        port=port.port,
        protocol=port.protocol,
        host_ip=port.host_ip,
        holder=holder,
        container=container,
    )
