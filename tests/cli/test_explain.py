from __future__ import annotations

import gzip
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commands import Ended, Run
from recorded import RECORDED

from kubectl_ds import explain
from kubectl_ds.main import main

QUOTA = str(RECORDED / "quota_pods.json")  # logging/fluentd, 5 of 10 nodes lack a pod
STUCK = str(RECORDED / "rollout_stuck.json")  # default/agent
NOTHING = str(RECORDED / "selects_nothing.json")  # default/agent wants no node
HEALTHY = str(RECORDED / "soft_taint_only.json")  # default/agent
TWO = str(RECORDED / "quota_best_effort.json")  # be/careful is fine, be/careless is not


COMMAND = "explain"


@pytest.mark.parametrize(
    "word", ["fluentd", "ds/fluentd", "daemonset/fluentd", "daemonsets.apps/fluentd", "DS/fluentd"]
)
def test_a_daemon_set_is_named_as_in_kubectl(run: Run, word: str) -> None:
    ended = run(word, "-n", "logging", "--from", QUOTA)
    assert ended.code == 0
    assert ended.out.startswith("DaemonSet logging/fluentd: runs on 5 of 10 nodes")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["fluentd", "--from", QUOTA], 3, ["fluentd in namespace logging"], id="other-namespace"),
        pytest.param(["fluend", "-n", "logging", "--from", QUOTA], 3, ["did you mean fluentd"], id="typing-error"),
        pytest.param(["zzz", "--from", QUOTA], 3, ['no DaemonSet "zzz"', "there are logging/fluentd"], id="nothing-near"),
        pytest.param(["-n", "loging", "--from", QUOTA], 3, ['no namespace "loging"', "logging"], id="namespace"),
        pytest.param(["fluentd", "-n", "logging", "--node", "node2", "--from", QUOTA], 3, ['no node "node2"', "node02"], id="node"),
        pytest.param(["--from", "/nowhere/at-all.json"], 3, ["/nowhere/at-all.json"], id="file"),
        pytest.param(["po/x", "--from", QUOTA], 2, ["'po/x'", "ds/NAME"], id="other-kind"),
        pytest.param(
            ["logging/fluentd", "--from", QUOTA], 2, ["its namespace with -n"], id="with-its-namespace"
        ),
        pytest.param(["ds/", "--from", QUOTA], 2, ["'ds/'"], id="kind-without-name"),
        pytest.param(["x", "-A", "--from", QUOTA], 2, ["across all namespaces"], id="name-and-all"),
        pytest.param(["x", "-l", "a=b", "--from", QUOTA], 2, ["selector"], id="name-and-selector"),
        pytest.param(["-l", "a b", "--from", QUOTA], 2, ["'a b'"], id="bad-selector"),
        pytest.param(["--demo", "--from", QUOTA], 2, ["--demo"], id="demo-and-from"),
        pytest.param(["-o", "xml", "--from", QUOTA], 2, ["table", "json"], id="unknown-format"),
        pytest.param(["--nope"], 2, ["--nope"], id="unknown-flag"),
        pytest.param(["--request-timeout", "soon", "--from", QUOTA], 2, ["'soon'", "30s"], id="bad-duration"),
    ],
)  # fmt: skip
def test_errors_are_one_clear_line(
    run: Run, arguments: list[str], code: int, words: list[str]
) -> None:
    ended = run(*arguments)
    assert ended.code == code
    assert ended.out == ""
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err.splitlines()[-1]


