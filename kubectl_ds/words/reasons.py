"""One sentence for each reason code, with both sides of the comparison.

Each function gets the evidence of all nodes that share the reason: what was asked is equal for
all of them, what each node has may differ and is told as a choice or a range.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubectl_ds.core.facts import Facts


def sentence(code: str, evidence: Sequence[Facts]) -> str:
    """Say why, for one node or for several that share the reason.

    Args:
        code: a reason's code.
        evidence: the facts of each node concerned; at least one.
    """
    from kubectl_ds.words.by_code import words_of

    return words_of(code)(evidence)
