"""Both commands on several clusters over real HTTP: who is asked, what fails, how it ends."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from commands import told_at_once
from kubeconfigs import EXEC
from serve import Answer, ApiServer, Asked, free_port, recorded, status
from several import Several, complete, kubeconfig, without

from kubectl_ds.kube.transport import THREADS
from kubectl_ds.main import main

COMMANDS = pytest.mark.parametrize("command", ["coverage", "explain"])
NODES = "/api/v1/nodes"
LOGGING = ("fluentd", "-n", "logging")
PATIENCE = 60  # seconds that a server waits for another one before a test fails
# A credential plugin that waits for a file.
WAITING = f"""
while ! test -e "$FILE"; do sleep 0.1; done
echo '{{"kind": "ExecCredential", "apiVersion": "{EXEC["apiVersion"]}", "status": {{"token": "t"}}}}'
"""


class Clusters(Several):
    """The cluster ``a`` lacks pods, ``b`` has the same names and is complete."""

    def __init__(self, *arguments: Any, a: ApiServer, b: ApiServer) -> None:
        super().__init__(*arguments, a=a.url, b=b.url)
        self.a = a
        self.b = b


@pytest.fixture
def clusters(
    command: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Clusters]:
    monkeypatch.setenv("COLUMNS", "80")
    objects = recorded("quota_pods")
    with ExitStack() as stack:
        a = stack.enter_context(ApiServer(objects))
        b = stack.enter_context(ApiServer(complete(objects)))
        yield Clusters(command, capsys, tmp_path / "config", a=a, b=b)


def named(document: Any) -> list[str]:
    """The clusters of the rows or items, in their order."""
    return [item["cluster"] for item in document.get("items", document.get("daemonSets"))]


# Who is asked


@COMMANDS
def test_each_cluster_is_asked_and_each_answer_names_its_own(clusters: Clusters) -> None:
    assert named(clusters.documents(*LOGGING)) == ["a", "b"]
    for api in (clusters.a, clusters.b):
        assert NODES in api.paths
        assert {item.method for item in api.asked} == {"GET"}


@COMMANDS
def test_a_context_given_twice_is_one(clusters: Clusters) -> None:
    twice = clusters(*LOGGING, "--context", "b", "--context", "b", "-o", "json")
    once = clusters(*LOGGING, "--context", "b", "-o", "json")
    assert (twice.code, twice.out) == (0, once.out)
    assert "cluster" not in json.loads(once.out)
    assert clusters.a.asked == []


@COMMANDS
def test_the_order_is_that_of_the_flags(clusters: Clusters) -> None:
    flags = ("--context", "b", "--context", "a", "--context", "b")
    document = json.loads(clusters(*LOGGING, *flags, "-o", "json").out)
    worst_first = ["a", "b"]
    assert named(document) == (["b", "a"] if "items" in document else worst_first)


@COMMANDS
def test_all_contexts_are_those_of_the_kubeconfig_by_name(clusters: Clusters) -> None:
    clusters.servers = {"z": clusters.b.url, "m": clusters.a.url}
    document = json.loads(clusters(*LOGGING, "--all-contexts", "-o", "json").out)
    assert named(document) == ["m", "z"]


@COMMANDS
def test_one_context_is_named_where_all_were_asked_for(clusters: Clusters) -> None:
    clusters.servers = {"only": clusters.a.url}
    assert named(json.loads(clusters(*LOGGING, "--all-contexts", "-o", "json").out)) == ["only"]


@COMMANDS
def test_each_context_has_its_own_user_and_namespace(clusters: Clusters) -> None:
    clusters.contexts = {"a": {"namespace": "logging"}}
    code, out, err = clusters.all()
    assert code == 0
    assert "logging/fluentd" in out
    assert err == "note: cluster b: No DaemonSets found in default namespace.\n"


@pytest.mark.parametrize(
    ("flags", "read"),
    [
        (["-n", "logging"], ["a", "c"]),
        (["-A"], ["a", "c"]),
        ([], ["a", "b", "c"]),
    ],
    ids=["one namespace", "all namespaces", "each its own"],
)
@COMMANDS
def test_of_contexts_that_ask_the_same_the_first_counts(
    clusters: Clusters, flags: list[str], read: list[str]
) -> None:
    same = clusters.a.url
    clusters.servers = {"a": same, "b": same, "c": clusters.b.url}
    clusters.contexts = {"b": {"user": "a", "namespace": "logging"}, "c": {"user": "a"}}
    everything = ["--all"] if clusters.command == "explain" else []
    _, out, err = clusters(*flags, *everything, "--all-contexts", "-o", "json")
    notes = [line for line in err.splitlines() if "left out" in line]
    assert len(notes) == len({"a", "b", "c"} - set(read))
    for line in notes:
        assert line.startswith("note: context b is left out: ")
    assert sorted(set(named(json.loads(out)))) == (read if flags else ["b"])


@COMMANDS
def test_contexts_of_other_users_are_read_each(clusters: Clusters) -> None:
    clusters.servers = {"a": clusters.a.url, "b": clusters.a.url}
    _, out, err = clusters(*LOGGING, "--all-contexts", "-o", "json")
    assert (named(json.loads(out)), err) == (["a", "b"], "")


@COMMANDS
def test_a_slow_cluster_does_not_hold_up_the_others(clusters: Clusters) -> None:
    others_done = threading.Event()
    waited = []
    real_a, real_b = clusters.a.next_answer, clusters.b.next_answer

    def slow(item: Asked) -> Answer:
        if not waited:
            waited.append(others_done.wait(PATIENCE))
        return real_a(item)

    def quick(item: Asked) -> Answer:
        if {NODES, "/apis/apps/v1/namespaces/logging/controllerrevisions"} <= set(clusters.b.paths):
            others_done.set()
        return real_b(item)

    clusters.a.next_answer, clusters.b.next_answer = slow, quick  # type: ignore[method-assign]
    assert named(clusters.documents(*LOGGING)) == ["a", "b"]
    assert waited == [True]


@COMMANDS
def test_at_most_eight_clusters_are_read_at_once(clusters: Clusters) -> None:
    names = [f"c{number:02}" for number in range(12)]
    clusters.servers = dict.fromkeys(names, clusters.b.url)
    real, lock = clusters.b.next_answer, threading.Lock()
    waiting: set[str] = set()
    most, full = [0], threading.Event()

    def counted(item: Asked) -> Answer:
        (who,) = item.header("Authorization") or [str(threading.get_ident())]
        if not item.path.endswith("/daemonsets/fluentd"):
            return real(item)
        with lock:
            waiting.add(who + str(len(clusters.b.asked)))
            most[0] = max(most[0], len(waiting))
            if len(waiting) == 8:
                full.set()
        full.wait(PATIENCE)
        with lock:
            waiting.pop()
        return real(item)

    clusters.b.next_answer = counted  # type: ignore[method-assign]
    assert sorted(named(clusters.documents(*LOGGING))) == names
    assert most == [8]


@pytest.mark.parametrize("command", ["coverage"])
def test_the_progress_counts_the_pods_of_all_clusters(
    clusters: Clusters, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = told_at_once(monkeypatch)
    assert clusters.all(*LOGGING).code == 0
    counts = re.findall(r"\rreading pods: (\d+)", screen.getvalue())
    assert counts[-1] == "15"
    assert screen.getvalue().endswith("\r\x1b[K")


# What fails


FAULTS = {
    "refused connection": (None, "connection refused"),
    "401": (status(401, "Unauthorized"), "does not accept"),
    "403": (status(403, "no"), "may not "),
    "500": (status(500, "broken"), "answered 500"),
    "no API": (Answer(200, b"<html>", {"Content-Type": "text/html"}), "which no Kubernetes API"),
    "too slow": (Answer(delay=1.5), "no answer within 500ms"),
}


@pytest.mark.parametrize(("answer", "words"), FAULTS.values(), ids=FAULTS)
@COMMANDS
def test_a_cluster_that_fails_is_said_after_the_others_were_shown(
    clusters: Clusters, answer: Answer | None, words: str
) -> None:
    if answer is None:
        clusters.servers["b"] = f"http://127.0.0.1:{free_port()}"
    else:
        clusters.b.always(NODES, answer)
    limit = ("--request-timeout", "500ms") if answer and answer.delay else ()
    code, out, err = clusters.all(*LOGGING, *limit, "-o", "json")
    assert code == 4
    document = json.loads(out)
    assert named(document) == ["a"]
    (line,) = err.splitlines()
    assert line.startswith("error: cluster b: ")
    assert words in line
    (left,) = [item for item in document["notChecked"] if item["what"] == "everything"]
    assert left["cluster"] == "b"
    assert words in left["why"]


@COMMANDS
def test_if_all_fail_nothing_is_shown(clusters: Clusters) -> None:
    clusters.a.always(NODES, status(401))
    clusters.b.always(NODES, status(500))
    code, out, err = clusters.all(*LOGGING)
    assert (code, out) == (4, "")
    assert [line.split(":")[:2] for line in err.splitlines()] == [
        ["error", " cluster a"],
        ["error", " cluster b"],
    ]


@COMMANDS
def test_a_cluster_that_fails_beats_a_gap(clusters: Clusters) -> None:
    assert clusters.all(*LOGGING, "--check").code == 1
    clusters.b.always(NODES, status(500))
    assert clusters.all(*LOGGING, "--check").code == 4


@COMMANDS
def test_a_gap_in_any_cluster_fails_the_check(clusters: Clusters) -> None:
    assert clusters(*LOGGING, "--context", "b", "--check").code == 0
    assert clusters.all(*LOGGING, "--check").code == 1


@COMMANDS
def test_a_context_that_does_not_exist_ends_before_anything_is_asked(clusters: Clusters) -> None:
    code, out, err = clusters.all(*LOGGING, "--context", "prod")
    assert (code, out) == (3, "")
    assert err.startswith('error: no context "prod" in ')
    assert clusters.a.asked == clusters.b.asked == []


@pytest.mark.parametrize("changed", [{"cluster": "gone"}, {"user": "gone"}, {"cluster": None}])
@COMMANDS
def test_a_context_that_is_of_no_use_does_not_spoil_the_rest(
    clusters: Clusters, changed: dict[str, Any]
) -> None:
    clusters.contexts = {"a": changed}
    code, out, err = clusters.all(*LOGGING, "-o", "json")
    assert (code, named(json.loads(out))) == (4, ["b"])
    assert err.startswith("error: cluster a: ")
    assert len(err.splitlines()) == 1


@COMMANDS
def test_what_is_wrong_with_every_context_is_said_once(clusters: Clusters) -> None:
    code, out, err = clusters.all(*LOGGING, "--user", "nobody")
    assert (code, out) == (3, "")
    assert err.startswith('error: no user "nobody" in ')
    assert len(err.splitlines()) == 1


@COMMANDS
def test_no_context_at_all(clusters: Clusters) -> None:
    clusters.path.write_text("{}")
    assert main([clusters.command, "--all-contexts", "--kubeconfig", str(clusters.path)]) == 3
    assert clusters.capsys.readouterr().err.startswith("error: there is no context in ")


@COMMANDS
def test_a_bad_selector_is_said_once(clusters: Clusters) -> None:
    code, out, err = clusters.all("-l", "a in b")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--server", "http://127.0.0.1:1"], "--server can't go with"),
        (["--cluster", "a"], "--cluster can't go with"),
        (["--token", "s3cr3t"], "--token can't go with"),
        (["--from", "dump.json"], "--from can't go with"),
        (["--demo"], "--demo can't go with"),
        (["--context", ""], "one --context of several is empty"),
    ],
)
@COMMANDS
def test_what_makes_no_sense_with_several_clusters(
    clusters: Clusters, flags: list[str], words: str
) -> None:
    code, out, err = clusters.all(*flags)
    assert (code, out) == (2, "")
    assert words in err
    assert "s3cr3t" not in err
    assert clusters.a.asked == []


@pytest.mark.parametrize(
    "flags",
    [["--server", "http://127.0.0.1:1"], ["--token", "t"], ["--demo"], ["--context", "a"]],
    ids=lambda flags: flags[0],
)
@COMMANDS
def test_nor_with_all_contexts(clusters: Clusters, flags: list[str]) -> None:
    code, out, err = clusters("--all-contexts", *flags)
    assert (code, out) == (2, "")
    assert "--all-contexts" in err


@pytest.mark.parametrize("flag", ["--watch", "--wait"])
@pytest.mark.parametrize("command", ["explain"])
def test_one_cluster_at_a_time_is_followed(clusters: Clusters, flag: str) -> None:
    code, out, err = clusters.all(*LOGGING, flag)
    assert (code, out) == (2, "")
    assert f"{flag} can't go with --context given several times" in err


@COMMANDS
def test_a_user_may_be_one_for_all(clusters: Clusters) -> None:
    assert clusters.all(*LOGGING, "--user", "a").code == 0


@COMMANDS
def test_what_is_told_of_requests_names_the_context(clusters: Clusters) -> None:
    clusters.servers["b"] = f"http://127.0.0.1:{free_port()}"
    lines = clusters.all(*LOGGING, "-v", "6").err.splitlines()
    told = [line for line in lines if not line.startswith("error: ")]
    assert {line[: line.index(": GET /")] for line in told} == {
        "debug: context a",
        "debug: context b",
    }
    assert any("context b" in line and "failed (can't reach" in line for line in told)


@COMMANDS
def test_a_warning_names_its_cluster(clusters: Clusters) -> None:
    real = clusters.b.next_answer
    clusters.b.next_answer = lambda item: real(item)._replace(warnings=("old API",))  # type: ignore[method-assign]
    assert clusters.all(*LOGGING).err == "warning: cluster b: old API\n"


@COMMANDS
def test_those_that_wait_for_a_plugin_do_not_keep_the_others(
    clusters: Clusters, tmp_path: Path
) -> None:
    """More plugins than threads, all of which wait until the last cluster was asked."""
    asked, real = tmp_path / "asked", clusters.b.next_answer

    def telling(item: Asked) -> Answer:
        asked.touch()
        return real(item)

    clusters.b.next_answer = telling  # type: ignore[method-assign]
    slow = [f"a{number}" for number in range(THREADS + 1)]
    nowhere = f"https://127.0.0.1:{free_port()}"
    config = kubeconfig(clusters.path, {**dict.fromkeys(slow, nowhere), "b": clusters.b.url})
    document = json.loads(clusters.path.read_text())
    plugin = {**EXEC, "interactiveMode": "Never", "command": "sh", "args": ["-c", WAITING]}
    plugin["env"] = [{"name": "FILE", "value": str(asked)}]
    for number, each in enumerate(document["users"][:-1]):
        each["user"] = {"exec": {**plugin, "installHint": str(number)}}
    clusters.path.write_text(json.dumps(document))
    flags = ["--all-contexts", "--kubeconfig", config, "--request-timeout", str(PATIENCE)]
    assert main([clusters.command, *LOGGING, *flags, "-o", "json"]) == 4
    out, err = clusters.capsys.readouterr()
    assert named(json.loads(out)) == ["b"]
    errors = [line for line in err.splitlines() if line.startswith("error")]
    assert [line.split(":")[1].split()[1] for line in errors] == slow, "in their own order"
    assert all("connection refused" in line for line in errors)


@COMMANDS
def test_an_interrupt_does_not_wait_for_slow_clusters(clusters: Clusters) -> None:
    reached, done = threading.Semaphore(0), threading.Event()
    for api in (clusters.a, clusters.b):

        def stuck(item: Asked, real: Any = api.next_answer) -> Answer:
            reached.release()
            done.wait(2 * PATIENCE)
            return real(item)  # type: ignore[no-any-return]

        api.next_answer = stuck  # type: ignore[method-assign]
    config = kubeconfig(clusters.path, clusters.servers)
    flags = [*LOGGING, "--all-contexts", "--kubeconfig", config, "--request-timeout", "0"]
    program = [sys.executable, "-m", "kubectl_ds", clusters.command, *flags]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        for _ in clusters.servers:
            assert reached.acquire(timeout=PATIENCE)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        done.set()
    assert (process.returncode, out, err) == (130, b"", b"")


# What is not there


@COMMANDS
def test_a_daemon_set_is_shown_where_it_is(clusters: Clusters) -> None:
    clusters.a.objects = without(clusters.a.objects, "DaemonSet")
    code, out, err = clusters.all(*LOGGING, "-o", "json")
    assert (code, named(json.loads(out))) == (0, ["b"])
    assert err.startswith('note: cluster a: there is no DaemonSet "fluentd" in namespace "logging"')


@COMMANDS
def test_of_several_names_each_cluster_shows_those_that_it_has(clusters: Clusters) -> None:
    (one,) = [item for item in clusters.b.objects if item["kind"] == "DaemonSet"]
    metadata = {**one["metadata"], "name": "falco", "uid": "uid-falco"}
    clusters.b.objects.append({**one, "metadata": metadata})
    code, out, err = clusters.all("fluentd", "falco", "-n", "logging", "-o", "json")
    document = json.loads(out)
    assert (code, sorted(named(document))) == (0, ["a", "b", "b"])
    assert err.startswith('note: cluster a: there is no DaemonSet "falco" in namespace "logging"')
    assert len(err.splitlines()) == 1


@COMMANDS
def test_a_daemon_set_that_no_cluster_has(clusters: Clusters) -> None:
    code, out, err = clusters.all("fluent", "fluentd", "-n", "logging")
    assert (code, out) == (3, "")
    assert 'there is no DaemonSet "fluent" in namespace "logging"; did you mean fluentd' in err
    assert "nor in 1 other cluster" in err
    assert len(err.splitlines()) == 1


@COMMANDS
def test_a_daemon_set_that_no_cluster_has_that_answered(clusters: Clusters) -> None:
    clusters.servers["b"] = f"http://127.0.0.1:{free_port()}"
    code, out, err = clusters.all("fluent", "-n", "logging")
    assert (code, out) == (3, "")
    assert [line[:18] for line in err.splitlines()] == ["error: cluster b: ", "error: there is no"]


@COMMANDS
def test_a_namespace_is_looked_for_in_each_cluster(clusters: Clusters) -> None:
    clusters.a.objects = [
        item
        for item in clusters.a.objects
        if item["metadata"].get("namespace") != "logging" and item["metadata"]["name"] != "logging"
    ]
    everything = ["--all"] if clusters.command == "explain" else []
    code, out, err = clusters.all("-n", "logging", *everything, "-o", "json")
    assert (code, named(json.loads(out))) == (0, ["b"])
    assert err.startswith('note: cluster a: there is no namespace "logging"')
    code, out, err = clusters.all("-n", "loging")
    assert (code, out) == (3, "")
    assert 'there is no namespace "loging"' in err


@COMMANDS
def test_nothing_anywhere(clusters: Clusters) -> None:
    assert clusters.all("-n", "kube-system") == (
        0,
        "",
        "No DaemonSets found in any cluster that answered.\n",
    )


def renamed(api: ApiServer, node: str, name: str) -> None:
    """Give a node of a server another name."""
    text = json.dumps(api.objects).replace(f'"{node}"', f'"{name}"')
    api.objects = json.loads(text)


@pytest.mark.parametrize("command", ["explain"])
def test_a_node_is_shown_in_the_clusters_that_have_it(clusters: Clusters) -> None:
    renamed(clusters.a, "node03", "other")
    code, out, err = clusters.all(*LOGGING, "--node", "node03", "-o", "json")
    document = json.loads(out)
    assert (code, named(document)) == (0, ["b"])
    assert [node["node"] for node in document["items"][0]["nodes"]] == ["node03"]
    assert err == 'note: there is no node "node03" in cluster a\n'
    code, out, err = clusters.all(*LOGGING, "--node", "node03", "--node", "other", "-o", "json")
    items = {
        item["cluster"]: [x["node"] for x in item["nodes"]] for item in json.loads(out)["items"]
    }
    assert (code, items) == (0, {"a": ["other"], "b": ["node03"]})


@pytest.mark.parametrize("command", ["explain"])
def test_a_node_that_no_cluster_has(clusters: Clusters) -> None:
    code, out, err = clusters.all(*LOGGING, "--node", "node3")
    assert (code, out) == (3, "")
    assert 'there is no node "node3"; did you mean' in err


# That nothing mixes


@pytest.mark.parametrize("command", ["coverage"])
def test_nodes_of_the_same_name_are_counted_each(clusters: Clusters) -> None:
    document = clusters.documents(*LOGGING, "--by", "pool", "--blind")
    assert document["nodes"] == 20
    rows = {row["cluster"]: row for row in document["daemonSets"]}
    assert rows["a"]["states"] == {"Available": 5, "Missing": 5}
    assert rows["b"]["states"] == {"Available": 10}
    assert rows["b"]["gaps"] == []
    groups = [(group["cluster"], group["nodes"]) for group in document["groups"]]
    assert groups == [("a", 10), ("b", 10)]
    parts = [part["cluster"] for group in document["groups"] for part in group["daemonSets"]]
    assert parts == ["a", "b"]
    assert {item["cluster"] for item in document["blind"]} == {"a"}
    assert {lack["cluster"] for item in document["blind"] for lack in item["lacks"]} == {"a"}
    gaps = {gap["node"] for gap in rows["a"]["gaps"]}
    assert {item["node"] for item in document["blind"]} == gaps


@pytest.mark.parametrize("command", ["explain"])
def test_verdicts_are_those_of_each_cluster_alone(clusters: Clusters) -> None:
    items = clusters.documents(*LOGGING)["items"]
    for item, name in zip(items, ("a", "b"), strict=True):
        alone = json.loads(clusters(*LOGGING, "--context", name, "-o", "json").out)
        assert item.pop("cluster") == name
        for unread in item["notChecked"]:
            assert unread.pop("cluster") == name
        assert item == alone


@pytest.mark.parametrize("command", ["explain"])
def test_a_shared_node_is_shared_within_its_cluster(clusters: Clusters) -> None:
    objects = recorded("seed1")
    clusters.a.objects = objects
    clusters.b.objects = [
        {**item, "status": {**item["status"], "conditions": []}} if item["kind"] == "Node" else item
        for item in objects
    ]
    findings = clusters.documents("-A")["findings"]
    alone = json.loads(clusters("-A", "--context", "b", "-o", "json").out)["findings"]
    assert alone
    of_b = [item for item in findings if item["cluster"] == "b"]
    assert [item["evidence"] for item in of_b] == [item["evidence"] for item in alone]


# Shares over all clusters


@pytest.mark.parametrize(
    ("flags", "code", "below"),
    [
        (["--min", "50%"], 0, []),
        (["--min", "51%"], 1, ["a"]),
        (["--min-reach", "60%"], 1, ["a"]),
        (["--min", "100%", "--fast"], 1, ["a"]),
    ],
)
@pytest.mark.parametrize("command", ["coverage"])
def test_a_line_holds_in_each_cluster(
    clusters: Clusters, flags: list[str], code: int, below: list[str]
) -> None:
    ended = clusters.all(*LOGGING, *flags)
    assert ended.code == code
    found = [line.split(":")[0] for line in ended.err.splitlines()]
    assert found == [f"logging/fluentd in cluster {name}" for name in below]
