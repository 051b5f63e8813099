"""``explain NAME --watch``, as a process of its own against a server whose objects change."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import serve_watch as s
import yaml
from commands import Run
from serve import NODES, status
from serve_watch import DAEMON_SETS, LIMIT_RANGES, PODS, WatchServer
from watched import PATIENCE, program

COMMAND = "explain"
STAMP = r"2026-11-21T08:\d\d:\d\dZ  "


@pytest.fixture
def server() -> Iterator[WatchServer]:
    with WatchServer(s.world()) as found:
        yield found


def after(text: str) -> str:
    """A line without its time, which is the server's."""
    match = re.fullmatch(STAMP + "(.*)", text)
    assert match, text
    return match[1]


class TestLines:
    def test_the_screen_and_then_each_change(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("3  a b c  Available")
            server.put(s.pod("b", ready=False, waiting="ImagePullBackOff"))
            line = after(run.out.until("b  "))
            assert line.startswith("b  Available → Unready  ImagePullBackOff: ")
            server.put(s.pod("b"))
            assert after(run.out.until("b  ")) == "b  Unready → Available"
            server.put(s.node("d"))
            assert after(run.out.until("d  ")).startswith("d  none → Missing  ")
            server.delete(s.node("a"), s.pod("a"))
            assert after(run.out.until("a  ")) == "a  Available → none  the node is gone"
            assert run.interrupted() == 130
            assert run.err.all == []
        assert run.out.all[0] == "DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap"

    def test_many_that_change_alike_are_one(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(*map(s.node, "def"), *map(s.pod, "def"))
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            # One change of what is read, so that no answer can fall in between.
            server.put(s.daemon_set(selects={"disk": "ssd"}))
            line = after(run.out.until("6 nodes"))
            assert line.startswith("6 nodes (a, b, c and 3 others)  Available → Misscheduled  Node")

    def test_a_rollout_and_what_it_finds(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            server.put(s.daemon_set(image="agent:2", generation=2, observed=1))
            run.out.until(lambda line: bool(re.match(STAMP + "ControllerLagging: ", line)))
            server.put(s.revision(2), s.daemon_set(image="agent:2", generation=2))
            run.out.until("no longer: ControllerLagging: ")
            assert after(run.out.until("Rollout: ")) == "Rollout: 0 of 3 nodes updated"
            server.delete(s.pod("a"))
            server.put(s.pod("a", 2))
            assert after(run.out.until("1 of 3")) == "Rollout: 1 of 3 nodes updated"
            assert any(re.search("a  Outdated → Available$", line) for line in run.out.all)

    def test_several_daemon_sets_are_told_apart(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.daemon_set("other"), s.revision(of="other"))
        server.put(*(s.pod(name, of="other") for name in "abc"))
        with program(server, tmp_path, "other", "agent", "--watch") as run:
            run.out.until("DaemonSet kube-system/agent")
            run.out.until("Available")
            server.put(s.pod("a", of="other", ready=False))
            line = after(run.out.until("Unready"))
            assert line.startswith("kube-system/other  a  Available → Unready")

    def test_time_alone_changes_verdicts(self, server: WatchServer, tmp_path: Path) -> None:
        fresh = s.pod("b")
        fresh["status"]["conditions"][0]["lastTransitionTime"] = "2026-11-21T08:00:03Z"
        server.put(s.daemon_set(min_ready=2), fresh)
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until(lambda line: bool(re.match(" +1  b +Unready", line)))
            assert after(run.out.until("b  Unready")) == "b  Unready → Available"
            assert run.interrupted() == 130
            assert len([line for line in run.out.all if "→" in line]) == 1

    def test_of_one_node(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch", "--node", "b") as run:
            run.out.until("Available")
            server.put(s.pod("a", ready=False))
            server.put(s.pod("b", ready=False))
            assert after(run.out.until("Unready")).startswith("b  Available → Unready")

    def test_a_server_that_goes_away_is_told_once(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            server.stop()
            told = run.err.until("lost the connection")
            assert told.startswith("warning: lost the connection, trying again: can't reach http")
            server.delete(s.pod("c"))
            server.start()
            run.out.until("c  Available → Missing")
            assert run.err.until("again") == "connected again"
            assert run.interrupted() == 130
            assert len(run.err.all) == 2

    def test_kinds_that_may_not_be_watched_are_told_at_once(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        server.unwatchable = dict.fromkeys((PODS, NODES, LIMIT_RANGES, DAEMON_SETS), 403)
        with program(server, tmp_path, "agent", "--watch") as run:
            assert run.err.until("may not watch") == (
                "warning: may not watch daemonsets, limitranges and 2 others: "
                "listing them every 10 seconds instead"
            )
            assert run.interrupted() == 130
            assert len(run.err.all) == 1

    def test_warnings_of_the_server_are_told_once(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        served = server.next_answer
        warnings = ["old API"]
        server.next_answer = lambda asked: served(asked)._replace(warnings=tuple(warnings))  # type: ignore[method-assign]
        with program(server, tmp_path, "agent", "--watch") as run:
            assert run.err.until("old API") == "warning: old API"
            run.out.until("Available")
            warnings[:] = ["older still"]
            server.put(s.pod("a", ready=False))  # whose events are then asked for
            assert run.err.until("older") == "warning: older still"
            assert run.interrupted() == 130
            assert len(run.err.all) == 2

    def test_text_from_the_cluster_can_not_act_on_a_terminal(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            server.put(s.pod("a", ready=False, waiting="Odd\x1b[2J"))
            assert "\x1b" not in run.out.until("a  Available → Unready")

    def test_a_reader_that_goes_away(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch", reads=False) as run:
            stdout = run.process.stdout
            assert stdout
            assert stdout.readline().startswith(b"DaemonSet kube-system/agent")
            stdout.close()
            server.put(s.pod("a", ready=False))
            assert run.process.wait(PATIENCE) == 141


class TestDocuments:
    def test_of_json_are_one_a_line(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch", "-o", "json") as run:
            assert json.loads(run.out.next() or "")["states"] == {"Available": 3}
            server.put(s.pod("b", ready=False))
            document = json.loads(run.out.next() or "")
            assert document["kind"] == "DaemonSetExplanation"
            assert document["states"] == {"Available": 2, "Unready": 1}
            assert run.interrupted() == 130
            assert (run.out.all[2:], run.err.all) == ([], [])

    def test_of_yaml(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch", "-o", "yaml") as run:
            run.out.until("updated: true")
            server.put(s.pod("b", ready=False))
            run.out.until("---")
            run.out.until("- node: c")
            run.out.until("terminating: false")
            assert run.interrupted() == 130
        first, second = yaml.safe_load_all("\n".join(run.out.all))
        assert (first["states"], second["states"]) == (
            {"Available": 3},
            {"Available": 2, "Unready": 1},
        )

    def test_nothing_is_printed_where_nothing_is_new(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with program(server, tmp_path, "agent", "--watch", "-o", "json") as run:
            run.out.next()
            for second in range(10, 20):
                server.put(s.node("a", beat=f"2026-11-21T07:00:{second}Z"))
            server.put(s.pod("b", ready=False))
            run.out.until('"Unready":1')
            assert len(run.out.all) == 2


class TestDaemonSet:
    def test_that_is_deleted(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            server.delete(s.daemon_set())
            assert run.ended() == 3
            assert run.err.all == [
                'error: the DaemonSet "agent" in namespace "kube-system" was deleted'
            ]

    def test_that_is_made_anew(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch") as run:
            run.out.until("Available")
            server.delete(s.daemon_set(), s.revision(), *map(s.pod, "abc"))
            more = {"uid": "second"}
            server.put(s.daemon_set(app="new", **more), s.revision(**more))
            server.put(*(s.pod(name, app="new", ready=name != "b", **more) for name in "abc"))
            run.out.until("b  Available → Unready")
            assert run.interrupted() == 130
            assert run.err.all == []

    def test_that_is_not_there(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agnet", "--watch") as run:
            assert run.ended() == 3
            assert "did you mean agent" in run.err.all[0]
            assert run.out.all == []

    def test_pods_that_may_not_be_listed(self, server: WatchServer, tmp_path: Path) -> None:
        server.always(PODS, status(403, "pods is forbidden"))
        with program(server, tmp_path, "agent", "--watch") as run:
            assert run.ended() == 4
            assert run.err.all[0].startswith("error: may not list pods in namespace kube-system")

    def test_a_node_that_is_not_there(self, server: WatchServer, tmp_path: Path) -> None:
        with program(server, tmp_path, "agent", "--watch", "--node", "z") as run:
            assert run.ended() == 3
            assert run.err.all == ['error: there is no node "z"; kubectl get nodes lists them']


WRONG = {
    "no name": (["--watch"], "needs a DaemonSet's name"),
    "saved": (["agent", "--watch", "--from", "x.json"], "needs a live cluster"),
    "demo": (["fluentd", "--watch", "--demo"], "needs a live cluster"),
    "check": (["agent", "--watch", "--check"], "--watch and --check exclude each other"),
    "wait": (["agent", "--watch", "--wait"], "--watch and --wait exclude each other"),
    "format": (["agent", "--watch", "-o", "html"], "table, wide, json, yaml, not html"),
    "contexts": (
        ["agent", "--watch", "--context", "a", "--context", "b"],
        "can't go with --context given several times",
    ),
    "wait without a name": (["--wait"], "needs a DaemonSet's name"),
    "wait for saved": (["fluentd", "--wait", "--demo"], "needs a live cluster"),
    "timeout alone": (["agent", "--timeout", "1m"], "goes with --wait alone; add --wait, or leave"),
    "timeout of a watch": (
        ["agent", "--watch", "--timeout", "5s"],
        "--timeout goes with --wait alone; leave it out",
    ),
    "short": (["agent", "-w", "--check"], "--watch and --check exclude each other"),
    "no duration": (["agent", "--wait", "--timeout", "soon"], "is not a duration"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_usage(run: Run, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_jq_reads_a_stream_of_documents(server: WatchServer, tmp_path: Path) -> None:
    from programs import program as path_of

    jq = path_of("jq")
    with program(server, tmp_path, "agent", "--watch", "-o", "json") as run:
        run.out.next()
        server.put(s.pod("b", ready=False))
        run.out.next()
        run.interrupted()
    text = "\n".join(run.out.all)
    done = subprocess.run([jq, "-c", ".states"], input=text, capture_output=True, text=True)
    assert done.stdout.splitlines() == ['{"Available":3}', '{"Available":2,"Unready":1}']