BROKEN = {
    "empty": b"",
    "truncated": Path(QUOTA).read_bytes()[:5000],
    "binary": bytes(range(256)),
    "foreign": b'{"hello": "world"}',
    "text": b"Error from server: timeout\n",
    "truncated-gzip": gzip.compress(Path(QUOTA).read_bytes())[:3000],
    "node-labels-are-numbers": b'{"apiVersion":"v1","kind":"Node","metadata":{"name":"n","labels":{"a":1}}}',
    "taints-are-text": b'{"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{"taints":"x"}}',
    "junk-quantity": b'{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"d","namespace":"n"},'
    b'"spec":{"template":{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"lots"}}}]}}}}',
    "deep": b"[" * 100000,
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_damaged_input_names_the_file_and_prints_nothing(
    run: Run, tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.json"
    path.write_bytes(BROKEN[name])
    ended = run("x", "--from", str(path))
    assert ended.code == 5
    assert ended.out == ""
    assert str(path) in ended.err
    assert len(ended.err.splitlines()) == 1


def test_null_lists_are_empty_lists(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(HEALTHY).read_text())
    for item in document["items"]:
        if item["kind"] == "Node":
            item["spec"]["taints"] = None
            item["metadata"]["labels"] = None
    path = tmp_path / "nulls.json"
    path.write_text(json.dumps(document))
    assert run("agent", "--from", str(path)).out.startswith("DaemonSet default/agent: runs on 1 of")


def test_another_kind_that_is_damaged_is_told_and_left_out(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(QUOTA).read_text())
    quota = next(item for item in document["items"] if item["kind"] == "ResourceQuota")
    quota["status"]["hard"]["pods"] = "many"
    path = tmp_path / "quota.json"
    path.write_text(json.dumps(document))
    ended = run("fluentd", "-n", "logging", "-o", "json", "--from", str(path))
    assert ended.code == 0
    assert "'many' is not a quantity" in ended.err
    unread = [item["what"] for item in json.loads(ended.out)["notChecked"]]
    assert "resourcequotas" in unread


def test_a_sweep_explains_what_has_a_gap_and_names_the_rest(run: Run) -> None:
    ended = run("-n", "be", "--from", TWO)
    assert ended.out.startswith("DaemonSet be/careless:")
    assert ended.out.splitlines()[-1] == "No gap: be/careful"
    everything = run("-n", "be", "--all", "--from", TWO)
    assert "DaemonSet be/careful:" in everything.out
    assert "No gap:" not in everything.out


def test_a_sweep_without_any_gap_is_one_line(run: Run) -> None:
    assert run("--from", HEALTHY).out == "No gap: default/agent\n"
    nothing = (
        "No node wanted: default/agent (NodeSelectorMismatch pool=none excludes 3 of 3 nodes)\n"
    )
    assert run("--from", NOTHING).out == nothing


def test_a_sweep_over_nothing_says_so_on_stderr(run: Run) -> None:
    ended = run("-n", "kube-system", "--from", QUOTA)
    assert ended == Ended(0, "", "No DaemonSets found in kube-system namespace.\n")


def test_several_names_come_in_the_order_asked_for(run: Run) -> None:
    ended = run("careless", "careful", "-n", "be", "--from", TWO)
    heads = [line.split(":")[0] for line in ended.out.splitlines() if line.startswith("DaemonSet")]
    assert heads == ["DaemonSet be/careless", "DaemonSet be/careful"]
    assert ended.out.count("Not checked") == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["fluentd", "-n", "logging", "--from", QUOTA], 1, id="gap"),
        pytest.param(["agent", "--from", HEALTHY], 0, id="no-gap"),
        pytest.param(["-A", "--from", TWO], 1, id="gap-in-a-sweep"),
        pytest.param(["agent", "--from", NOTHING], 1, id="no-node-wanted-named"),
        pytest.param(["--from", NOTHING], 0, id="no-node-wanted-in-a-sweep"),
        pytest.param(["agent", "--from", str(RECORDED / "on_delete.json")], 0, id="on-delete-is-no-gap"),
        pytest.param(["fluentd", "-n", "logging", "--node", "node00", "--from", QUOTA], 0, id="a-node-without-gap"),
        pytest.param(["fluentd", "-n", "logging", "--node", "node02", "--from", QUOTA], 1, id="a-node-with-gap"),
    ],
)  # fmt: skip
def test_check_turns_gaps_into_exit_code_1(run: Run, arguments: list[str], code: int) -> None:
    assert run(*arguments).code == 0
    checked = run(*arguments, "--check")
    assert checked.code == code
    assert checked.out == run(*arguments).out


def test_one_name_gives_one_document_and_a_sweep_a_list(run: Run) -> None:
    one = json.loads(run("fluentd", "-n", "logging", "-o", "json", "--from", QUOTA).out)
    assert one["kind"] == "DaemonSetExplanation"
    sweep = run("-n", "be", "-o", "json", "--from", TWO)
    document = json.loads(sweep.out)
    assert document["kind"] == "DaemonSetExplanationList"
    assert [item["daemonSet"]["name"] for item in document["items"]] == ["careless"]
    assert sweep.err == "No gap: be/careful\n"
    nothing = json.loads(run("-n", "kube-system", "-o", "json", "--from", QUOTA).out)
    assert nothing["items"] == []
    two = json.loads(run("careful", "careless", "-n", "be", "-o", "json", "--from", TWO).out)
    assert two["kind"] == "DaemonSetExplanationList"


