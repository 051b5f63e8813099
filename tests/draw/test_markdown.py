from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser

import msgspec
import pytest
from golden import assert_screen
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from recorded import NAMES
from recorded import cluster as recorded
from test_demo import cluster, explained

from kubectl_ds.core.cover import Cover, survey
from kubectl_ds.core.facts import CreateFacts, TaintFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.groups import label
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.report import Blind, Lack, Report, blind, common, groups, report
from kubectl_ds.core.verdict import Explanation, Outcome
from kubectl_ds.draw import markdown
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.overview import headline

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# What the tables are made of; a dollar sign stands in a span, or GitHub would see a formula.
OWN = {"table", "thead", "tbody", "tr", "th", "td", "br", "p", "h2", "ul", "li", "span"}
HOSTILE = [
    "a|b||c\\|d\\",
    "`code` ``",
    "*bold* __init__ _it_ ~~gone~~",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[link](https://evil.example) ![x](y) [ ] [^1]",
    "<https://evil.example> https://evil.example www.evil.example",
    "@octocat and team@example.com",
    "#1 org/repo#2 GH-3 gh-4",
    "&lt;b&gt; &#64; &amp",
    "$x$ $$y$$ :tada: :+1:",
    "<!-- --> -->",
    "# heading #",
    "- item",
    "+ item",
    "1. item",
    "2) item",
    "> quote",
    "---",
    "===",
    "    indented",
    "first\n\n| a |\n| - |\n| b |",
    "\x1b[31mred\u202e",
]
# GitHub looks for these in each piece of text that Markdown leaves.
AUTOLINKS = re.compile(r"@\w|#\d|://|www\.|\bGH-\d|:[a-z+-][a-z0-9_+-]*:|\$.+\$", re.IGNORECASE)


class Page(HTMLParser):
    """A rendered page: its tags, the text of each cell by rows, and of each other block."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.rows: list[list[str]] = []
        self.blocks: list[str] = []
        self.pieces: list[str] = []
        self._here: list[str] = []
        self.feed(RENDERER.render(source))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th", "p", "h2", "li"):
            self._here = []
        elif tag == "br":
            self._here.append("\n")

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._here).strip()
        if tag in ("td", "th"):
            self.rows[-1].append(text)
        elif tag in ("p", "h2", "li"):
            self.blocks.append(text)

    def handle_data(self, data: str) -> None:
        self._here.append(data)
        self.pieces.append(data)


def shown(source: str) -> list[list[str]]:
    """The body of the only table, each cell's text; nothing but our own tags is there."""
    page = Page(source)
    assert page.tags <= OWN
    assert page.attributes <= {"style"}
    assert len({len(row) for row in page.rows}) == 1
    return page.rows[1:]


def whole(seen: Cluster) -> Report:
    fleet = Fleet(seen)
    return report(seen.now, seen.nodes, [survey(fleet, item) for item in seen.daemon_sets])


@cache
def demo() -> Report:
    return whole(cluster())


def renamed(cover: Cover, namespace: str, name: str) -> Cover:
    metadata = msgspec.structs.replace(cover.daemon_set.metadata, namespace=namespace, name=name)
    daemon_set = msgspec.structs.replace(cover.daemon_set, metadata=metadata)
    return msgspec.structs.replace(cover, daemon_set=daemon_set)


def hostile_report(text: str) -> Report:
    """One DaemonSet, named like the text, kept away from a node of that name by such a taint."""
    facts = TaintFacts(key=text, value=text, effect="NoSchedule")
    reason = Reason("UntoleratedTaint", Source.COMPUTED, facts)
    outcome = Outcome(state=State.EXCLUDED, desired=False, keeps=False, reasons=(reason,))
    cover = msgspec.structs.replace(
        renamed(demo().covers[0], text, text),
        others={text: outcome},
        not_checked=(Unread(what=text, why=text),),
    )
    return report(demo().now, demo().nodes[:1], [cover])


def hostile_explanation(text: str) -> Explanation:
    answer = explained()["logging/fluentd"]
    facts = CreateFacts(subject=text, message=text, last_seen=None, count=1)
    reason = Reason("WebhookDenied", Source.REPORTED, facts)
    node = msgspec.structs.replace(
        answer.nodes[0], node=text, state=State.MISSING, reasons=(reason,)
    )
    metadata = msgspec.structs.replace(answer.daemon_set.metadata, name=text)
    daemon_set = msgspec.structs.replace(answer.daemon_set, metadata=metadata)
    return msgspec.structs.replace(answer, daemon_set=daemon_set, nodes=(node,))


def test_coverage_screen() -> None:
    assert_screen("coverage_markdown", markdown.coverage(demo()) + "\n")


def test_explain_screen() -> None:
    assert_screen("explain_markdown", markdown.explanations(list(explained().values())) + "\n")


def test_a_row_a_daemon_set_with_its_numbers() -> None:
    numbers = {row[0]: [row[1], row[2], row[3]] for row in shown(markdown.coverage(demo()))}
    assert numbers == {
        name: [
            str(item.summary.nodes),
            str(item.summary.desired),
            str(item.summary.available),
        ]
        for name, item in explained().items()
    }


def test_shares_are_those_of_the_numbers_beside_them() -> None:
    for row in shown(markdown.coverage(demo())):
        nodes, desired, available = map(int, row[1:4])
        assert row[4:6] == [f"{available * 100 // desired}%", f"{available * 100 // nodes}%"]


def test_gaps_come_first_and_name_what_keeps_the_pod_away() -> None:
    rows = {row[0]: row[6].split("\n") for row in shown(markdown.coverage(demo()))}
    assert rows["logging/fluentd"][0] == "4 UntoleratedTaint dedicated=gpu:NoSchedule (Excluded)"
    assert rows["security/falco"][:2] == [
        "2 QuotaExceeded security-team (Missing)",
        "1 InsufficientMemory (Pending)",
    ]
    assert rows["kube-system/cilium"][0] == "1 NodeUnreachable (Unready)"


def test_a_summary_above_and_the_fleet_below() -> None:
    first, *_, last = markdown.coverage(demo()).splitlines()
    lacking = [name for name, item in explained().items() if ", gaps: " in headline(item)]
    assert first.endswith(f" UTC: {len(lacking)} of 5 DaemonSets with gaps.")
    desired = sum(item.summary.desired for item in explained().values())
    available = sum(item.summary.available for item in explained().values())
    assert last.startswith(f"Fleet: 15 nodes, 5 DaemonSets: {available} of {desired} wanted pods")


def test_a_row_that_is_not_verified_is_marked_and_told_of() -> None:
    cover = msgspec.structs.replace(demo().covers[0], verified=False)
    text = markdown.coverage(msgspec.structs.replace(demo(), covers=(cover, *demo().covers[1:])))
    assert shown(text)[0][0] == "~gpu/dcgm-exporter"
    assert [row[0] for row in shown(text) if row[0].startswith("~")] == ["~gpu/dcgm-exporter"]
    assert "Not verified (~): 1 DaemonSet" in Page(text).blocks[-1]


def test_without_nodes_no_share_is_told() -> None:
    unread = msgspec.structs.replace(
        cluster(), nodes=(), unread=(Unread(what="nodes", why="forbidden"),)
    )
    text = markdown.coverage(whole(unread))
    assert {tuple(row[1:6]) for row in shown(text)} == {("unknown",) * 5}
    assert "UTC: too little was read to tell of 5 DaemonSets." in text
    assert "Not checked: nodes (forbidden)" in text


def test_a_daemon_set_that_wants_no_node_has_no_coverage() -> None:
    row = shown(markdown.coverage(whole(recorded("selects_nothing"))))[0]
    assert row[2:6] == ["0", "0", "-", "0%"]
    assert row[6].startswith("wants no node: ")


def test_no_daemon_set_makes_no_table() -> None:
    text = markdown.coverage(msgspec.structs.replace(demo(), covers=()))
    assert Page(text).rows == []
    assert "0 DaemonSets" in text


def test_every_node_is_in_one_row_of_an_explanation() -> None:
    for item in explained().values():
        rows = shown(markdown.explanations([item]))
        names = [name for row in rows for name in row[0].partition(": ")[2].split(", ")]
        assert sorted(names) == sorted(verdict.node for verdict in item.nodes)
        assert all(int(row[0].partition(":")[0]) == row[0].count(",") + 1 for row in rows)


def test_of_many_nodes_some_are_named_and_the_rest_is_counted() -> None:
    answer = explained()["logging/fluentd"]
    many = tuple(
        msgspec.structs.replace(answer.nodes[0], node=f"node-{index}") for index in range(100)
    )
    rows = shown(markdown.explanations([msgspec.structs.replace(answer, nodes=many)]))
    first = ", ".join(f"node-{index}" for index in range(20))
    assert [row[0] for row in rows] == [f"100: {first} and 80 more"]


def test_findings_and_notes_are_told() -> None:
    item = msgspec.structs.replace(
        explain(recorded("selects_nothing"), recorded("selects_nothing").daemon_sets[0]),
        status_behind=("numberReady",),
        not_checked=(Unread(what="webhooks", why="not read"),),
    )
    text = markdown.explanations([item, item])
    assert text.count("- NoNodeDesired: it wants a pod on no node: ") == 2
    assert text.count("The reported status is behind in numberReady") == 2
    assert text.count("Not checked: webhooks (not read).") == 1


def test_a_misplaced_pod_has_its_fate() -> None:
    rows = shown(markdown.explanations([explained()["gpu/dcgm-exporter"]]))
    why = next(row[2] for row in rows if row[1] == "Misscheduled")
    assert why.split("\n")[0] == "taint maintenance=planned:NoSchedule not tolerated"
    assert why.split("\n")[1].startswith("the pod keeps running; the next rollout removes it")


def test_groups_of_nodes() -> None:
    text = markdown.by(groups(demo(), label("pool")))
    assert Page(text).rows[0][0] == "By node-pool"
    rows = {row[0]: row for row in shown(text)}
    # Of three spot nodes one is down: falco has no pod there, two DaemonSets have all but that one.
    assert rows["spot"][1:6] == ["3", "8", "4", f"{4 * 100 // 8}%", f"{4 * 100 // (3 * 5)}%"]
    assert "security/falco on none (2 Missing, 1 Excluded)" in rows["spot"][6].split("\n")
    assert rows["virtual"][4] == "-"
    assert sum(int(row[1]) for row in rows.values()) == 15


def test_blind_nodes_that_lack_the_same_share_a_row() -> None:
    text = markdown.blind(blind(demo(), common(demo())), "8 nodes lack some of a|b")
    assert Page(text).blocks[0] == "8 nodes lack some of a|b"
    rows = {row[0]: row[1].split("\n") for row in shown(text)}
    assert rows["2: spot-0, spot-1"] == ["security/falco: QuotaExceeded security-team (Missing)"]
    assert rows["1: spot-2"][1] == "monitoring/node-exporter: StuckTerminating (Terminating)"
    assert [len(lacks) for lacks in rows.values()] == [3, 3, 1, 1, 1, 1, 1]


def test_no_blind_node_makes_no_table() -> None:
    page = Page(markdown.blind([], "No node is blind."))
    assert (page.blocks, page.rows) == (["No node is blind."], [])


def test_nodes_without_the_label_are_a_group_under_the_name_asked_for() -> None:
    text = markdown.by(groups(demo(), label("no|such")))
    assert Page(text).rows[0][0] == "By no|such"
    assert [row[:2] for row in shown(text)] == [["<none>", "15"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_literal_text_in_coverage(text: str) -> None:
    seen = hostile_report(text)
    source = markdown.coverage(seen)
    [row] = shown(source)
    assert row[0] == visible(f"{text}/{text}").strip()
    assert row[6] == visible(f"1 UntoleratedTaint {text}={text}:NoSchedule (Excluded)")
    assert Page(source).blocks[-1] == visible(f"Not checked: {text} ({text}).")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_literal_text_among_blind_nodes_and_groups(text: str) -> None:
    seen = hostile_report(text)
    [cover], node = seen.covers, seen.nodes[0]
    lack = Lack(cover=cover, outcome=cover.others[text])
    [row] = shown(markdown.blind([Blind(node=text, lacks=(lack,))], text))
    taint = f"{text}={text}:NoSchedule"
    assert row[0] == visible(f"1: {text}").strip()
    assert row[1] == visible(f"{text}/{text}: UntoleratedTaint {taint} (Excluded)").strip()
    metadata = msgspec.structs.replace(node.metadata, labels={text: text})
    labelled = msgspec.structs.replace(node, metadata=metadata)
    found = groups(report(seen.now, [labelled], [cover]), label(text))
    source = markdown.by(found)
    assert shown(source)[0][0] == visible(text).strip()
    assert Page(source).rows[0][0] == visible(f"By {text}").strip()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_literal_text_in_explanations(text: str) -> None:
    source = markdown.explanations([hostile_explanation(text)])
    [row] = shown(source)
    assert row[0] == visible(f"1: {text}").strip()
    assert visible(f"logging/{text}") in Page(source).blocks[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_left_that_github_makes_a_link_of(text: str) -> None:
    for piece in Page(markdown.escape(text)).pieces:
        assert not AUTOLINKS.search(piece)


@given(st.text() | st.text("\\`*_[]<>&|~#@$:!-+=.)( 1ax/w"))
def test_any_text_is_shown_as_it_is(text: str) -> None:
    source = markdown.escape(text)
    plain = visible(text).strip()
    assert "\n" not in source
    table = f"| h | i |\n| --- | --- |\n| {source} | end |"
    assert shown(table) == [[plain, "end"]]
    for page in (Page(source), Page(f"## {source}"), Page(f"- {source}")):
        assert page.tags <= {"p", "h2", "ul", "li", "span"}
        assert "".join(page.blocks) == plain


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_cluster_keeps_its_columns(name: str) -> None:
    seen = whole(recorded(name))
    assert len(shown(markdown.coverage(seen))) == len(seen.covers)
    for daemon_set in recorded(name).daemon_sets[:4]:
        shown(markdown.explanations([explain(recorded(name), daemon_set)]))
