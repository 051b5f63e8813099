"""What stands above the parts of the manual, in every form of it."""

from __future__ import annotations

from kubectl_ds.core.reasons import MEANINGS
from kubectl_ds.manual.evidence import EvidenceKey
from kubectl_ds.manual.pages import Chapter, CodePage

HOW = "How Kubernetes decides it"
LOOK = "What to look at"
EXAMPLE = "Example"
EVIDENCE = "Evidence in -o json"

OWN_NAME = (
    "A container's waiting reason that has no entry, such as RegistryUnavailable, goes through "
    "under its own name."
)


def chapter_name(chapter: Chapter) -> str:
    """The state's name."""
    return chapter.state.value if chapter.state else "Findings"


def chapter_meaning(chapter: Chapter) -> str:
    """What the state stands for."""
    return MEANINGS[chapter.state] if chapter.state else "what concerns a DaemonSet as a whole"


def elsewhere(chapter: Chapter) -> str:
    """The codes of a chapter that an earlier one tells of."""
    return f"Also, from above: {', '.join(chapter.elsewhere)}"


def where(page: CodePage) -> str:
    """The states that a code explains, and whether it is a finding."""
    states = ", ".join(state.value for state in page.states)
    if not states:
        return "a finding"
    return f"{states}; also a finding" if page.finding else states


def value_type(item: EvidenceKey) -> str:
    """What the value of a key is, with its unit."""
    if item.unit == "quantity":
        return item.type.replace("string", item.unit)
    return f"{item.type}, in {item.unit}" if item.unit else item.type


def is_command(look: str) -> bool:
    """Whether it is a command; else it is a hint."""
    return look.startswith("kubectl ")
