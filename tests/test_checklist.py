"""The cases that catch a naive implementation, each put to the whole tool: none is left out.

They are numbered as in the rules that the tool follows (their part J). What must come out is what
Kubernetes does: for each node whether a pod is wanted and what is there, the numbers of the
status, and why. Coverage is asked as well each time, and must say the same.
"""

from __future__ import annotations

import re

from tests.checklist import test_admitted, test_rollouts, test_scheduled, test_there, test_wanted

PARTS = (test_wanted, test_there, test_rollouts, test_admitted, test_scheduled)


def test_each_case_is_there() -> None:
    names = [name for part in PARTS for name in vars(part)]
    found = {match[1] for name in names if (match := re.match(r"test_j(\d\d)_", name))}
    assert found == {f"{number:02}" for number in range(1, 31)}
