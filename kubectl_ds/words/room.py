"""Sentences on room and ports that other pods take up on a node.

Each function gets the evidence of all nodes that share the reason; see `reasons`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kubectl_ds.core import facts as f
from kubectl_ds.core.quantity import parse
from kubectl_ds.words.amounts import about, asked, between, least, of
from kubectl_ds.words.phrases import choice, count, first_names, listing, span

_SOON = (
    "it should be scheduled within 5 minutes, unless there are pods that were not among those read"
)
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104


def room(all_facts: Sequence[f.RoomFacts]) -> str:
    """``needs 256Mi, 159Mi free of 7.6Gi (97% requested); …``."""
    facts = all_facts[0]
    if facts.requested in (None, "0"):
        return f"scheduler: {facts.text}"
    sides = _number(all_facts) if facts.resource == "pods" else _sides(all_facts)
    if facts.fits:
        return f"{sides}; by the pods that were read it fits now, so {_SOON}"
    return "; ".join(part for part in (sides, _evicting(all_facts), _smaller(all_facts)) if part)


def _number(all_facts: Sequence[f.RoomFacts]) -> str:
    limits = [int(parse(item.allocatable or "0").value) for item in all_facts]
    there = [int(parse(item.used).value) for item in all_facts if item.used is not None]
    if not any(limits):
        return "the node takes no pods"
    takes = f"the node takes {_pods(limits)}"
    are = "is" if set(there) == {1} else "are"
    return f"{takes}, and {span(there)} {are} there" if there else takes


def _pods(numbers: Sequence[int]) -> str:
    return f"{span(numbers)} pod{'' if set(numbers) == {1} else 's'}"


def _sides(all_facts: Sequence[f.RoomFacts]) -> str:
    resource = all_facts[0].resource
    needs = f"needs {of(resource, asked(resource, all_facts[0].requested or '0'))}"
    if all_facts[0].defaulted:
        needs += " (a LimitRange's default, not in the template)"
    sizes = [item.allocatable or "0" for item in all_facts]
    whole = between(about(resource, size) for size in sizes)
    if not any(map(parse, sizes)):
        return f"{needs}, the node has none"
    if all(map(_is_small, all_facts)):
        return f"{needs}, the node has {whole} in all"
    free = [item.free for item in all_facts if item.free is not None]
    if len(free) < len(all_facts):
        return f"{needs} of {whole}, of which too much is requested already"
    left = between(least(resource, text) if parse(text).value > 0 else "0" for text in free)
    shares = [_percent(item) for item in all_facts if parse(item.allocatable or "0")]
    left = "none" if left == "0" else left
    return f"{needs}, {left} free of {whole} ({span(shares, '%')} requested)"


def _is_small(facts: f.RoomFacts) -> bool:
    return parse(facts.requested or "0") > parse(facts.allocatable or "0")


def _percent(facts: f.RoomFacts) -> int:
    return int(
        Fraction(100) * parse(facts.used or "0").value / parse(facts.allocatable or "0").value
    )


def _evicting(all_facts: Sequence[f.RoomFacts]) -> str:
    """Whether the scheduler could make room; nothing where the node itself is too small."""
    if any(map(_is_small, all_facts)):
        return ""
    found = [item.preemption for item in all_facts if item.preemption]
    helped = sum(item.helps for item in found)
    if not found:
        return ""
    if helped:
        return _helped(found, helped, len(all_facts))
    return f"evicting nothing helps: {_why_not(found)}"


def _helped(found: Sequence[f.Preemption], helped: int, nodes: int) -> str:
    names = listing(name for item in found if item.helps for name in item.candidates)
    where = "" if helped == nodes else f" on {helped} of {nodes} nodes"
    text = f"evicting pods of lower priority makes room{where} ({names})"
    none = any(item.found_none for item in found if item.helps)
    return f"{text}, though the scheduler found none to evict" if none else text


def _why_not(found: Sequence[f.Preemption]) -> str:
    lower = [item.lower for item in found]
    if not any(lower):
        return "no pod there has a lower priority"
    if found[0].policy == "Never":
        return "the pod's preemptionPolicy is Never"
    return f"without the {_pods(lower)} of lower priority there it would not be let in either"


def _smaller(all_facts: Sequence[f.RoomFacts]) -> str:
    resource = all_facts[0].resource
    fits = next((item.fits_all for item in all_facts if item.fits_all), None)
    if fits is None:
        return ""
    request = of(resource, least(resource, fits.request))
    if fits.nodes < fits.desired:
        return (
            f"with a request of at most {request} it runs on {fits.nodes} of {fits.desired} nodes"
        )
    where = {1: "", 2: " both nodes"}.get(fits.nodes, f" all {fits.nodes} nodes")
    return f"a request of at most {request} fits{where}"


def port(all_facts: Sequence[f.PortFacts]) -> str:
    """``host port 9100/TCP is held by monitoring/node-exporter-x``."""
    facts = all_facts[0]
    if not facts.ports:
        return f"scheduler: {facts.text}"
    names = dict.fromkeys(map(_port, facts.ports))
    ports = f"host port{'s' if len(names) > 1 else ''} {listing(names)}"
    are, they = ("are", "they are") if len(names) > 1 else ("is", "it is")
    if facts.fits:
        return f"{ports}: by the pods that were read {they} free now, so {_SOON}"
    holders = choice(each.holder for item in all_facts for each in item.ports if each.holder)
    return f"{ports} {are} held by {holders or 'another pod'}"


def _port(item: f.PortHolder) -> str:
    place = "" if item.host_ip == _EVERY_ADDRESS else f"{item.host_ip}:"
    return f"{place}{item.port}/{item.protocol}"


def preempting(all_facts: Sequence[f.SchedulingFacts]) -> str:
    """``room is made by evicting a/b; waits until it is gone``."""
    known = [item.victims for item in all_facts if item.victims is not None]
    names = tuple(dict.fromkeys(name for victims in known for name in victims))
    if names:
        gone = "it is gone" if len(names) == 1 else f"these {count(len(names), 'pod')} are gone"
        return f"room is being made by evicting {first_names(names)}; the pod waits until {gone}"
    if len(known) == len(all_facts):
        return "room was made by evicting others, which are gone; the scheduler tries again"
    return "other pods are being evicted to make room"
