"""The names of several clusters, in front of what is shown of each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from kubectl_ds.draw.visible import visible

TITLE = "CLUSTER"
_LEAST = 12
_SEPARATOR = re.compile(r"[/:@_]")


def shown(names: Collection[str], room: int) -> Mapping[str, str]:
    """Each name as a column shows it: where it is too long, its end that no other name has.

    Args:
        names: the names, none of them empty.
        room: columns that there are for them; a short name stays whole anyway.
    """
    whole = {name: visible(name) for name in names}
    return {
        name: text if len(text) <= max(room, _LEAST) else _end(text, {*whole.values()} - {text})
        for name, text in whole.items()
    }


def _end(name: str, others: Collection[str]) -> str:
    """``…/prod`` of ``arn:aws:eks:eu-central-1:1234:cluster/prod``."""
    for separator in reversed(list(_SEPARATOR.finditer(name))):
        end = name[separator.start() :]
        if len(end) > 1 and not any(other.endswith(end) for other in others):
            return f"…{end}"
    return name


def before(cluster: str, text: str) -> str:
    """The lines of a text that has no title, each with its cluster before it, if it has one."""
    if not cluster:
        return text
    return "\n".join(f"{visible(cluster)}  {line}" for line in text.splitlines())


def tabbed(cluster: str, name: str) -> str:
    """A name alone, or after its cluster and a tab, which no name holds."""
    return f"{visible(cluster)}\t{name}" if cluster else name
