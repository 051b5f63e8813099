"""The HTML page on several clusters in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubectl_ds.core.report import Report, joined, report
from kubectl_ds.core.verdict import within
from kubectl_ds.draw.page import explanation_page
from tests.browser.pages import (
    EXCLUDED,
    HOSTILE,
    SHOWN,
    cover,
    crash,
    explanations,
    fleet_document,
)
from tests.core import make

Visit = Callable[..., Any]

BIG = [f"n{number}" for number in range(8)]
SMALL = ["n0", "n1"]


def several() -> Report:
    """Two clusters with nodes of the same names; the one with the hostile name has a gap."""
    gap = {"n1": EXCLUDED, "n0": crash("agent-n0", "no")}
    big = [cover("agent", 8, {}), cover("logs", 8, {"n7": EXCLUDED})]
    parts = [
        report(make.NOW, [make.node(name) for name in BIG], big, "big"),
        report(make.NOW, [make.node(name) for name in SMALL], [cover("agent", 2, gap)], HOSTILE),
    ]
    return joined(parts, [])


def names(page: Any) -> list[str]:
    return list(page.locator("#grid .space .node-name").all_inner_texts())


def heads(page: Any) -> list[str]:
    return list(page.locator("#grid .head .set-head").all_inner_texts())


def test_the_table_names_and_sorts_by_cluster(visit: Visit) -> None:
    page = visit(fleet_document(several()))
    cells = page.locator("#sets tbody .cluster")
    assert cells.all_inner_texts() == [SHOWN, "big", "big"]
    head = page.locator("#sets thead button")
    head.filter(has_text="Cluster").click()
    ascending = cells.all_inner_texts()
    head.filter(has_text="Cluster").click()
    assert cells.all_inner_texts() == ascending[::-1]
    assert ascending[1] == "big"
    head.filter(has_text="Nodes").click()
    assert page.locator("#sets tbody td[data-label=nodes]").all_inner_texts() == ["2", "8", "8"]


def test_the_grid_shows_one_cluster_at_a_time(visit: Visit) -> None:
    page = visit(fleet_document(several()))
    choice = page.locator("#node-cluster")
    assert choice.locator("option").all_inner_texts() == [SHOWN, "big"]
    assert (names(page), heads(page)) == (["n0", "n1"], ["fleet/agent"])
    choice.select_option("big")
    assert sorted(names(page)) == BIG
    assert heads(page) == ["fleet/logs", "fleet/agent"]
    assert page.locator("#node-count").inner_text() == "8 nodes"
    options = page.locator("#node-set option").all_inner_texts()
    assert options == ["any", "fleet/logs", "fleet/agent"]
    page.locator("#node-set").select_option("fleet/logs")
    page.locator("#node-state").select_option("Excluded")
    assert names(page) == ["n7"]


def test_a_strip_has_the_nodes_of_its_cluster(visit: Visit) -> None:
    page = visit(fleet_document(several()))
    strips = page.locator("#map canvas")
    box = strips.nth(0).bounding_box()
    strips.nth(0).click(position={"x": box["width"] * 3 / 4, "y": 5})
    panel = page.locator("#panel-body")
    assert panel.locator("h2").first.inner_text() == "n1"
    assert SHOWN in panel.locator(".panel-set").inner_text()
    assert panel.locator(".others").count() == 0
    page.locator("#panel-close").click()
    strips.nth(1).click(position={"x": box["width"] - 4, "y": 5})
    assert panel.locator(".panel-set").inner_text() == "fleet/logs in big"
    assert panel.locator(".others .name").all_inner_texts() == ["fleet/agent"]
    assert page.locator("#node-cluster option:checked").inner_text() == "big"


def test_a_name_on_the_map_lists_the_nodes_of_its_cluster(visit: Visit) -> None:
    page = visit(fleet_document(several()))
    page.locator(".strip-name", has_text="fleet/logs").click()
    assert page.locator("#node-cluster option:checked").inner_text() == "big"
    assert page.locator("#node-set option:checked").inner_text() == "fleet/logs"


def test_the_keyboard_reaches_every_cell_of_a_cluster(visit: Visit) -> None:
    page = visit(fleet_document(several()))
    page.locator("#node-cluster").select_option("big")
    page.locator("#grid").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    title = page.locator("#panel-body .panel-set").inner_text()
    assert title == "fleet/agent in big"


def test_explanations_of_two_clusters_stay_apart(visit: Visit) -> None:
    both = [within(item, name) for name in ("a", "b") for item in explanations()]
    page = visit(explanation_page(both))
    options = page.locator("#node-cluster option").all_inner_texts()
    assert options == ["a", "b"]
    assert page.locator("#node-count").inner_text() == "15 nodes"
    assert len(heads(page)) == 5
