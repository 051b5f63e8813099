"""The command coverage over real HTTP: what it asks for, and what a refusal means."""

from __future__ import annotations

import copy
import io
import json
import threading

import pytest
from commands import Live, Screen, one, told_at_once
from recorded import NAMES, RECORDED, cluster
from serve import Answer, Object, status

from kubectl_ds import terminal
from kubectl_ds.kube import turns
from kubectl_ds.main import main

PODS = "/api/v1/namespaces/logging/pods"
PLACES = [
    ("/api/v1/namespaces/logging", ""),
    ("/api/v1/nodes", ""),
    ("/apis/apps/v1/namespaces/logging/controllerrevisions", ""),
    ("/apis/apps/v1/namespaces/logging/daemonsets/fluentd", ""),
    ("/apis/apps/v1/namespaces/logging/daemonsets/fluentd", ""),  # is it still the same?
]
CAUSES = [
    ("/api/v1/namespaces/logging/events", ""),
    ("/api/v1/namespaces/logging/limitranges", ""),
    ("/api/v1/namespaces/logging/resourcequotas", ""),
]


COMMAND = "coverage"


# Where no pod was saved, a server knows that there is none, and a file does not.
WITH_PODS = [name for name in NAMES if cluster(name).knows("pods", "")]


@pytest.mark.parametrize(("live", "recording"), [(x, x) for x in WITH_PODS], indirect=["live"])
def test_live_and_saved_give_the_same_numbers(live: Live, recording: str) -> None:
    live.api.page = 7  # so that every list has several pages
    found = live.json("-A")
    path = str(RECORDED / f"{recording}.json")
    main(["coverage", "-A", "-o", "json", "--from", path])
    saved = json.loads(live.capsys.readouterr().out)
    for document in (saved, found):
        del document["notChecked"]  # a file without quotas leaves them open, a server does not
        for row in document["daemonSets"]:
            for gap in row["gaps"]:  # when a pod is overdue depends on the clock
                gap["code"] = gap["code"] if gap["state"] != "Terminating" else None
    assert found == saved
    assert {item.method for item in live.api.asked} == {"GET"}


@one("quota_pods")
def test_where_pods_are_missing_their_causes_are_read(live: Live) -> None:
    document = live.json("fluentd", "-n", "logging")
    assert document["daemonSets"][0]["states"] == {"Available": 5, "Missing": 5}
    assert live.lists == sorted([*PLACES, *CAUSES, (PODS, "app=fluentd")])


def covered(objects: list[Object]) -> None:
    """Let every node have its pod: as many more as the quota refused."""
    pods = [item for item in objects if item["kind"] == "Pod"]
    taken = {item["spec"]["nodeName"] for item in pods}
    for node in [item["metadata"]["name"] for item in objects if item["kind"] == "Node"]:
        if node not in taken:
            pod = copy.deepcopy(pods[0])
            pod["metadata"] |= {"name": f"fluentd-{node}", "uid": f"uid-{node}"}
            pod["spec"]["nodeName"] = node
            objects.append(pod)
    (daemon_set,) = [item for item in objects if item["kind"] == "DaemonSet"]
    counts = ("desired", "current", "updated")
    daemon_set["status"] |= {f"{name}NumberScheduled": 10 for name in counts}
    daemon_set["status"] |= {"numberReady": 10, "numberAvailable": 10, "numberUnavailable": 0}


@one("quota_pods")
def test_where_no_pod_is_missing_no_cause_is_read(live: Live) -> None:
    covered(live.api.objects)
    document = live.json("fluentd", "-n", "logging")
    assert document["daemonSets"][0]["states"] == {"Available": 10}
    assert live.lists == sorted([*PLACES, (PODS, "app=fluentd")])


@one("quota_pods")
def test_fast_reads_no_pod_where_the_status_tells_enough(live: Live) -> None:
    covered(live.api.objects)
    (row,) = live.json("fluentd", "-n", "logging", "--fast")["daemonSets"]
    assert (row["available"], row["verified"]) == (10, False)
    assert live.lists == PLACES


@one("quota_pods")
def test_fast_reads_the_pods_where_the_status_leaves_something_open(live: Live) -> None:
    (row,) = live.json("fluentd", "-n", "logging", "--fast")["daemonSets"]
    assert (row["available"], row["verified"]) == (5, True)
    assert live.lists == sorted([*PLACES, *CAUSES, (PODS, "app=fluentd")])


