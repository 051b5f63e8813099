"""The HTML page without a browser: what is in it, and that nothing in it can get out."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser

import msgspec
import pytest

from kubectl_ds.core.facts import Exclusion, NoNodeFacts
from kubectl_ds.core.model import Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import blind, common, report
from kubectl_ds.core.verdict import is_gap
from kubectl_ds.draw.page import explanation_page
from kubectl_ds.words.coverage import name, percent, unverified
from tests.browser.pages import (
    HOSTILE,
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


class Elements(HTMLParser):
    """Every element with its attributes, and all text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data.replace("\xa0", " ")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.found if found == tag]


@cache
def fleet_page() -> str:
    return fleet_document(demo())


@cache
def explain_page() -> str:
    return explanation_page(explanations())


PAGES = pytest.mark.parametrize(
    "page",
    [fleet_page(), explain_page(), fleet_document(hostile()), explanation_page([])],
    ids=["coverage", "explanation", "hostile", "empty"],
)


@PAGES
def test_the_policy_allows_the_one_style_and_the_one_script_alone(page: str) -> None:
    metas = [x for x in Elements(page).all("meta") if x.get("http-equiv")]
    assert [x["http-equiv"] for x in metas] == ["Content-Security-Policy"]
    rules = dict((rule.split(maxsplit=1)) for rule in str(metas[0]["content"]).split("; "))
    for rule, tag in (("style-src", "style"), ("script-src", "script")):
        texts = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        assert len(texts) == 1
        sum256 = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
        assert rules.pop(rule) == f"'sha256-{sum256}'"
    assert set(rules) == {"default-src", "base-uri", "form-action"}
    assert set(rules.values()) == {"'none'"}


@PAGES
def test_it_refers_to_nothing_outside(page: str) -> None:
    elements = Elements(page)
    assert not re.search(r"https?:|//[a-z]+\.|url\(|@import|fetch\(|XMLHttp|import\(", page)
    assert not [x for _, x in elements.found if {"src", "srcset", "action", "style"} & set(x)]
    assert {x.get("href") for _, x in elements.found if "href" in x} == {"#nodes"}
    assert not {"link", "img", "iframe", "object", "base"} & {tag for tag, _ in elements.found}
    assert not [key for _, x in elements.found for key in x if key.startswith("on")]


@PAGES
def test_its_script_takes_no_text_for_markup(page: str) -> None:
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(", page
    )


def test_text_from_a_cluster_stays_text() -> None:
    page = fleet_document(hostile())
    elements = Elements(page)
    assert SHOWN in elements.text
    assert HOSTILE not in page
    assert "\u202e" not in page
    assert "\u2028" not in page
    assert len(elements.all("script")) == 2
    data = embedded(page)
    assert data["nodes"] == [f"gone{SHOWN}", f"node{SHOWN}"]
    assert data["sets"][0]["name"] == f"fleet/set{SHOWN}"
    assert {reason["message"] for reason in data["reasons"]} == {
        "container agent keeps ending with exit code 1 (Error), 7 restarts",
        f"taint {SHOWN}={SHOWN}:NoSchedule not tolerated",
    }
    values = [value for reason in data["reasons"] for value in reason["evidence"].values()]
    assert values.count(SHOWN) == 4


def test_the_head_has_the_numbers_of_the_report() -> None:
    whole = demo()
    text = " ".join(Elements(fleet_page()).text.split())
    lacking = len(blind(whole, common(whole)))
    assert "DaemonSet coverage Judged at 2026-11-21 10:52:41 UTC 14 gaps in 4 of 5" in text
    assert f"coverage {percent(whole.coverage)} {whole.available} of {whole.desired}" in text
    assert f"reach {percent(whole.reach)} {whole.available} pods on 75 places" in text
    told = "security/falco, monitoring/node-exporter and kube-system/cilium"
    assert f"blind nodes {lacking} lack some of {told}" in text
    assert "nodes 15 and 5 DaemonSets" in text
    assert "gaps 14 2 Missing, 1 Failed, 1 Pending, 3 Unready, 1 Terminating" in text


