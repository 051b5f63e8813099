"""The filter DynamicResources, and why there is none for NodeDeclaredFeatures.

Sources: ``pkg/scheduler/framework/plugins/{dynamicresources,nodedeclaredfeatures}``.
"""

# No object says which of a node's declared features a pod needs: the scheduler works that out by
# a list of its own, which grows with every version. Most pods need none and pass, so nothing is
# told of it unless the scheduler does: its words give the code NodeFeature.

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.model import Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.target import Target

_CLAIMS = Unread(
    what="resourceclaims",
    why="not modelled: that a node lacks the devices is told by the scheduler alone",
)


def dynamic_resources(pod: Pod, _: Target) -> Iterator[Unread]:
    """Whether the node has the devices that the pod claims; left open where it claims any."""
    if pod.spec.resource_claims:
        yield _CLAIMS