def darken(objects: list[Object]) -> str:
    """Let every node have its pod, and one node go down with it; gives its name."""
    covered(objects)
    (daemon_set,) = [item for item in objects if item["kind"] == "DaemonSet"]
    daemon_set["status"] |= {"numberReady": 9, "numberAvailable": 9, "numberUnavailable": 1}
    pod = next(item for item in objects if item["kind"] == "Pod")
    node = next(
        item
        for item in objects
        if item["kind"] == "Node" and item["metadata"]["name"] == pod["spec"]["nodeName"]
    )
    for item in (pod, node):
        for condition in item["status"]["conditions"]:
            if condition["type"] == "Ready":
                condition["status"] = "False"
    name: str = node["metadata"]["name"]
    return name


@one("quota_pods")
def test_fast_reads_the_pods_on_a_node_that_is_not_ready(live: Live) -> None:
    node = darken(live.api.objects)
    (row,) = live.json("fluentd", "-n", "logging", "--fast")["daemonSets"]
    assert (row["states"], row["verified"]) == ({"Available": 9, "Unready": 1}, False)
    assert [(gap["node"], gap["code"]) for gap in row["gaps"]] == [(node, "NodeNotReady")]
    assert live.lists == sorted([*PLACES, (PODS, "controller-revision-hash")])
    (asked,) = [item for item in live.api.asked if item.path == PODS]
    assert asked.query["fieldSelector"] == f"spec.nodeName={node}"


@pytest.mark.parametrize("fault", ["refuses", "ignores"])
@one("quota_pods")
def test_fast_reads_all_pods_where_the_server_knows_no_nodes(live: Live, fault: str) -> None:
    darken(live.api.objects)
    if fault == "refuses":
        live.api.answer(PODS, status(400, "field label not supported: spec.nodeName"))
    else:
        real = live.api.next_answer
        live.api.next_answer = lambda asked: real(  # type: ignore[method-assign]
            asked._replace(query={k: v for k, v in asked.query.items() if k != "fieldSelector"})
        )
    (row,) = live.json("fluentd", "-n", "logging", "--fast")["daemonSets"]
    assert (row["states"], row["verified"]) == ({"Available": 9, "Unready": 1}, True)
    assert (PODS, "app=fluentd") in live.lists


@one("seed1")
def test_of_many_daemon_sets_only_their_own_pods_are_read(live: Live) -> None:
    live("-A")
    asked = [label for path, label in live.lists if path.endswith("/pods")]
    daemon_sets = [item for item in live.api.objects if item["kind"] == "DaemonSet"]
    assert len(asked) == len(daemon_sets)
    assert all(asked)


@pytest.mark.parametrize("path", [PODS, "/api/v1/nodes"])
@pytest.mark.parametrize("flag", [(), ("--fast",)])
@one("quota_pods")
def test_a_refused_essential_request_ends_with_4(
    live: Live, path: str, flag: tuple[str, ...]
) -> None:
    live.api.always(path, status(403, "no"))
    code, out, err = live("fluentd", "-n", "logging", *flag)
    assert (code, out) == (4, "")
    assert err.startswith("error: may not list ")
    assert len(err.splitlines()) == 1


@one("quota_pods")
def test_a_missing_optional_right_is_told(live: Live) -> None:
    live.api.always("/api/v1/namespaces/logging/events", status(403, "no"))
    document = live.json("fluentd", "-n", "logging")
    assert [item["what"] for item in document["notChecked"]] == ["events"]


@one("quota_pods")
def test_a_list_that_expires_is_begun_again_and_counts_once(live: Live) -> None:
    live.api.page = 2
    live.api.answer(PODS, Answer(), status(410, "too old"))
    (row,) = live.json("fluentd", "-n", "logging")["daemonSets"]
    assert row["available"] == 5
    pages = [item.query.get("continue", "") for item in live.api.asked if item.path == PODS]
    assert pages == ["", "2", "", "2", "4"]


@one("quota_pods")
def test_a_page_with_something_odd_in_it_is_told_as_any_other(live: Live) -> None:
    pods = [item for item in live.api.objects if item["kind"] == "Pod"]
    pods[0]["spec"]["tolerations"] = "all"
    assert live("fluentd", "-n", "logging")[0] == 0  # of a pod that is up nobody reads them
    pods[0]["status"]["conditions"] = 5
    code, out, err = live("fluentd", "-n", "logging")
    assert (code, out) == (4, "")
    assert f"Pod logging/{pods[0]['metadata']['name']}" in err