def test_yaml_is_the_same_document(run: Run) -> None:
    arguments = ["fluentd", "-n", "logging", "--from", QUOTA, "-o"]
    assert yaml.safe_load(run(*arguments, "yaml").out) == json.loads(run(*arguments, "json").out)


def test_name_output(run: Run) -> None:
    assert run("-A", "-o", "name", "--from", TWO).out == "daemonset.apps/careless\n"


def test_selector_picks_daemon_sets_by_their_labels(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(TWO).read_text())
    for item in document["items"]:
        if item["kind"] == "DaemonSet":
            item["metadata"]["labels"] = {"tier": item["metadata"]["name"]}
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document))
    ended = run("-A", "--all", "-l", "tier in (careful)", "--from", str(path))
    assert ended.out.startswith("DaemonSet be/careful")
    assert "careless" not in ended.out


def test_node_tells_one_story_and_narrows_documents(run: Run) -> None:
    arguments = ["agent", "--node", "node0", "--node", "node1", "--from", STUCK]
    ended = run(*arguments)
    assert ended.out.startswith("DaemonSet default/agent on node node0: Outdated")
    assert "on node node1: Unready" in ended.out
    document = json.loads(run(*arguments, "-o", "json").out)
    assert [item["node"] for item in document["nodes"]] == ["node0", "node1"]
    assert document["summary"]["nodes"] == 5


def test_no_headers_leaves_rows_alone(run: Run) -> None:
    lines = run("agent", "--no-headers", "-o", "wide", "--from", STUCK).out.splitlines()
    assert len(lines) == 5
    assert lines[0].split()[:2] == ["node1", "Unready"]


@pytest.mark.parametrize(
    ("choice", "environment", "coloured"),
    [
        pytest.param("always", {}, True, id="always"),
        pytest.param("always", {"NO_COLOR": "1"}, True, id="the-flag-wins"),
        pytest.param("auto", {}, False, id="auto-into-a-pipe"),
        pytest.param("never", {}, False, id="never"),
    ],
)
def test_colour_where_it_is_wanted(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    choice: str,
    environment: dict[str, str],
    coloured: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    ended = run("agent", "--color", choice, "--from", STUCK)
    assert ("\x1b[31mUnready" in ended.out) == coloured


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        pytest.param({}, True, id="terminal"),
        pytest.param({"NO_COLOR": ""}, False, id="no-color-even-if-empty"),
        pytest.param({"TERM": "dumb"}, False, id="dumb-terminal"),
    ],
)
def test_auto_colour_on_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert ("\x1b[" in run("agent", "--from", STUCK).out) == coloured


def hostile(path: Path) -> str:
    document = json.loads(Path(STUCK).read_text())
    bad = "\x1b[2J\x9b31m\u202eevil\x07"
    for item in document["items"]:
        if item["kind"] == "Node":
            item["spec"]["taints"] = [{"key": "k" + bad, "value": bad, "effect": "NoSchedule"}]
            item["metadata"]["labels"]["x" + bad] = bad
        if item["kind"] == "Pod":
            for status in item["status"].get("containerStatuses", []):
                status["state"] = {"waiting": {"reason": "R" + bad, "message": bad}}
                status["ready"] = False
            for each in item["status"]["conditions"]:
                each["status"] = "False" if each["type"] == "Ready" else each["status"]
        if item["kind"] == "DaemonSet":
            item["spec"]["template"]["spec"]["tolerations"] = [{"operator": "Exists"}]
    path.write_text(json.dumps(document))
    return str(path)


@pytest.mark.parametrize("output", ["table", "wide", "json", "yaml", "name", "node"])
def test_hostile_text_never_reaches_the_terminal(run: Run, tmp_path: Path, output: str) -> None:
    path = hostile(tmp_path / "hostile.json")
    extra = ["--node", "node1"] if output == "node" else ["-o", output]
    ended = run("agent", "--from", path, *extra)
    assert ended.code == 0
    for character in "\x1b\x9b\u202e\x07":
        assert character not in ended.out + ended.err
    if output in ("table", "wide", "node"):
        assert "\\x1b[2J" in ended.out


