"""The command coverage on saved objects."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import pytest
import yaml
from commands import Run
from golden import assert_screen
from recorded import RECORDED

QUOTA = str(RECORDED / "quota_pods.json")  # logging/fluentd, 5 of 10 nodes lack a pod
NOTHING = str(RECORDED / "selects_nothing.json")  # default/agent wants no node
HEALTHY = str(RECORDED / "soft_taint_only.json")  # default/agent
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "kubectl-ds-v1.schema.json"


COMMAND = "coverage"


@pytest.mark.parametrize(
    ("name", "arguments", "width"),
    [
        ("coverage", [], 80),
        ("coverage_narrow", [], 44),
        ("coverage_broad", [], 160),
        ("coverage_wide", ["-o", "wide"], 80),
        ("coverage_by_pool", ["--by", "pool"], 80),
        ("coverage_by_two", ["--by", "zone", "--by", "arch"], 132),
        ("coverage_matrix", ["--matrix"], 80),
        ("coverage_matrix_narrow", ["--matrix"], 40),
        ("coverage_blind", ["--blind"], 80),
        ("coverage_colour", ["--color", "always"], 80),
    ],
)
def test_screens(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, arguments: list[str], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ended = run("--demo", *arguments)
    assert (ended.code, ended.err) == (0, "")
    assert_screen(name, ended.out)
    if "wide" not in arguments and "--color" not in arguments:
        assert max(map(len, ended.out.splitlines())) <= width


def test_no_colour_is_needed_to_read_the_matrix(run: Run) -> None:
    plain = run("--demo", "--matrix").out
    painted = run("--demo", "--matrix", "--color", "always").out
    assert "\x1b[" in painted
    assert "\x1b[" not in plain
    assert "✗M Missing" in plain


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_the_document_is_as_its_schema_says(run: Run, output: str) -> None:
    text = run("--demo", "--by", "pool", "--by", "zone", "--blind", "-o", output).out
    document = json.loads(text) if output == "json" else yaml.safe_load(text)
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["kind"] == "CoverageReport"
    assert document["groups"]
    assert document["blind"]


def test_the_document_has_the_numbers(run: Run) -> None:
    document = run.json("fluentd", "-n", "logging", "--from", QUOTA)
    (row,) = document["daemonSets"]
    assert {key: row[key] for key in ("nodes", "desired", "available", "excluded")} == {
        "nodes": 10,
        "desired": 10,
        "available": 5,
        "excluded": 0,
    }
    assert (row["coverage"], row["reach"]) == (0.5, 0.5)
    assert row["states"] == {"Available": 5, "Missing": 5}
    assert [gap["code"] for gap in row["gaps"]] == ["QuotaExceeded"] * 5


@pytest.mark.parametrize("label", ["zone", "pool", "arch", "kubernetes.io/hostname", "no-such"])
def test_groups_add_up_to_the_whole(run: Run, label: str) -> None:
    document = run.json("--demo", "--by", label)
    assert sum(group["nodes"] for group in document["groups"]) == document["nodes"]
    for row in document["daemonSets"]:
        parts = [
            part
            for group in document["groups"]
            for part in group["daemonSets"]
            if (part["namespace"], part["name"]) == (row["namespace"], row["name"])
        ]
        for key in ("desired", "available", "excluded"):
            assert sum(part[key] for part in parts) == row[key]


def test_a_pool_that_has_none_is_one_row(run: Run) -> None:
    out = run("fluentd", "-n", "logging", "--demo", "--by", "pool").out
    assert [line for line in out.splitlines() if line.startswith("gpu ")] == [
        "gpu                4        0          0              -     0%"
    ]


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("poool", "no node has the label poool; short names are zone, region, pool"),
        ("region", "no node has any of the labels that region stands for; give"),
    ],
)
def test_a_label_that_no_node_has_is_told(run: Run, label: str, words: str) -> None:
    ended = run("-A", "--from", QUOTA, "--by", label)
    assert ended.code == 0
    assert ended.err.startswith(f"warning: {words}")
    assert "<none>" in ended.out


def test_blind_nodes_are_those_that_lack_what_was_named(run: Run) -> None:
    names = run("fluentd", "-n", "logging", "--demo", "--blind", "-o", "name").out.split()
    lacking = {"cp-0", "gpu-0", "gpu-1", "gpu-2", "gpu-3", "spot-0", "spot-1", "spot-2"}
    assert set(names) == {f"node/{name}" for name in lacking | {"virtual-kubelet"}}


def test_names_come_worst_first(run: Run) -> None:
    assert run("--demo", "-o", "name").out.split() == [
        "daemonset.apps/dcgm-exporter",
        "daemonset.apps/falco",
        "daemonset.apps/node-exporter",
        "daemonset.apps/cilium",
        "daemonset.apps/fluentd",
    ]


def test_no_headers_leaves_rows_alone(run: Run) -> None:
    rows = run("--demo", "-o", "wide", "--no-headers").out.splitlines()
    assert [row.split()[1] for row in rows] == [
        "dcgm-exporter",
        "falco",
        "node-exporter",
        "cilium",
        "fluentd",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(["--check", "--from", QUOTA], 1, "", id="a gap"),
        pytest.param(["--check", "--from", HEALTHY], 0, "", id="no gap"),
        pytest.param(["--check", "--from", NOTHING], 0, "", id="no node wanted, in a sweep"),
        pytest.param(["--min", "50%", "--from", QUOTA], 0, "", id="just enough"),
        pytest.param(["--min", "50", "--from", QUOTA], 0, "", id="without the sign"),
        pytest.param(
            ["--min", "50.1%", "--from", QUOTA],
            1,
            "logging/fluentd: coverage 50% (5 of 10) is below 50.1%\n",
            id="just below",
        ),
        pytest.param(
            ["--min-reach", "80%", "--from", QUOTA],
            1,
            "logging/fluentd: reach 50% (5 of 10) is below 80%\n",
            id="reach",
        ),
        pytest.param(["--min", "100%", "--from", NOTHING], 0, "", id="nothing wanted is all"),
        pytest.param(
            ["--min", "100%", "--min-reach", "1%", "--from", NOTHING],
            1,
            "default/agent: reach 0% (0 of 3) is below 1%\n",
            id="nothing wanted reaches none",
        ),
    ],
)
def test_lines_that_must_be_met(run: Run, arguments: list[str], code: int, told: str) -> None:
    ended = run("-A", *arguments)
    assert (ended.code, ended.err) == (code, told)
    assert ended.out


def test_a_daemon_set_that_was_named_must_want_a_node(run: Run) -> None:
    assert run("agent", "--check", "--from", NOTHING).code == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.95", "'0.95' may mean 0.95% or 95%; add the %"),
        ("101%", "'101%' is not a share such as 95%"),
        ("-5%", "'-5%' is not a share such as 95%"),
        ("most", "'most' is not a share such as 95%"),
    ],
)
def test_a_share_that_is_none_is_wrong_usage(run: Run, value: str, words: str) -> None:
    ended = run("--demo", f"--min={value}")
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err


def without(kind: str, tmp_path: Path) -> str:
    objects = json.loads(Path(QUOTA).read_text())
    objects["items"] = [item for item in objects["items"] if item["kind"] != kind]
    path = tmp_path / "part.json"
    path.write_text(json.dumps(objects))
    return str(path)


@pytest.mark.parametrize(("kind", "words"), [("Node", "no nodes"), ("Pod", "no pods")])
def test_what_was_not_saved_is_not_claimed(run: Run, tmp_path: Path, kind: str, words: str) -> None:
    part = without(kind, tmp_path)
    shown = run("-A", "--from", part)
    assert shown.code == 0
    assert "<unknown>" in shown.out
    assert "%" not in shown.out
    assert "Not checked: " in shown.out
    ended = run("-A", "--min=50%", "--from", part)
    assert (ended.code, ended.out) == (5, "")
    assert words in ended.err


@pytest.mark.parametrize("kind", ["Node", "Pod"])
def test_no_form_claims_what_was_not_saved(run: Run, tmp_path: Path, kind: str) -> None:
    part = without(kind, tmp_path)
    (row,) = run.json("-A", "--from", part)["daemonSets"]
    assert (row["available"], row["coverage"], row["reach"]) == (None, None, None)
    wide = run("-A", "-o", "wide", "--no-headers", "--from", part).out.split()
    assert wide[4:7] == ["<unknown>"] * 3
    assert (wide[2:4] == ["<unknown>"] * 2) == (kind == "Node")
    assert "too little was read to tell" in run("-A", "-o", "markdown", "--from", part).out
    assert "%" not in run("-A", "-o", "markdown", "--from", part).out
    assert "ratio{" not in run("-A", "-o", "openmetrics", "--from", part).out
    assert "too little was read" in run("-A", "-o", "junit", "--from", part).out
    for view in ("--blind", "--matrix"):
        assert "can't be told" in run("-A", view, "--from", part).out
    assert "can't be told" in run("-A", "--blind", "-o", "name", "--from", part).err
    assert "%" not in run("-A", "--by", "zone", "--from", part).out
    document = run.json("-A", "--by", "zone", "--from", part)
    told = [x["available"] for group in document["groups"] for x in group["daemonSets"]]
    assert set(told) <= {None}
    assert (row["gaps"], row["verified"]) == ([], False)
    assert "Missing" not in row["states"]
    page = run("-A", "-o", "html", "--from", part).out
    assert ">0%<" not in page
    assert ">?<" in page


@pytest.mark.parametrize(
    ("flag", "output"),
    [("--by=zone", "html"), ("--matrix", "json"), ("--blind", "junit"), ("--by=zone", "name")],
)
def test_a_flag_without_effect_is_told(run: Run, flag: str, output: str) -> None:
    ended = run("--demo", flag, "-o", output)
    assert ended.code == 0
    name = flag.partition("=")[0]
    assert ended.err == f"warning: {name} has no effect on -o {output}\n"


def test_wide_leaves_nothing_out(run: Run) -> None:
    for view in ("--by=os", "--blind"):
        assert "…" in run("falco", "-n", "security", "--demo", "--by=os").out
        assert "…" not in run("falco", "-n", "security", "--demo", view, "-o", "wide").out


def test_the_matrix_in_markdown_is_a_block(run: Run) -> None:
    lines = run("--demo", "--matrix", "-o", "markdown").out.splitlines()
    assert "    2  spot-0 spot-1            ·E ✗M ✓A ✓A ·E" in lines


def test_a_gap_is_claimed_only_where_something_tells_of_one(run: Run, tmp_path: Path) -> None:
    # A quota that is used up, and an event of it, tell that some pod is missing.
    assert run("-A", "--check", "--from", without("Pod", tmp_path)).code == 1
    assert run("-A", "--check", "--from", without("Node", tmp_path)).code == 5


def test_junit_fails_what_the_flags_fail(run: Run) -> None:
    def failed(*flags: str) -> list[str]:
        root = ElementTree.fromstring(run("--demo", "-o", "junit", *flags).out)
        return [case.attrib["name"] for case in root.iter("testcase") if case.find("failure")
                is not None]  # fmt: skip

    assert failed() == ["dcgm-exporter", "falco", "node-exporter", "cilium"]
    assert failed("--min", "85%") == ["dcgm-exporter", "falco"]
    assert failed("--min", "85%", "--check") == failed()


@pytest.mark.parametrize("output", ["table", "wide", "name", "markdown"])
def test_no_daemon_set_at_all_is_told_on_stderr(run: Run, output: str) -> None:
    ended = run("--demo", "-l", "no=such", "-o", output)
    assert ended == (0, "", "No DaemonSets found.\n")


def test_a_wrong_name_offers_the_nearest(run: Run) -> None:
    ended = run("fluent", "-n", "logging", "--demo")
    assert (ended.code, ended.out) == (3, "")
    assert "did you mean fluentd in namespace logging?" in ended.err


def test_fast_has_no_effect_on_saved_objects(run: Run) -> None:
    ended = run("-A", "--fast", "--from", HEALTHY)
    assert ended.err == "warning: --fast has no effect on saved objects\n"
    assert ended.out == run("-A", "--from", HEALTHY).out
