"""The HTML page in a real browser: what a reader sees, clicks on and types."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from kubectl_ds.core.report import report
from kubectl_ds.draw.page import explanation_page
from tests.browser.pages import (
    SHOWN,
    cover,
    demo,
    embedded,
    explanations,
    fleet_document,
    hostile,
    synthetic,
)
from tests.core import make

Visit = Callable[..., Any]

PHONE = {"width": 390, "height": 844}
# Contrast as the Web Content Accessibility Guidelines define it, for every text that is shown.
CONTRASTS = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = parse(colour).map((x) => x / 255)
      .map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parse(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const bad = [];
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].filter((x) => x.nodeType === 3 && x.data.trim());
    if (!texts.length || !element.checkVisibility()) continue;
    const [a, b] = [light(getComputedStyle(element).color), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(`${element.tagName} ${texts[0].data.trim()}: ${ratio.toFixed(2)}`);
  }
  return [...new Set(bad)];
}"""
# In the map a gap must stand out from both calm states by three to one.
MAP_CONTRASTS = """(names) => {
  const style = getComputedStyle(document.documentElement);
  const light = (name) => {
    const hex = style.getPropertyValue(`--${name}`).trim().slice(1);
    const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((x) => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  return names.filter((name) => ratio(name, "available") < 3 || ratio(name, "excluded") < 3);
}"""
UNNAMED = """() => {
  const named = (x) => x.getAttribute("aria-label") || x.getAttribute("aria-labelledby")
    || x.textContent.trim() || (x.labels && x.labels.length);
  return [...document.querySelectorAll("button, input, select, a, canvas, dialog, summary, [role]")]
    .filter((x) => x.id !== "hint" && !["rowgroup", "row", "status", "alert"].includes(x.getAttribute("role")))
    .filter((x) => x.tagName === "INPUT" || x.tagName === "SELECT" ? !x.labels.length : !named(x))
    .map((x) => x.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def page(visit: Visit) -> Any:
    return visit(fleet_document(demo()))


def names(page: Any) -> list[str]:
    shown = page.locator("#sets tbody tr:visible .name").all_inner_texts()
    return [name.partition("/")[2] for name in shown]


def click_cell(page: Any, daemon_set: str, node: str) -> None:
    """Click on the map where a node stands; each of them is wide enough."""
    data = embedded(page.content())
    strip = page.locator(".strip", has_text=daemon_set).locator("canvas")
    strip.scroll_into_view_if_needed()
    width = strip.bounding_box()["width"]
    place = (data["nodes"].index(node) + 0.5) / len(data["nodes"])
    strip.click(position={"x": width * place, "y": 11})


def comes_to(page: Any, key: str, expected: str) -> None:
    """The focus comes to an element: a browser tells a little later that a dialog was closed."""
    script = "([key, expected]) => document.activeElement[key] === expected"
    page.wait_for_function(script, arg=[key, expected], timeout=5000)


def panel(page: Any) -> str:
    text: str = page.locator("dialog[open] #panel-body").inner_text(timeout=5000)
    return " ".join(text.split())


def active(page: Any) -> str:
    """What a screen reader would say of the grid's active cell, and of its row."""
    cell = page.locator(".active")
    row = cell.locator("xpath=..").locator("[role=rowheader]").inner_text()
    return f"{row}: {cell.get_attribute('aria-label') or ''}"


# The table


def test_a_click_on_a_head_sorts_and_a_second_one_turns_round(page: Any) -> None:
    head = page.locator("#sets thead th", has_text="Available")
    assert names(page)[0] == "dcgm-exporter"
    head.locator("button").click()
    assert names(page) == ["dcgm-exporter", "fluentd", "falco", "node-exporter", "cilium"]
    assert head.get_attribute("aria-sort") == "ascending"
    head.locator("button").click()
    assert names(page) == ["cilium", "node-exporter", "falco", "fluentd", "dcgm-exporter"]
    assert head.get_attribute("aria-sort") == "descending"


def test_keys_sort_too_and_only_one_column_is_sorted(page: Any) -> None:
    page.locator("#sets thead button", has_text="DaemonSet").press("Enter")
    assert names(page) == ["dcgm-exporter", "cilium", "fluentd", "node-exporter", "falco"]
    page.locator("#sets thead button", has_text="Gaps").press("Space")
    assert names(page)[0] == "fluentd"
    assert page.locator("#sets [aria-sort]").count() == 1


def test_the_table_is_filtered_by_name_and_by_reason(page: Any) -> None:
    page.get_by_label("Filter").fill("QUOTA")
    assert names(page) == ["falco"]
    assert page.locator("#set-count").inner_text() == "1 of 5 DaemonSets"
    page.get_by_label("Filter").fill("logging/")
    assert names(page) == ["fluentd"]
    page.get_by_label("only gaps").check()
    assert names(page) == []
    page.get_by_label("Filter").fill("")
    assert sorted(names(page)) == ["cilium", "dcgm-exporter", "falco", "node-exporter"]


# The map