def test_hostile_names_in_errors(run: Run) -> None:
    ended = run("\x1b[2Jx", "--from", QUOTA)
    assert ended.code == 3
    assert "\x1b" not in ended.err
    assert "\\x1b[2Jx" in ended.err


def test_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(Path(QUOTA).read_bytes())))
    monkeypatch.setattr(sys, "stdin", stream)
    assert run("fluentd", "-n", "logging", "--from", "-").code == 0


def test_a_bug_is_one_line_and_keeps_its_traceback_for_v(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(explain, "explain_each", broken)
    ended = run("agent", "--from", STUCK)
    assert ended.code == 70
    assert "Traceback" not in ended.err
    assert "ZeroDivisionError: by nought" in ended.err
    with pytest.raises(ZeroDivisionError):
        run("agent", "--from", STUCK, "-v", "1")


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(explain, "explain_each", interrupted)
    ended = run("agent", "--from", STUCK)
    assert (ended.code, ended.out, ended.err.strip()) == (130, "", "")


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "kubectl_ds", *arguments]


def test_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        command = program("explain", "-A", "--all", "--from", HEALTHY)
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 74
    assert ended.stderr == b"error: the output can't be written: No space left on device\n"


def test_a_closed_pipe_is_quiet() -> None:
    command = program(
        "explain", "-A", "--all", "-o", "json", "--from", str(RECORDED / "seed1.json")
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 141


def saved(path: Path, *documents: object) -> str:
    path.write_text("\n".join(map(json.dumps, documents)))
    return str(path)


def test_one_page_of_a_list_is_refused(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(HEALTHY).read_text())
    pods = [item for item in document["items"] if item["kind"] == "Pod"]
    page = {"apiVersion": "v1", "kind": "PodList", "metadata": {"continue": "abc"}, "items": pods}
    ended = run("agent", "--from", HEALTHY, "--from", saved(tmp_path / "page.json", page))
    assert (ended.code, ended.out) == (5, "")
    assert "page.json: metadata.continue: one page of a list; save all pods" in ended.err


def test_input_without_a_daemon_set_is_refused(run: Run, tmp_path: Path) -> None:
    status = {"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "forbidden"}
    path = saved(tmp_path / "status.json", status)
    for arguments in (["-A"], ["-A", "--check"]):
        ended = run(*arguments, "--from", path)
        assert (ended.code, ended.out) == (5, "")
        assert "no DaemonSet in the input" in ended.err
    assert run("x", "--from", path).code == 3


def test_an_empty_list_of_daemon_sets_is_an_answer(run: Run, tmp_path: Path) -> None:
    empty = {"apiVersion": "apps/v1", "kind": "DaemonSetList", "items": []}
    ended = run("-A", "--from", saved(tmp_path / "empty.json", empty))
    assert ended == Ended(0, "", "No DaemonSets found.\n")


def test_the_path_of_a_wrong_value_ends_with_its_key(run: Run, tmp_path: Path) -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n", "labels": {"a": "b", "c": 1}},
    }
    ended = run("-A", "--from", saved(tmp_path / "node.json", node))
    assert "node.json: metadata.labels[c]: expected str, got int (Node n)" in ended.err


def test_empty_files_in_a_directory_matter_where_objects_could_have_been(
    run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "dump"
    (folder / "core").mkdir(parents=True)
    (folder / "all.json").write_bytes(Path(HEALTHY).read_bytes())
    (folder / "core" / "configmaps.yaml").write_text("---\n")
    ended = run("agent", "--from", str(folder))
    assert ended.code == 0
    assert "configmaps.yaml" in ended.err
    (folder / "core" / "pods.yaml").write_text("")
    ended = run("agent", "--from", str(folder))
    assert (ended.code, ended.out) == (5, "")
    assert "pods.yaml" in ended.err


def test_a_daemon_set_saved_without_its_uid_owns_its_pods(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(HEALTHY).read_text())
    for item in document["items"]:
        if item["kind"] == "DaemonSet":
            del item["metadata"]["uid"]
    path = saved(tmp_path / "nouid.json", document)
    assert run("agent", "--from", path).out.startswith("DaemonSet default/agent: runs on 1 of 1")


def test_without_standard_streams(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m kubectl_ds explain agent --from {HEALTHY}"
    assert subprocess.run(["sh", "-c", f"{shell} >&-"], check=False).returncode == 0
    shell = f"{sys.executable} -m kubectl_ds explain agent --from - <&-"
    ended = subprocess.run(["sh", "-c", shell], check=False, capture_output=True)
    assert ended.returncode == 5
    assert b"internal error" not in ended.stderr


def test_many_different_nodes_still_fit_a_screen(run: Run, tmp_path: Path) -> None:
    document = json.loads(Path(HEALTHY).read_text())
    node = next(item for item in document["items"] if item["kind"] == "Node")
    for number in range(200):
        other = json.loads(json.dumps(node))
        other["metadata"]["name"] = f"node-{number}"
        other["spec"]["taints"] = [{"key": f"team-{number}", "effect": "NoSchedule"}]
        document["items"].append(other)
    for number in range(200):
        other = json.loads(json.dumps(node))
        other["metadata"]["name"] = f"going-{number}"
        taint = {"key": "ToBeDeletedByClusterAutoscaler", "value": str(1790000000 + number)}
        other["spec"]["taints"] = [{**taint, "effect": "NoSchedule"}]
        document["items"].append(other)
    ended = run("agent", "--from", saved(tmp_path / "many.json", document))
    assert len(ended.out.splitlines()) < 40
    assert "200  going-0" in ended.out
    assert "1790000000, 1790000001, 1790000002 or 197 others" in " ".join(ended.out.split())
    assert "… and 185 more groups of 185 nodes; -o wide has a line for each node" in ended.out
    assert ended.out.splitlines()[2].split() == ["NODES", "STATE", "WHY"]
    assert "Available" in ended.out


PARTS = [
    pytest.param("Node", "no Node was read", id="no-nodes"),
    pytest.param("Pod", "no Pod was read", id="no-pods"),
]


@pytest.mark.parametrize(("kind", "words"), PARTS)
def test_without_an_essential_kind_nothing_is_claimed(
    run: Run, tmp_path: Path, kind: str, words: str
) -> None:
    document = json.loads(Path(HEALTHY).read_text())
    document["items"] = [item for item in document["items"] if item["kind"] != kind]
    path = tmp_path / "part.json"
    path.write_text(json.dumps(document))
    ended = run("agent", "--from", str(path))
    assert ended.code == 0
    assert words in ended.out.splitlines()[0]
    assert "gap" not in ended.out
    assert "no longer exists" not in ended.out
    assert "status is behind" not in ended.out
    assert "Not checked" in ended.out
    checked = run("agent", "--check", "--from", str(path))
    assert (checked.code, checked.out) == (5, "")
    assert "can't be told" in checked.err


def test_pods_that_were_not_read_hide_no_refusal(run: Run) -> None:
    ended = run("agent", "-n", "locked", "--check", "--from", str(RECORDED / "pod_security.json"))
    assert ended.code == 1
    # That Kubernetes refused a pod is known, how many nodes have none is not.
    assert "some of its pods are refused" in " ".join(ended.out.split())
    assert "gaps: 3 Missing" not in " ".join(ended.out.split())


def test_a_quota_alone_tells_of_no_gap_where_pods_were_not_read(run: Run, tmp_path: Path) -> None:
    objects = json.loads(Path(QUOTA).read_text())
    kept = [item for item in objects["items"] if item["kind"] not in ("Pod", "Event")]
    path = tmp_path / "part.json"
    path.write_text(json.dumps({**objects, "items": kept}))
    shown = run("fluentd", "-n", "logging", "--from", str(path))
    assert "gaps:" not in shown.out
    ended = run("fluentd", "-n", "logging", "--check", "--from", str(path))
    assert (ended.code, ended.out) == (5, "")


def test_a_sweep_claims_no_fine_daemon_set_where_nodes_were_not_read(
    run: Run, tmp_path: Path
) -> None:
    objects = json.loads(Path(QUOTA).read_text())
    kept = [item for item in objects["items"] if item["kind"] != "Node"]
    path = tmp_path / "part.json"
    path.write_text(json.dumps({**objects, "items": kept}))
    ended = run("-A", "--from", str(path))
    assert "No gap" not in ended.out + ended.err
    assert "no Node was read" in ended.out


def test_one_node_across_daemon_sets_has_a_row_for_each(run: Run) -> None:
    ended = run("-A", "--node", "node2", "--from", TWO)
    assert ended.out.startswith("Node node2: ready\n\nDAEMONSET")
    rows = [line.split()[:2] for line in ended.out.splitlines() if line.startswith("be/")]
    assert rows == [["be/careless", "Missing"], ["be/careful", "Available"]]
    assert "No gap" not in ended.out + ended.err


def test_wide_rows_of_several_daemon_sets_begin_with_their_names(run: Run) -> None:
    ended = run("-A", "--all", "-o", "wide", "--no-headers", "--from", TWO)
    lines = [line.split()[:3] for line in ended.out.splitlines()]
    assert len(lines) == 6
    assert lines[0] == ["be", "careful", "node1"]


def test_type_and_name_may_stand_apart(run: Run) -> None:
    assert run("ds", "fluentd", "-n", "logging", "--from", QUOTA).out.startswith(
        "DaemonSet logging"
    )


def test_a_name_in_place_of_a_command_gets_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fluentd"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "error: There is no command 'fluentd'; for a DaemonSet of that name: "
        "kubectl ds explain fluentd. See 'kubectl ds -h'.\n"
    )


def test_cloud_names_lose_the_domain_that_all_share(run: Run, tmp_path: Path) -> None:
    domain = "eu-1.compute.internal"
    text = re.sub(r'"node(\d)"', rf'"ip-10-0-0-\1.{domain}"', Path(STUCK).read_text())
    document = json.loads(text)
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps(document))
    folded = run("agent", "--from", str(path)).out
    assert "1  ip-10-0-0-1 " in folded
    assert (
        "ip-10-0-0-1.eu-1.compute.internal" in run("agent", "-o", "wide", "--from", str(path)).out
    )
    missing = run("agent", "--node", "ip-10-0-0-1", "--from", str(path)).err
    assert "did you mean ip-10-0-0-1.eu-1.compute.internal" in missing


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_output_encoding(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = program("explain", "fluentd", "-n", "logging", "--from", QUOTA)
    ended = subprocess.run(command, capture_output=True, env=environment, check=True)
    assert b"runs on 5 of 10 nodes" in ended.stdout


def test_help_has_examples_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["-h"], ["explain", "-h"]):
        assert main(arguments) == 0
        text = capsys.readouterr().out
        assert "Examples:" in text
        assert "kubectl ds explain fluentd -n logging" in text
        assert max(map(len, text.splitlines())) <= 80
    assert main([]) == 0
    assert "Examples:" in capsys.readouterr().out
    assert main(["options"]) == 0
    assert "--as-group" in capsys.readouterr().out


FLAGS = [
    "-n",
    "--namespace",
    "-A",
    "--all-namespaces",
    "-l",
    "--selector",
    "-o",
    "--output",
    "--no-headers",
    "--context",
    "--cluster",
    "--user",
    "--kubeconfig",
    "--as",
    "--as-group",
    "--as-uid",
    "--as-user-extra",
    "--cache-dir",
    "-s",
    "--server",
    "--token",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--insecure-skip-tls-verify",
    "--tls-server-name",
    "--request-timeout",
    "--disable-compression",
    "--from",
    "--node",
    "--color",
    "--check",
    "--demo",
    "--all",
]


def test_flags_of_the_contract_exist_and_have_help() -> None:
    from kubectl_ds.cli import explain as command

    options = {name: item for item in command.params for name in item.opts}
    assert set(FLAGS) <= set(options)
    assert [name for name in FLAGS if not getattr(options[name], "help", "")] == []


def test_a_dead_node_of_several_daemon_sets_is_told_once_above_them(run: Run) -> None:
    ended = run("-A", "--demo")
    line = "SharedNode: spot-2 is unreachable: explains gaps of 2 DaemonSets"
    assert ended.out.startswith(line)
    assert "SharedNode" not in run("-A", "--demo", "--no-headers").out
    assert "SharedNode" not in run("cilium", "-n", "kube-system", "--demo").out


def test_it_stands_in_the_list_for_scripts(run: Run) -> None:
    (finding,) = json.loads(run("-A", "--demo", "-o", "json").out)["findings"]
    assert finding["code"] == "SharedNode"
    assert finding["evidence"]["nodes"] == ["spot-2"]
    assert finding["evidence"]["daemonSets"] == ["kube-system/cilium", "monitoring/node-exporter"]
    assert finding["message"] in " ".join(run("-A", "--demo", "-o", "wide").out.split())
