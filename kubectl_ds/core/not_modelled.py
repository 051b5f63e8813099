"""What only the scheduler itself can tell of a pod that waits."""

from __future__ import annotations

from kubectl_ds.core.model import Unread

NOT_MODELLED = Unread(
    what="scheduler filter NodeDeclaredFeatures, and extenders",
    why="not modelled; where they refuse a node, only the scheduler's words tell",
)

# It weighs that for every pod, and we can't unless all pods were read.
ELSEWHERE = Unread(
    what="the anti-affinity of pods on other nodes", why="not all pods there were read"
)