def test_the_map_tells_what_is_under_the_pointer(page: Any) -> None:
    strip = page.locator(".strip", has_text="falco").locator("canvas")
    strip.hover(position={"x": 5, "y": 8})
    assert page.locator("#hint").inner_text().split() == [
        "M",
        "Missing",
        "spot-0",
        "security/falco",
    ]
    page.locator("h1").hover()
    assert page.locator("#hint").is_hidden()


def test_a_click_on_the_map_tells_why(page: Any) -> None:
    click_cell(page, "security/falco", "spot-1")
    text = panel(page)
    assert text.startswith("spot-1 security/falco M Missing: a pod is wanted and none exists.")
    assert "QuotaExceeded reported by Kubernetes quota security-team" in text
    assert "quota security-team" in text.partition("Evidence")[2]
    assert "Other DaemonSets on this node E Excluded gpu/dcgm-exporter" in text
    assert "A Available kube-system/cilium" in text


def test_escape_closes_and_the_focus_returns_to_the_row_of_the_map(page: Any) -> None:
    click_cell(page, "kube-system/cilium", "spot-2")
    assert panel(page).startswith("spot-2 kube-system/cilium U Unready")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    comes_to(page, "textContent", "kube-system/cilium")


def test_other_daemon_sets_of_the_node_are_one_click_away(page: Any) -> None:
    click_cell(page, "security/falco", "gpu-1")
    page.locator("dialog button", has_text="gpu/dcgm-exporter").click()
    text = panel(page)
    assert text.startswith("gpu-1 gpu/dcgm-exporter U Unready")
    assert "CrashLoopBackOff" in text
    assert page.evaluate("document.activeElement.id") == "panel-title"
    page.get_by_label("Close").click()
    assert page.locator("dialog[open]").count() == 0


def test_where_nodes_share_a_pixel_the_worst_is_shown_and_opened(visit: Visit) -> None:
    nodes = [make.node(f"n{number}") for number in range(3000)]
    falco = next(x for x in demo().covers if x.daemon_set.name == "falco")
    missing = falco.others["spot-0"]
    fleet = make_report(nodes, {"n1234": missing})
    page = visit(fleet_document(fleet))
    page.locator("canvas").hover(position={"x": 0.5, "y": 8})
    assert "n1234, the worst of 3 nodes" in page.locator("#hint").inner_text()
    page.locator("canvas").click(position={"x": 0.5, "y": 8})
    assert panel(page).startswith("n1234 fleet/agent M Missing")


def make_report(nodes: list[Any], others: dict[str, Any]) -> Any:
    return report(make.NOW, nodes, [cover("agent", len(nodes), others)])


# The nodes