def test_the_table_has_a_row_for_each_daemon_set_the_worst_first() -> None:
    text = " ".join(Elements(fleet_page()).text.split())
    places = []
    for item in demo().covers:
        row = f"{name(item)} {item.nodes} {item.desired} {item.available} {percent(item.coverage)}"
        places.append(text.index(f"{row} {percent(item.reach)} {len(item.gaps)}"))
    assert places == sorted(places)
    assert "M 2 QuotaExceeded security-team (Missing)" in text
    assert "E 11 NodeSelectorMismatch nvidia.com/gpu.present=true (Excluded)" in text


def test_the_data_has_the_state_of_each_cell() -> None:
    whole, data = demo(), embedded(fleet_page())
    assert sorted(data["nodes"]) == sorted(node.name for node in whole.nodes)
    for item, found in zip(whole.covers, data["sets"], strict=True):
        cells = dict(zip(found["on"], found["is"], strict=True))
        assert found["name"] == name(item)
        for place, node in enumerate(data["nodes"]):
            outcome = data["outcomes"][cells[place]] if place in cells else None
            state = list(State)[outcome[0]] if outcome else State.AVAILABLE
            assert state is item.on(node).state
            codes = [data["reasons"][x]["code"] for x in outcome[1]] if outcome else []
            assert codes == [reason.code for reason in item.on(node).reasons]


def test_which_states_are_gaps_follows_the_strategy() -> None:
    for item, found in zip(demo().covers, embedded(fleet_page())["sets"], strict=True):
        strategy = item.daemon_set.spec.update_strategy.type
        assert [list(State)[x] for x in found["gaps"]] == [x for x in State if is_gap(x, strategy)]


def test_nodes_that_are_alike_stand_side_by_side() -> None:
    data = embedded(fleet_page())
    rows = [tuple(item.on(node).state for item in demo().covers) for node in data["nodes"]]
    runs = [row for place, row in enumerate(rows) if not place or rows[place - 1] != row]
    assert len(runs) == len(set(rows))
    worst = [min(map(list(State).index, row)) for row in rows]
    assert worst == sorted(worst)


def test_a_node_that_is_gone_belongs_to_those_that_name_it_alone() -> None:
    data = embedded(fleet_document(hostile()))
    assert data["gone"] == [0]
    assert [data["sets"][1]["on"], data["sets"][1]["is"]] == [[0], [-1]]


def test_without_nodes_none_is_called_gone() -> None:
    unread = (Unread(what="nodes", why="none saved"),)
    whole = report(make.NOW, [], [cover("a", 0, demo().covers[0].others, not_checked=unread)])
    page = fleet_document(whole)
    assert embedded(page)["gone"] == []
    text = " ".join(Elements(page).text.split())
    assert "Too little was read to tell every gap." in text
    assert "coverage ? too little was read to tell" in text
    assert "Not checked: nodes (none saved)." in text


def test_rows_that_were_not_verified_are_marked() -> None:
    text = " ".join(Elements(fleet_document(hostile())).text.split())
    assert f"fleet/set{SHOWN} ~ not verified" in text
    assert unverified(hostile().covers).partition(" as ")[0] in text
    assert [x["verified"] for x in embedded(fleet_document(hostile()))["sets"]] == [False, True]


def test_shares_are_never_rounded_up() -> None:
    nodes = [make.node(f"n{number}") for number in range(5000)]
    others = {"n1": demo().covers[0].others["gpu-1"]}
    text = " ".join(
        Elements(fleet_document(report(make.NOW, nodes, [cover("a", 5000, others)]))).text.split()
    )
    assert "coverage 99% 4,999 of 5,000 wanted pods available" in text
    assert "100%" not in text


