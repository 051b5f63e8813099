"""Why a pod is not bound to its node.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core import facts as f
from kubectl_ds.words.phrases import after, common


def gated(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("held back by scheduling gates", ", ".join(all_facts[0].gates))


def no_scheduler(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"the pod asks for scheduler {all_facts[0].scheduler}, of which there is no trace"


def awaiting(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return f"{all_facts[0].scheduler} has not looked at the pod yet"


def scheduler_error(all_facts: Sequence[f.SchedulingFacts]) -> str:
    return after("scheduler error", common(item.message for item in all_facts))


def told(all_facts: Sequence[f.FilterFacts]) -> str:
    return f"scheduler: {all_facts[0].text}"


def room(all_facts: Sequence[f.RoomFacts]) -> str:
    return told(all_facts)


def port(all_facts: Sequence[f.PortFacts]) -> str:
    return told(all_facts)


def volume(all_facts: Sequence[f.VolumeFacts]) -> str:
    return told(all_facts)


def term(all_facts: Sequence[f.TermFacts]) -> str:
    return told(all_facts)
