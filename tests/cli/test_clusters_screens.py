"""What both commands show of several clusters, in each format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import fromstring

import msgspec
import pytest
import yaml
from golden import assert_screen
from serve import ApiServer, free_port, recorded
from several import EKS, GKE, Several, complete

from tools.schema import schema

HOSTILE = "<b>\u202eprod</b>|`x`"
LOST = "staging"


@pytest.fixture
def several(
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Several]:
    """A cluster that lacks pods, one of the same names that is complete, and one that is gone."""
    monkeypatch.setenv("COLUMNS", "80")
    objects = recorded("quota_pods")
    with ExitStack() as stack:
        a = stack.enter_context(ApiServer(objects))
        b = stack.enter_context(ApiServer(complete(objects)))
        run = Several(command, capsys, tmp_path / "config")
        run.servers = {GKE: a.url, EKS: b.url, LOST: f"http://127.0.0.1:{free_port()}"}
        yield run


def shown(several: Several, *arguments: str) -> str:
    """What goes to stdout; the port on which nobody listens is another one each time."""
    code, out, err = several.all(*arguments)
    assert code == 4
    assert err.splitlines()[-1].startswith(f"error: cluster {LOST}: can't reach ")
    return re.sub(r"(?<=127\.0\.0\.1:)\d+", "PORT", out)


SCREENS = [
    ("coverage", "clusters", 80, []),
    ("coverage", "clusters_60", 60, []),
    ("coverage", "clusters_120", 120, []),
    ("coverage", "clusters_200", 200, []),
    ("coverage", "clusters_wide", 80, ["-o", "wide"]),
    ("coverage", "clusters_rows", 120, ["--no-headers"]),
    ("coverage", "clusters_by", 80, ["--by", "pool"]),
    ("coverage", "clusters_matrix", 80, ["--matrix"]),
    ("coverage", "clusters_blind", 80, ["--blind"]),
    ("coverage", "clusters_markdown", 80, ["--by", "pool", "--blind", "-o", "markdown"]),
    ("coverage", "clusters_junit", 80, ["-o", "junit"]),
    ("coverage", "clusters_openmetrics", 80, ["-o", "openmetrics"]),
    ("coverage", "clusters_name", 80, ["-o", "name"]),
    ("coverage", "clusters_blind_name", 80, ["--blind", "-o", "name"]),
    ("explain", "clusters_explain", 80, []),
    ("explain", "clusters_explain_wide", 80, ["-o", "wide"]),
    ("explain", "clusters_explain_rows", 120, ["--no-headers", "--all"]),
    ("explain", "clusters_explain_wide_rows", 80, ["-o", "wide", "--no-headers", "--all"]),
    ("explain", "clusters_explain_node", 80, ["--node", "node03"]),
    ("explain", "clusters_explain_markdown", 80, ["--all", "-o", "markdown"]),
    ("explain", "clusters_explain_name", 80, ["--all", "-o", "name"]),
]


@pytest.mark.parametrize(
    ("command", "name", "width", "arguments"), SCREENS, ids=[row[1] for row in SCREENS]
)
def test_screens(
    several: Several,
    name: str,
    width: int,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert_screen(name, shown(several, "-n", "logging", *arguments))


@pytest.mark.parametrize("command", ["explain"])
def test_one_name_on_one_node_is_told_rule_by_rule(several: Several) -> None:
    text = shown(several, "fluentd", "-n", "logging", "--node", "node03")
    titles = [" ".join(x.split()) for x in re.findall(r"^DaemonSet .*(?:\n  \S.*)?", text, re.M)]
    assert [title.split(" on node")[0] for title in titles] == [
        f"DaemonSet logging/fluentd in cluster {GKE}",
        f"DaemonSet logging/fluentd in cluster {EKS}",
    ]


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("flags", [[], ["--by", "pool"], ["--matrix"], ["--blind"]], ids=str)
@pytest.mark.parametrize("command", ["coverage"])
def test_no_line_is_wider_than_the_screen(
    several: Several, width: int, flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert max(map(len, shown(several, "-A", *flags).splitlines())) <= width


@pytest.mark.parametrize("command", ["coverage", "explain"])
@pytest.mark.parametrize("output", ["json", "yaml"])
def test_documents_are_those_of_the_schema(several: Several, output: str) -> None:
    text = shown(several, "-n", "logging", "-o", output)
    document = json.loads(text) if output == "json" else yaml.safe_load(text)
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(document, json.loads(json.dumps(schema())))
    rows = document.get("items", document.get("daemonSets"))
    assert {row["cluster"] for row in rows} <= {GKE, EKS}
    assert {item["cluster"] for item in document["notChecked"]} >= {LOST}


@pytest.mark.parametrize("command", ["coverage", "explain"])
@pytest.mark.parametrize("output", ["table", "wide", "name", "markdown", "html", "json"])
def test_a_hostile_name_of_a_context_stays_text(several: Several, output: str) -> None:
    several.servers = {HOSTILE: several.servers[GKE], f"x{HOSTILE}": several.servers[EKS]}
    code, out, err = several.all("-n", "logging", "-o", output)
    assert code == 0
    assert "\u202e" not in out + err
    if output in ("html", "markdown"):
        assert "<b>" not in re.sub(r"<(script|style).*?</\1>", "", out, flags=re.S)


@pytest.mark.parametrize("command", ["coverage"])
def test_each_metric_is_described_once(several: Several) -> None:
    lines = shown(several, "-n", "logging", "-o", "openmetrics").splitlines()
    heads = [line for line in lines if line.startswith("#")]
    assert len(heads) == len(set(heads))
    samples = [line for line in lines if not line.startswith("#")]
    assert len(samples) == len({line.rpartition(" ")[0] for line in samples})
    assert all(re.match(r'kubectl_ds_\w+\{cluster="[^"]+",namespace="', line) for line in samples)


@pytest.mark.parametrize("command", ["coverage"])
def test_each_cluster_is_a_suite(several: Several) -> None:
    root = fromstring(shown(several, "-n", "logging", "--check", "-o", "junit"))
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == [f"DaemonSet coverage in cluster {x}" for x in (GKE, EKS, LOST)]
    counts = [(x.get("tests"), x.get("failures"), x.get("errors")) for x in root]
    assert counts == [("1", "1", "0"), ("1", "0", "0"), ("1", "0", "1")]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    classes = [case.get("classname") for case in root.iter("testcase")]
    assert classes == [f"{GKE}/logging", f"{EKS}/logging", LOST]


class _Cells(HTMLParser):
    """The texts of the table's cells in the markup, which need no script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False
        self.feed(page.partition('<table id="sets"')[2].partition("</table>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._open = bool(self.rows and self.rows[-1])

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data.strip()


@pytest.mark.parametrize("command", ["coverage", "explain"])
def test_the_page_names_each_cluster(several: Several) -> None:
    page = shown(several, "-n", "logging", "-o", "html")
    head, *rows = _Cells(page).rows
    assert head[:3] == ["Cluster", "DaemonSet", "Nodes"]
    assert [row[:5] for row in rows] == [
        [GKE, "logging/fluentd", "10", "10", "5"],
        [EKS, "logging/fluentd", "10", "10", "10"],
    ]
    assert f"everything in cluster {LOST}" in page
    data = json.loads(re.search(r'id="data"[^>]*>([^<]*)<', page)[1])  # type: ignore[index]
    assert [(item["name"], item["from"], item["past"]) for item in data["clusters"]] == [
        (GKE, 0, 10),
        (EKS, 10, 20),
    ]
    first, second = data["sets"]
    assert (first["cluster"], len(first["on"]), max(first["on"]) < 10) == (0, 5, True)
    assert (second["cluster"], second["on"]) == (1, [])
    assert msgspec.json.encode(data).count(b"node03") == 2