def test_a_daemon_set_that_wants_no_node_says_why() -> None:
    facts = NoNodeFacts(
        nodes=2,
        exclusions=(Exclusion(code="UntoleratedTaint", asked="a:NoSchedule", nodes=2),),
        typos=(),
    )
    whole = report(make.NOW, [], [cover("a", 0, {}, none_wanted=facts)])
    text = Elements(fleet_document(whole)).text
    assert "wants no node: UntoleratedTaint a:NoSchedule excludes 2 of 2 nodes" in text
    assert "No gap: every wanted pod is there." in text


def test_much_is_packed_and_stays_small() -> None:
    page = fleet_document(synthetic(5000, 30))
    assert 'data-encoding="deflate"' in page
    assert len(page.encode()) < 5_000_000
    data = embedded(page)
    assert (len(data["nodes"]), len(data["sets"])) == (5000, 30)
    assert len(data["reasons"]) > 10_000


def test_little_stays_readable() -> None:
    assert 'data-encoding=""' in fleet_page()
    assert len(fleet_page().encode()) < 100_000


def test_explanations_tell_what_was_found_of_each() -> None:
    text = " ".join(Elements(explain_page()).text.split())
    assert "DaemonSets explained Judged at 2026-11-21 10:52:41 UTC 14 gaps in 4 of 5" in text
    assert "DaemonSet logging/fluentd: runs on 6 of 15 nodes, 9 excluded, no gap" in text
    assert (
        "Rollout: 8 of 14 nodes updated. Both places in maxUnavailable 2 (10% of 14) are taken by "
        "gp-4 ("
    ) in text


def test_explanations_show_the_same_cells_as_the_report() -> None:
    fleet, told = embedded(fleet_page()), embedded(explain_page())
    assert set(fleet["nodes"]) == set(told["nodes"])

    def cells(data: dict[str, list[dict[str, list[int]]]]) -> dict[tuple[str, str], object]:
        return {
            (str(item["name"]), str(data["nodes"][place])): data["outcomes"][number]
            for item in data["sets"]
            for place, number in zip(item["on"], item["is"], strict=True)
        }

    assert {key: x[0] for key, x in cells(fleet).items()} == {  # type: ignore[index]
        key: x[0]  # type: ignore[index]
        for key, x in cells(told).items()
    }


def test_a_single_explanation_has_its_headline_on_top() -> None:
    item = next(x for x in explanations() if x.daemon_set.name == "fluentd")
    text = " ".join(Elements(explanation_page([item])).text.split())
    assert "DaemonSet logging/fluentd Judged at" in text
    assert "UTC Runs on 6 of 15 nodes, 9 excluded, no gap. coverage" in text


def test_an_explanation_of_some_nodes_says_so() -> None:
    whole = explanations()[0]
    cut = msgspec.structs.replace(whole, nodes=whole.nodes[:1])
    page = explanation_page([cut])
    assert embedded(page)["nodes"] == [whole.nodes[0].node]
    assert f"Shown here: {whole.nodes[0].node}; the numbers are of all nodes." in page


def test_an_explanation_tells_what_is_behind_and_what_was_not_checked() -> None:
    changed = msgspec.structs.replace(
        explanations()[0],
        status_behind=("numberReady",),
        not_checked=(Unread(what="events", why="forbidden"),),
    )
    text = Elements(explanation_page([changed])).text
    assert (
        "The reported status is behind in numberReady; the numbers here are counted anew." in text
    )
    assert "Not checked: events (forbidden)." in text


def test_nothing_heavy_is_loaded_before_a_page_is_asked_for() -> None:
    program = "import sys, kubectl_ds.draw.page; sys.exit('jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_node_that_several_of_them_share_is_told_first() -> None:
    told = Elements(explain_page()).text.partition("What was found")[2]
    shared = told.index("SharedNode: spot-2 is unreachable: explains gaps of 2 DaemonSets")
    assert shared < told.index("DaemonSet gpu/dcgm-exporter")
