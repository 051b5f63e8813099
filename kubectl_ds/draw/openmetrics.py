"""The report as OpenMetrics text, in the part of it that is also Prometheus' older text format.

The textfile collector of node-exporter reads the older one, and refuses samples with times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kubectl_ds.core.cover import Cover
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Report
from kubectl_ds.draw.visible import visible

_HELP = {
    "nodes": "Nodes by what is there for the DaemonSet.",
    "desired_nodes": "Nodes on which the DaemonSet wants a pod.",
    "available_nodes": "Nodes on which a wanted pod is available.",
    "coverage_ratio": "Available share of the desired nodes; 1 where none is desired.",
    "reach_ratio": "Available share of all nodes.",
    "verified": "Whether the pods were looked at, and not the reported status alone.",
}


def openmetrics(report: Report) -> str:
    """Every number that the report can tell.

    All states have a sample, so that no series comes and goes. A DaemonSet has none where too
    little was read: no number would be true.
    """
    covers = [cover for cover in report.covers if cover.certain]
    lines = (line for name in _HELP for line in _family(name, covers))
    return "\n".join([*lines, "# EOF"])


def _family(name: str, covers: Iterable[Cover]) -> Iterator[str]:
    yield f"# HELP kubectl_ds_{name} {_HELP[name]}"
    yield f"# TYPE kubectl_ds_{name} gauge"
    for cover in covers:
        labels = {"cluster": cover.cluster} if cover.cluster else {}
        labels |= {"namespace": cover.daemon_set.namespace, "daemonset": cover.daemon_set.name}
        if name == "nodes":
            for state in State:
                number = cover.states.get(state, 0)
                yield _sample(name, {**labels, "state": state.value}, number)
        else:
            yield _sample(name, labels, _number(name, cover))


def _number(name: str, cover: Cover) -> float:
    return {
        "desired_nodes": cover.desired,
        "available_nodes": cover.available,
        "coverage_ratio": float(cover.coverage),
        "reach_ratio": float(cover.reach),
        "verified": int(cover.verified),
    }[name]


def _sample(name: str, labels: Mapping[str, str], number: float) -> str:
    pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items())
    return f"kubectl_ds_{name}{{{pairs}}} {number}"


def _escaped(value: str) -> str:
    r"""A label's value; no line break is left in it that would have to be ``\n``."""
    return visible(value).replace("\\", r"\\").replace('"', r"\"")