@one("seed1")
def test_an_error_ends_the_reading_of_other_lists(live: Live) -> None:
    live.api.page = 1
    pods = [item for item in live.api.objects if item["kind"] == "Pod"]
    live.api.always("/api/v1/nodes", status(403, "no"))
    real = live.api.next_answer
    live.api.next_answer = lambda asked: real(asked)._replace(  # type: ignore[method-assign]
        delay=0.05 if "continue" in asked.query else 0
    )
    assert live("-A")[0] == 4
    threads = [item for item in threading.enumerate() if item.name == "reader"]
    for thread in threads:
        thread.join()
    assert len(live.api.asked) < len(pods) / 2


def test_progress_is_told_on_a_terminal_once_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = told_at_once(monkeypatch)
    progress = terminal.Progress()
    progress(500)
    progress(1500)
    progress.done()
    assert screen.getvalue() == "\rreading pods: 500\rreading pods: 2,000\r\x1b[K"


def test_progress_is_away_while_a_plugin_has_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = told_at_once(monkeypatch)
    progress = terminal.Progress()
    progress(500)
    with turns.plugin():
        screen.write("Password: ")
        progress(500)
        turns.say("another one is slow")
        progress(500)
    progress(500)
    progress.done()
    first = "\rreading pods: 500\r\x1b[KPassword: note: another one is slow\n"
    assert screen.getvalue() == f"{first}\rreading pods: 2,000\r\x1b[K"


@pytest.mark.parametrize("patience", [0, 60])
def test_progress_is_silent_in_a_pipe_or_while_it_is_quick(
    monkeypatch: pytest.MonkeyPatch, patience: int
) -> None:
    monkeypatch.setattr(terminal, "_PATIENCE", patience)
    screen = Screen() if patience else io.StringIO()
    monkeypatch.setattr("sys.stderr", screen)
    progress = terminal.Progress()
    progress(500)
    progress.done()
    assert screen.getvalue() == ""


class TestChanges:
    """DaemonSets that change while their pods are read."""

    OWN = "/apis/apps/v1/namespaces/logging/daemonsets/fluentd"

    def _like(self, live: Live, **metadata: object) -> Answer:
        (own,) = [item for item in live.api.objects if item["metadata"]["name"] == "fluentd"]
        changed = {**own, "metadata": {**own["metadata"], **metadata}}
        return Answer(
            body=json.dumps(changed).encode(), headers={"Content-Type": "application/json"}
        )

    def _moments(self, live: Live) -> list[str]:
        document = live.json("fluentd", "-n", "logging")
        what = "whether all was read at one moment"
        return [item["why"] for item in document["notChecked"] if item["what"] == what]

    @one("quota_pods")
    def test_the_pods_are_read_again(self, live: Live) -> None:
        changed = self._like(live, generation=9)
        live.api.answer(self.OWN, Answer(), changed, changed)
        assert self._moments(live) == []
        assert [path for path, _ in live.lists].count(PODS) == 2

    @one("quota_pods")
    def test_one_that_never_stands_still_is_said(self, live: Live) -> None:
        live.api.answer(self.OWN, *(self._like(live, generation=n) for n in range(5, 9)))
        assert self._moments(live) == ["the DaemonSet changed each of the 2 times"]
        assert [path for path, _ in live.lists].count(PODS) == 2

    @one("quota_pods")
    def test_one_that_goes_is_not_there(self, live: Live) -> None:
        live.api.answer(self.OWN, Answer(), status(404, "not found"))
        code, out, err = live("fluentd", "-n", "logging")
        assert (code, out) == (3, "")
        assert "fluentd" in err

    @one("seed1")
    def test_in_a_sweep_one_that_goes_is_left_out(self, live: Live) -> None:
        listed = [item for item in live.api.objects if item["kind"] == "DaemonSet"]
        fewer = {"kind": "DaemonSetList", "metadata": {}, "items": listed[1:]}
        answer = Answer(
            body=json.dumps(fewer).encode(), headers={"Content-Type": "application/json"}
        )
        live.api.answer("/apis/apps/v1/daemonsets", Answer(), answer)
        rows = live.json("-A")["daemonSets"]
        assert {row["name"] for row in rows} == {item["metadata"]["name"] for item in listed[1:]}
