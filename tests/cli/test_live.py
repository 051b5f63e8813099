"""The whole program over real HTTP."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from commands import Live, one
from recorded import RECORDED
from serve import Answer, status

from kubectl_ds.main import main

CORE = "/api/v1/namespaces"


COMMAND = "explain"


SAME = [
    ("quota_pods", "fluentd", "logging"),
    ("rollout_stuck", "agent", "default"),
    ("container_failures", "agent", "default"),
    ("misscheduled_controller_halted", "agent", "default"),
    ("seed1", "d02", "default"),
]


@pytest.mark.parametrize(
    ("live", "recording", "name", "namespace"),
    [(row[0], *row) for row in SAME],
    indirect=["live"],
)
def test_live_and_saved_give_the_same_verdicts(
    live: Live, recording: str, name: str, namespace: str
) -> None:
    code, out, err = live(name, "-n", namespace, "-o", "json")
    assert (code, err) == (0, "")
    path = str(RECORDED / f"{recording}.json")
    main(["explain", name, "-n", namespace, "-o", "json", "--from", path])
    saved, found = map(_timeless, (live.capsys.readouterr().out, out))
    for document in (saved, found):
        del document["notChecked"]  # a file without quotas leaves them open, a server does not
    assert found == saved


def _timeless(text: str) -> Any:
    """The document without how long ago something was: a server's now is not a file's."""
    return json.loads(re.sub(r'last \w+ ago|(?<="finishedAgo": )\d+|(?<="stuck": )\w+', "0", text))


@one("quota_pods")
def test_only_what_the_answer_needs_is_asked_for(live: Live) -> None:
    live("fluentd", "-n", "logging")
    asked = sorted((item.path, item.query.get("labelSelector", "")) for item in live.api.asked)
    assert asked == [
        ("/api/v1/namespaces/logging", ""),
        ("/api/v1/namespaces/logging/events", ""),
        ("/api/v1/namespaces/logging/limitranges", ""),
        ("/api/v1/namespaces/logging/pods", "app=fluentd"),
        ("/api/v1/namespaces/logging/resourcequotas", ""),
        ("/api/v1/nodes", ""),
        ("/apis/apps/v1/namespaces/logging/controllerrevisions", ""),
        ("/apis/apps/v1/namespaces/logging/daemonsets/fluentd", ""),
        ("/apis/apps/v1/namespaces/logging/daemonsets/fluentd", ""),  # is it still the same?
    ]
    assert {item.method for item in live.api.asked} == {"GET"}


@one("quota_pods")
def test_a_missing_optional_right_is_told_and_the_rest_is_explained(live: Live) -> None:
    live.api.always(f"{CORE}/logging/events", status(403, "events is forbidden"))
    live.api.always(f"{CORE}/logging/limitranges", status(403, "limitranges is forbidden"))
    code, out, _ = live("fluentd", "-n", "logging", "-o", "json")
    assert code == 0
    document = json.loads(out)
    assert [item["what"] for item in document["notChecked"]] == ["events", "limitranges"]
    missing = next(node for node in document["nodes"] if node["state"] == "Missing")
    # Without events the quota is still found, from its own numbers.
    reason = missing["reasons"][0]
    assert (reason["code"], reason["source"]) == ("QuotaExceeded", "predicted")
    _, table, _ = live("fluentd", "-n", "logging")
    assert "Not checked: events" in table


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/apis/apps/v1/namespaces/logging/daemonsets/fluentd", 403),
        ("/api/v1/nodes", 403),
        (f"{CORE}/logging/pods", 403),
        ("/api/v1/nodes", 401),
        ("/api/v1/nodes", 500),
    ],
)
@one("quota_pods")
def test_a_refused_essential_request_ends_with_4(live: Live, path: str, code: int) -> None:
    live.api.always(path, status(code, "no"))
    ended, out, err = live("fluentd", "-n", "logging")
    assert (ended, out) == (4, "")
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")


@one("quota_pods")
def test_a_wrong_name_offers_the_nearest(live: Live) -> None:
    code, out, err = live("fluent", "-n", "default")
    assert (code, out) == (3, "")
    assert "did you mean fluentd in namespace logging" in err


@one("quota_pods")
def test_a_namespace_that_does_not_exist(live: Live) -> None:
    code, out, err = live("-n", "loging")
    assert (code, out) == (3, "")
    assert 'no namespace "loging"' in err


@one("quota_pods")
def test_a_namespace_without_daemon_sets(live: Live) -> None:
    code, out, err = live("-n", "kube-system")
    assert (code, out) == (0, "")
    assert err == "No DaemonSets found in kube-system namespace.\n"


@one("quota_best_effort")
def test_a_sweep_over_all_namespaces(live: Live) -> None:
    code, out, err = live("-A")
    assert (code, err) == (0, "")
    assert out.startswith("DaemonSet be/careless: runs on 1 of 3 nodes")
    assert out.splitlines()[-1] == "No gap: be/careful"


@one("quota_pods")
def test_a_warning_of_the_server_goes_to_stderr_once(live: Live) -> None:
    warned = live.api.next_answer
    live.api.next_answer = lambda asked: warned(asked)._replace(warnings=("old API",))  # type: ignore[method-assign]
    _, out, err = live("fluentd", "-n", "logging")
    assert err == "warning: old API\n"
    assert "old API" not in out


SCHEDULED = {
    "apiVersion": "v1",
    "kind": "Event",
    "metadata": {"name": "e", "namespace": "other"},
    "involvedObject": {"kind": "Pod", "namespace": "other", "name": "p"},
    "reason": "Scheduled",
    "reportingComponent": "volcano",
}


@one("no_such_scheduler")
def test_a_scheduler_is_called_absent_only_after_a_look(live: Live) -> None:
    def codes() -> set[str]:
        document = json.loads(live("agent", "-o", "json")[1])
        return {node["reasons"][0]["code"] for node in document["nodes"]}

    assert codes() == {"SchedulerAbsent"}
    (asked,) = [item for item in live.api.asked if "reportingComponent" in str(item.query)]
    assert (asked.path, asked.query["limit"]) == ("/api/v1/events", "1")
    live.api.objects.append(SCHEDULED)
    assert codes() == {"AwaitingScheduler"}


@one("no_such_scheduler")
def test_a_scheduler_that_may_not_be_looked_for_is_not_called_absent(live: Live) -> None:
    live.api.always("/api/v1/events", status(403, "events is forbidden"))
    document = json.loads(live("agent", "-o", "json")[1])
    assert {node["reasons"][0]["code"] for node in document["nodes"]} == {"AwaitingScheduler"}
    assert "scheduler volcano" in [item["what"] for item in document["notChecked"]]


class TestVerbosity:
    """Retries are told with -v, and every request from 6 on, as kubectl does."""

    BUSY = f"{CORE}/default/resourcequotas"

    @one("seed1")
    @pytest.mark.parametrize(
        ("level", "told"),
        [
            pytest.param("0", [], id="nothing"),
            pytest.param("1", ["info: "], id="retries"),
            pytest.param(
                "6", ["info: ", "debug: GET SERVER/api/v1/nodes?limit=500: 200 "], id="all"
            ),
        ],
    )
    def test_tells(self, live: Live, level: str, told: list[str]) -> None:
        live.api.answer(self.BUSY, status(429, "busy\x1b[31m", Retry_After="0"))
        code, out, err = live("d02", "-v", level)
        assert code == 0
        assert "DaemonSet default/d02" in out
        lines = err.splitlines()
        assert bool(lines) == bool(told)
        for start in told:
            own = start.replace("SERVER", live.api.url)
            assert any(line.startswith(own) for line in lines)
        assert ("trying again in 0.0 s" in err) == bool(told)
        assert "\x1b" not in err

    @one("seed1")
    @pytest.mark.parametrize(
        ("answer", "flags", "told"),
        [
            pytest.param(Answer(delay=2), ["--request-timeout", "300ms"], "300ms", id="too slow"),
            pytest.param(Answer(drop=True), [], "without response", id="dropped"),
            pytest.param(Answer(cut=100), [], "cut short", id="cut short"),
        ],
    )
    def test_tells_of_requests_that_fail(
        self, live: Live, answer: Answer, flags: list[str], told: str
    ) -> None:
        live.api.always("/api/v1/nodes", answer)
        code, _, err = live("d02", "-v", "6", *flags)
        assert code == 4
        start = f"debug: GET {live.api.url}/api/v1/nodes?limit=500: failed ("
        assert any(line.startswith(start) and told in line for line in err.splitlines())