def test_keys_move_in_the_grid_and_enter_tells_why(page: Any) -> None:
    grid = page.locator("#grid")
    grid.focus()
    assert active(page) == "spot-0: gpu/dcgm-exporter: Excluded"
    for key in ("ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert active(page) == "spot-1: security/falco: Missing"
    identity = page.locator(".active").get_attribute("id")
    assert grid.get_attribute("aria-activedescendant") == identity
    page.keyboard.press("Enter")
    assert panel(page).startswith("spot-1 security/falco M Missing")
    page.keyboard.press("Escape")
    comes_to(page, "id", "grid")
    assert active(page) == "spot-1: security/falco: Missing"


def test_the_ends_of_the_grid_hold(page: Any) -> None:
    page.locator("#grid").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert active(page) == "spot-0: gpu/dcgm-exporter: Excluded"
    page.keyboard.press("Control+End")
    assert active(page) == "gp-3: logging/fluentd: Available"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    assert active(page) == "gp-3: gpu/dcgm-exporter: Excluded"


def test_a_click_on_a_node_opens_where_it_is_worst_off(page: Any) -> None:
    page.locator("#grid [role=rowheader]", has_text="spot-2").click()
    assert panel(page).startswith("spot-2 kube-system/cilium U Unready")


def test_nodes_are_found_by_name_state_and_daemon_set(page: Any) -> None:
    shown = page.locator("#grid [role=rowheader]")
    page.get_by_label("Node", exact=True).fill("GPU")
    assert sorted(shown.all_inner_texts()) == ["gpu-0", "gpu-1", "gpu-2", "gpu-3"]
    assert page.locator("#node-count").inner_text() == "4 of 15 nodes"
    page.get_by_label("Node", exact=True).fill("")
    page.get_by_label("State", exact=True).select_option("Missing")
    assert shown.all_inner_texts() == ["spot-0", "spot-1"]
    page.get_by_label("State", exact=True).select_option("any gap")
    page.get_by_label("DaemonSet", exact=True).select_option("kube-system/cilium")
    assert shown.all_inner_texts() == ["spot-2"]
    page.get_by_label("DaemonSet", exact=True).select_option("logging/fluentd")
    assert page.locator("#grid .empty").inner_text() == "No node fits."
    assert page.locator("#grid").get_attribute("aria-activedescendant") is None


def test_a_name_on_the_map_leads_to_its_nodes(page: Any) -> None:
    page.locator(".strip-name", has_text="falco").click()
    assert page.locator("#node-set option:checked").inner_text() == "security/falco"
    assert page.evaluate("document.activeElement.id") == "grid"


# The whole


def test_the_keyboard_alone_is_enough(page: Any) -> None:
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the nodes"
    page.keyboard.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "grid"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert panel(page).startswith("spot-0 security/falco M Missing")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert inside
    comes_to(page, "id", "grid")


def test_text_from_a_cluster_runs_nothing_and_shows_as_text(visit: Visit) -> None:
    page = visit(fleet_document(hostile()))
    assert page.title() == "DaemonSet coverage"
    assert page.locator("img").count() == 0
    assert SHOWN in page.locator("#sets").inner_text()
    page.locator("#grid").focus()
    page.keyboard.press("Enter")
    assert f"gone{SHOWN} (gone)" in panel(page)
    assert f"message {SHOWN}" in panel(page)
    page.locator("dialog button", has_text="fleet/calm").click()
    assert "No node: the node no longer exists" in panel(page)
    assert page.title() == "DaemonSet coverage"


def test_a_row_that_was_not_verified_says_so_where_it_matters(visit: Visit) -> None:
    page = visit(fleet_document(hostile()))
    page.locator("#grid").focus()
    page.keyboard.press("Enter")
    assert "~ Not verified" in panel(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_all_text_can_be_read_and_nothing_is_wider_than_the_screen(
    visit: Visit, scheme: str, size: dict[str, int]
) -> None:
    for document in (
        fleet_document(demo()),
        explanation_page(explanations()),
        fleet_document(hostile()),
    ):
        page = visit(document, color_scheme=scheme, viewport=size)
        assert page.evaluate(CONTRASTS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        click_cell(page, embedded(document)["sets"][0]["name"], embedded(document)["nodes"][0])
        assert page.evaluate(CONTRASTS) == []
        dialog = page.locator("dialog").evaluate("x => [x.scrollWidth, x.clientWidth]")
        assert dialog[0] <= dialog[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_state_has_its_colour_in_both_schemes(visit: Visit, scheme: str) -> None:
    page = visit(fleet_document(demo()), color_scheme=scheme)
    gaps = [state["name"].lower() for state in embedded(fleet_document(demo()))["states"][:7]]
    assert page.evaluate(MAP_CONTRASTS, gaps) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}[scheme]


@pytest.mark.parametrize("document", [fleet_document(demo()), explanation_page(explanations())])
def test_what_a_screen_reader_needs_is_there(visit: Visit, document: str) -> None:
    page = visit(document)
    page.locator("#grid").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(UNNAMED) == []
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1
    assert page.locator("table caption").count() == 1
    assert page.locator("table th:not([scope])").count() == 0
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.map((x) => Number(x.tagName[1]))"
    )
    assert all(later - level <= 1 for level, later in pairwise(levels))
    identities = page.locator("[id]").evaluate_all("all => all.map((x) => x.id)")
    assert len(identities) == len(set(identities))


def test_on_paper_the_page_is_light_and_without_tools(visit: Visit) -> None:
    page = visit(fleet_document(demo()), color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("#set-tools").is_hidden()
    assert page.locator("#nodes").is_hidden()
    assert page.locator("#map").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#sets details:not([open])").count() == 0


def test_explanations_have_the_same_map_and_reasons(visit: Visit) -> None:
    page = visit(explanation_page(explanations()))
    assert (
        "runs on 12 of 15 nodes, 1 excluded, gaps: 1 Unready" in page.locator("main").inner_text()
    )
    click_cell(page, "monitoring/node-exporter", "gp-4")
    assert "ImagePullBackOff" in panel(page)


def test_a_single_explanation_tells_why_in_the_grid(visit: Visit) -> None:
    item = next(x for x in explanations() if x.daemon_set.name == "node-exporter")
    page = visit(explanation_page([item]))
    assert "can't pull image" in page.locator("#grid").inner_text()


def test_a_big_fleet_opens_and_holds_few_rows(visit: Visit) -> None:
    page = visit(fleet_document(synthetic(5000, 30)))
    assert page.evaluate("performance.now()") < 20_000
    assert page.locator("#node-count").inner_text() == "5,000 nodes"
    assert page.locator("#grid [role=rowheader]").count() < 60
    page.locator("#grid").focus()
    page.keyboard.press("Control+End")
    assert page.locator(".active").get_attribute("aria-label").endswith(": Available")
    page.keyboard.press("Enter")
    assert panel(page).startswith("ip-10-")


def test_an_old_browser_says_what_it_can_not_show(visit: Visit) -> None:
    page = visit(fleet_document(synthetic(3000, 10)), without="DecompressionStream")
    text = page.locator("#trouble").inner_text()
    assert text.startswith("The map and the nodes can't be shown in this browser: ")
    assert len(names(page)) == 10
    assert page.locator("#nodes").is_hidden()
