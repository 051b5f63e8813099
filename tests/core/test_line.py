"""Who falls below a line, to the node."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kubectl_ds.core.cover import Cover
from kubectl_ds.core.line import Line, shortfalls
from tests.core.make import daemon_set


def cover(available: int, desired: int, nodes: int, name: str = "agent") -> Cover:
    return Cover(
        daemon_set=daemon_set(name),
        nodes=nodes,
        desired=desired,
        available=available,
        states={},
        others={},
        none_wanted=None,
        not_checked=(),
    )


def percent(number: int) -> Fraction:
    return Fraction(number, 100)


COVERAGE = [
    pytest.param(19, 20, percent(95), True, id="95% of 20 are 19"),
    pytest.param(18, 20, percent(95), False, id="18 are not"),
    pytest.param(2, 3, Fraction(2, 3), True, id="a share that no decimal number is"),
    pytest.param(2, 3, percent(67), False, id="and just above it"),
    pytest.param(999_999, 1_000_000, percent(100), False, id="all but one of a million"),
    pytest.param(3, 3, percent(100), True, id="all"),
    pytest.param(0, 3, percent(0), True, id="none are asked for"),
    pytest.param(0, 3, percent(1), False, id="none are there"),
    pytest.param(0, 0, percent(100), True, id="nothing is desired"),
]
REACH = [
    pytest.param(19, 20, percent(95), True, id="95% of 20 are 19"),
    pytest.param(18, 20, percent(95), False, id="18 are not"),
    pytest.param(0, 5, percent(0), True, id="none are asked for"),
    pytest.param(0, 5, percent(1), False, id="none are there"),
    pytest.param(0, 0, percent(1), False, id="no node"),
]


@pytest.mark.parametrize(("available", "desired", "least", "met"), COVERAGE)
def test_coverage(available: int, desired: int, least: Fraction, met: bool) -> None:
    given = cover(available, desired, 2 * desired + 1)
    found = shortfalls([given], Line(coverage=least))
    assert [(item.cover, item.what, item.least) for item in found] == (
        [] if met else [(given, "coverage", least)]
    )


@pytest.mark.parametrize(("available", "nodes", "least", "met"), REACH)
def test_reach(available: int, nodes: int, least: Fraction, met: bool) -> None:
    given = cover(available, available, nodes)
    found = shortfalls([given], Line(reach=least))
    assert [(item.cover, item.what, item.least) for item in found] == (
        [] if met else [(given, "reach", least)]
    )


def test_each_share_that_is_too_small_is_told_in_the_order_given() -> None:
    covers = [cover(1, 2, 4, "half"), cover(2, 2, 2, "all"), cover(1, 1, 4, "quarter")]
    found = shortfalls(covers, Line(coverage=percent(60), reach=percent(50)))
    assert [(item.cover.daemon_set.name, item.what) for item in found] == [
        ("half", "coverage"),
        ("half", "reach"),
        ("quarter", "reach"),
    ]


DRAWN = [
    pytest.param(Line(), False, id="none"),
    pytest.param(Line(coverage=percent(0)), True, id="coverage, of nothing"),
    pytest.param(Line(reach=percent(0)), True, id="reach, of nothing"),
    pytest.param(Line(coverage=percent(1), reach=percent(1)), True, id="both"),
]


@pytest.mark.parametrize(("line", "drawn"), DRAWN)
def test_a_line_is_drawn_where_a_share_is_asked_for(line: Line, drawn: bool) -> None:
    assert line.drawn is drawn


def test_without_a_line_nobody_falls_short() -> None:
    assert shortfalls([cover(0, 3, 3)], Line()) == []
