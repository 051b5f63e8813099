"""Reports to make pages of, and what is embedded in a page."""

from __future__ import annotations

import base64
import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

from test_demo import cluster, explained

from kubectl_ds.core import facts as f
from kubectl_ds.core.cover import Cover, delivers, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.report import Report, common, report
from kubectl_ds.core.verdict import Explanation, Outcome
from kubectl_ds.draw.page import coverage_page
from tests.core import make

HOSTILE = "</script><img src=x onerror=\"document.title='taken'\"><!--\u2028\u202e'`${1}&amp;"
SHOWN = "</script><img src=x onerror=\"document.title='taken'\"><!-- \\u202e'`${1}&amp;"

_TAINT = f.TaintFacts(key="dedicated", value="gpu", effect="NoSchedule")
EXCLUDED = Outcome(
    state=State.EXCLUDED,
    desired=False,
    keeps=False,
    reasons=(Reason("UntoleratedTaint", Source.COMPUTED, _TAINT),),
)


@cache
def demo() -> Report:
    """The bundled example cluster."""
    fleet = Fleet(cluster())
    return report(cluster().now, cluster().nodes, [survey(fleet, x) for x in cluster().daemon_sets])


def explanations() -> list[Explanation]:
    """The same, explained."""
    return list(explained().values())


def daemon_set(name: str) -> DaemonSet:
    """A DaemonSet of that name."""
    return DaemonSet(metadata=ObjectMeta(name=name, namespace="fleet"))


def cover(
    name: str, nodes: int, others: Mapping[str, Outcome], gone: int = 0, **more: Any
) -> Cover:
    """How far a DaemonSet reaches that is plainly there on all nodes but those given.

    So many of those no longer exist as ``gone`` says.
    """
    plain = nodes - len(others) + gone
    states = Counter(outcome.state for outcome in others.values())
    states[State.AVAILABLE] += plain
    return Cover(
        daemon_set=daemon_set(name),
        nodes=nodes,
        desired=plain + sum(outcome.desired for outcome in others.values()),
        available=plain + sum(map(delivers, others.values())),
        states=states,
        others=others,
        none_wanted=more.pop("none_wanted", None),
        not_checked=more.pop("not_checked", ()),
        **more,
    )


def crash(pod: str, message: str, desired: bool = True) -> Outcome:
    """A pod that crashes, with evidence of its own."""
    facts = f.ContainerFacts(
        pod=pod,
        container="agent",
        init=False,
        image="registry.example.com/agents/agent:v3",
        reason="CrashLoopBackOff",
        message=message,
        restarts=7,
        exit_code=1,
        exit_reason="Error",
    )
    reason = Reason("CrashLoopBackOff", Source.REPORTED, facts)
    return Outcome(state=State.UNREADY, desired=desired, keeps=True, reasons=(reason,))


def synthetic(nodes: int, sets: int, own: float = 0.1) -> Report:
    """A fleet in which so large a share of the cells has evidence that no other cell has."""
    dice = random.Random(7)
    made = [make.node(f"ip-10-{n // 250}-{n % 250}.region.compute.internal") for n in range(nodes)]
    covers = []
    for number in range(sets):
        others = {}
        for place, node in enumerate(made):
            if place % 8 == 7 and number % 4 == 0:
                others[node.name] = EXCLUDED
            elif dice.random() < own:
                pod = f"agent-{dice.getrandbits(40):010x}"
                text = f"back-off 5m0s restarting failed container=agent pod={pod}_fleet"
                others[node.name] = crash(pod, f"{text}({dice.getrandbits(128):032x})")
        covers.append(cover(f"agent-{number:02}", nodes, others))
    return report(make.NOW, made, covers)


def hostile() -> Report:
    """Two nodes, one of them gone, and nothing but traps for names and messages."""
    taint = f.TaintFacts(key=HOSTILE, value=HOSTILE, effect="NoSchedule")
    excluded = Outcome(
        state=State.EXCLUDED,
        desired=False,
        keeps=False,
        reasons=(Reason("UntoleratedTaint", Source.COMPUTED, taint),),
    )
    name = f"node{HOSTILE}"
    others = {name: excluded, f"gone{HOSTILE}": crash(HOSTILE, HOSTILE, desired=False)}
    first = cover(f"set{HOSTILE}", 1, others, gone=1, verified=False)
    return report(make.NOW, [make.node(name)], [first, cover("calm", 1, {})])


def embedded(page: str) -> dict[str, Any]:
    """The data in a page, as its script reads it."""
    found = re.search(r'id="data" data-encoding="(\w*)">([^<]*)</script>', page)
    assert found
    plain = zlib.decompress(base64.b64decode(found[2])) if found[1] else found[2]
    data: dict[str, Any] = json.loads(plain)
    return data


def fleet_document(whole: Report) -> str:
    """The page on a fleet of which no DaemonSet was named."""
    return coverage_page(whole, common(whole))
