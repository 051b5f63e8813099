"""Short texts on how far DaemonSets reach."""

from __future__ import annotations

from fractions import Fraction

import msgspec
import pytest
from recorded import cluster

from kubectl_ds.core.cover import Cover, holes, survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.groups import label
from kubectl_ds.core.report import Report, groups, report
from kubectl_ds.words import coverage as words
from tests.core import make

OLD = {"hash": make.OLD_HASH}


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(0), "0%"),
        (Fraction(1, 5000), "<1%"),
        (Fraction(1, 100), "1%"),
        (Fraction(4999, 5000), "99%"),
        (Fraction(2, 3), "66%"),
        (Fraction(1), "100%"),
    ],
)
def test_a_share_is_never_rounded_up(share: Fraction, text: str) -> None:
    assert words.percent(share) == text


def fleet(*covers: Cover, nodes: int = 3) -> Report:
    names = "abcdef"[:nodes]
    return report(make.NOW, [make.node(name, labels={"pool": "x"}) for name in names], covers)


def covered(*pods: make.Pod, nodes: int = 3, name: str = make.NAME) -> Cover:
    seen = make.cluster([make.daemon_set()], [make.node(item) for item in "abcdef"[:nodes]], pods)
    found = survey(Fleet(seen), seen.daemon_sets[0])
    other = msgspec.structs.replace(found.daemon_set.metadata, name=name)
    daemon_set = msgspec.structs.replace(found.daemon_set, metadata=other)
    return msgspec.structs.replace(found, daemon_set=daemon_set)


UP = [make.pod(f"agent-{name}", name) for name in "abc"]
NONE = covered(name="none")


@pytest.mark.parametrize(
    ("cover", "text"),
    [
        pytest.param(covered(*UP), [], id="all there"),
        pytest.param(
            covered(*UP[:2]), ["kube-system/agent on 2 of 3 (1 Missing)"], id="one missing"
        ),
        pytest.param(
            covered(*UP[:2], make.pod("agent-c", "c", **OLD)),
            ["kube-system/agent on 3 of 3 (1 Outdated)"],
            id="one outdated",
        ),
        pytest.param(covered(), ["kube-system/agent on none (3 Missing)"], id="none there"),
    ],
)
def test_what_is_lacking_in_a_group(cover: Cover, text: list[str]) -> None:
    (group,) = groups(fleet(cover, covered(*UP, name="other")), label("pool"))
    assert words.lacking(group) == text


def test_nothing_is_said_in_empty_parentheses() -> None:
    # Recorded: pods that stay on nodes where none is wanted are neither gaps in what is wanted
    # nor excluded.
    seen = cluster("taint_added_later")
    whole = report(seen.now, seen.nodes, [survey(Fleet(seen), x) for x in seen.daemon_sets] * 2)
    texts = [text for group in groups(whole, label("pool")) for text in words.lacking(group)]
    assert texts
    assert not any("()" in text for text in texts)


def test_of_one_daemon_set_the_reasons_are_told() -> None:
    cover = covered(*UP[:2])
    (group,) = groups(fleet(cover), label("pool"))
    assert words.lacking(group) == [words.hole(row) for row in holes(cover)]


def test_where_nothing_is_wanted_no_share_is_told() -> None:
    seen = cluster("selects_nothing")
    covers = [survey(Fleet(seen), item) for item in seen.daemon_sets]
    text = words.fleet(report(seen.now, seen.nodes, covers))
    assert text == "Fleet: 3 nodes, 1 DaemonSet: no pod is wanted on any node"


def test_a_status_that_is_behind_is_told() -> None:
    # Its DaemonSet reports that it wants no node: the helper gives it an empty status.
    assert words.behind([covered(*UP)]) == (
        "The reported DESIRED is behind: kube-system/agent (0 reported, 3 counted anew)."
    )
    assert words.behind([]) == ""


def test_a_pod_on_a_deleted_node_is_told_as_such() -> None:
    cover = covered(*UP, make.pod("agent-z", "z"))
    assert [words.hole(row) for row in holes(cover)] == [
        "1 NodeUnreachable of a deleted node (Unready)"
    ]
