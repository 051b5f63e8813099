"""``explain NAME --wait``: when it ends, how, and what it says meanwhile."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serve_watch as s
from serve import Answer, Asked
from serve_watch import DAEMON_SETS, DROP, PODS, WatchServer
from watched import program

REVISIONS = "/apis/apps/v1/namespaces/kube-system/controllerrevisions"
SHORT = ("--timeout", "1500ms")


@pytest.fixture
def server() -> Iterator[WatchServer]:
    with WatchServer(s.world()) as found:
        yield found


def test_nothing_to_wait_for(server: WatchServer, tmp_path: Path) -> None:
    with program(server, tmp_path, "agent", "--wait") as run:
        assert run.ended() == 0
    assert run.out.all[0] == "DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap"
    assert run.err.all == ["kube-system/agent has no gap; 3 of 3 nodes available"]


def test_that_it_ends_is_no_fault_to_tell_of(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait", "-v", "1") as run:
        run.err.until("1 gap")
        server.put(s.pod("b"))
        assert run.ended() == 0
    assert run.err.all[1:] == ["kube-system/agent has no gap; 3 of 3 nodes available"]


def test_until_the_last_gap_is_gone(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    server.delete(s.pod("c"))
    with program(server, tmp_path, "agent", "--wait", "-o", "json") as run:
        lacks = "kube-system/agent has 2 gaps (1 Missing, 1 Unready); 1 of 3 nodes available"
        assert run.err.next() == lacks
        server.put(s.pod("c"))
        assert run.err.next() == ("kube-system/agent has 1 gap (1 Unready); 2 of 3 nodes available")
        server.put(s.pod("b"))
        assert run.ended() == 0
    assert run.err.all[2:] == ["kube-system/agent has no gap; 3 of 3 nodes available"]
    assert json.loads("\n".join(run.out.all))["states"] == {"Available": 3}


def test_until_the_time_is_up(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False, waiting="ImagePullBackOff"))
    with program(server, tmp_path, "agent", "--wait", "--timeout", "2s") as run:
        assert run.ended() == 1
    assert "gaps: 1 Unready" in run.out.all[0]
    assert any("image" in line for line in run.out.all)
    assert run.err.all == [
        "kube-system/agent has 1 gap (1 Unready); 2 of 3 nodes available",
        "error: after 2s kube-system/agent still has 1 gap (1 Unready)",
    ]


def test_the_document_at_the_end_is_the_only_one(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait", *SHORT, "-o", "json") as run:
        assert run.ended() == 1
    assert json.loads("\n".join(run.out.all))["states"] == {"Available": 2, "Unready": 1}


LACKING = {
    # kubectl rollout status calls each of these successfully rolled out.
    "no node is desired": (
        [s.daemon_set(selects={"disk": "ssd"})],
        [s.pod(name) for name in "abc"],
        "wants a pod on no node",
    ),
    "a pod where none is desired": (
        [s.node("c", taints=["dedicated"])],
        [],
        "has 1 gap (1 Misscheduled)",
    ),
    "a node that is not ready": (
        [s.node("c", ready="False", taints=["node.kubernetes.io/not-ready"])],
        [],
        "has 1 gap (1 Unready)",
    ),
    "it is being deleted": (
        [
            {
                **s.daemon_set(),
                "metadata": {
                    **s.daemon_set()["metadata"],
                    "deletionTimestamp": "2026-11-21T07:59:00Z",
                },
            }
        ],
        [],
        "is being deleted",
    ),
    # And these it waits for, too.
    "a spec that nobody acted on": (
        [s.daemon_set(generation=2, observed=1)],
        [],
        "waits for its controller to act on generation 2 (it is at 1)",
    ),
    "older pods": (
        [s.revision(2), s.daemon_set(image="agent:2", generation=2)],
        [],
        "has 3 gaps (3 Outdated)",
    ),
}


@pytest.mark.parametrize(("put", "delete", "words"), LACKING.values(), ids=LACKING)
def test_is_no_success(
    server: WatchServer,
    tmp_path: Path,
    put: list[s.Object],
    delete: list[s.Object],
    words: str,
) -> None:
    server.put(*put)
    server.delete(*delete)
    with program(server, tmp_path, "agent", "--wait", *SHORT) as run:
        assert run.ended() == 1
    assert words in run.err.all[-1]
    assert run.err.all[-1].startswith("error: after 1s kube-system/agent still ")


def test_no_node_at_first(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.daemon_set(selects={"disk": "ssd"}))
    server.delete(*map(s.pod, "abc"))
    with program(server, tmp_path, "agent", "--wait") as run:
        assert "wants a pod on no node" in (run.err.next() or "")
        joined = s.node("d")
        joined["metadata"]["labels"] = {"disk": "ssd"}
        server.put(joined, s.pod("d"))
        assert run.ended() == 0


def test_under_on_delete_older_pods_are_said_and_are_enough(
    server: WatchServer, tmp_path: Path
) -> None:
    server.put(s.revision(2), s.daemon_set(image="agent:2", generation=2, strategy="OnDelete"))
    server.put(s.pod("a", ready=False))
    with program(server, tmp_path, "agent", "--wait") as run:
        assert "has 1 gap (1 Unready)" in (run.err.next() or "")
        server.put(s.pod("a", 2))
        server.delete(s.pod("a"))
        assert run.ended() == 0
    assert run.err.all[-1] == (
        "kube-system/agent has no gap; 3 of 3 nodes available, "
        "2 of them still run an older revision"
    )


def test_a_revision_of_which_its_watch_told_too_late(server: WatchServer, tmp_path: Path) -> None:
    """Whose status is already of the new spec, while its watch of revisions has broken off."""
    server.put(s.pod("a", ready=False))
    with program(server, tmp_path, "agent", "--wait", "--timeout", "6s") as run:
        run.err.until("has 1 gap")
        server.unwatchable = {REVISIONS: 503}
        server.say(REVISIONS, DROP)
        run.err.until("trying again")
        server.put(s.revision(2), s.daemon_set(image="agent:2", generation=2), s.pod("a"))
        assert run.ended() == 1
    assert len(server.lists(REVISIONS)) > 1  # it looked again before it said so


def test_several_are_waited_for_together(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.daemon_set("other"), s.revision(of="other"), s.pod("a", of="other"))
    with program(server, tmp_path, "agent", "other", "--wait") as run:
        run.err.until("kube-system/agent has no gap")
        assert "kube-system/other has 2 gaps (2 Missing)" in (run.err.next() or "")
        server.put(s.pod("b", of="other"), s.pod("c", of="other"))
        assert run.ended() == 0
    assert [line for line in run.out.all if line.startswith("DaemonSet")] == [
        f"DaemonSet kube-system/{name}: runs on 3 of 3 nodes, no gap" for name in ("agent", "other")
    ]


class TestNode:
    def test_gaps_elsewhere_do_not_matter(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.pod("b", ready=False))
        with program(server, tmp_path, "agent", "--wait", "--node", "a") as run:
            assert run.ended() == 0
        assert run.err.all == ["kube-system/agent has no gap on node a; 1 of 1 node available"]

    def test_a_gap_is_said_of_the_nodes_that_count(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        server.put(s.pod("b", ready=False))
        nodes = "--node", "a", "--node", "b"
        with program(server, tmp_path, "agent", "--wait", *nodes, "--timeout", "2s") as run:
            assert run.ended() == 1
        assert run.err.all == [
            "kube-system/agent has 1 gap (1 Unready) on nodes a and b; 1 of 2 nodes available",
            "error: after 2s kube-system/agent still has 1 gap (1 Unready) on nodes a and b",
        ]

    def test_that_wants_no_pod_is_no_success(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.node("c", taints=["dedicated"]))
        server.delete(s.pod("c"))
        with program(server, tmp_path, "agent", "--wait", "--node", "c", "--timeout", "2s") as run:
            assert run.ended() == 1
        assert run.err.all[-1] == "error: after 2s kube-system/agent still wants no pod on node c"

    def test_that_leaves_is_waited_for(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.pod("b", ready=False))
        with program(server, tmp_path, "agent", "--wait", "--node", "b", "--timeout", "4s") as run:
            run.err.until("1 gap")
            server.delete(s.pod("b"), s.node("b"))
            assert run.ended() == 1
        assert run.err.all[-1].endswith("still has no node b to run on")


def test_a_server_that_goes_away_and_comes_back(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait") as run:
        run.err.until("1 gap")
        server.stop()
        run.err.until("lost the connection")
        server.start()
        assert run.err.next() == "connected again"
        server.put(s.pod("b"))
        assert run.ended() == 0


def test_a_server_that_stays_away(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait", "--timeout", "3s") as run:
        run.err.until("1 gap")
        server.stop()
        assert run.ended() == 1
    assert run.err.all[-1] == "error: after 3s kube-system/agent still has 1 gap (1 Unready)"


class _Stuck(WatchServer):
    """A server that never answers what is asked about a pod."""

    def __init__(self) -> None:
        super().__init__([*s.world(), s.pod("b", 2, ready=False)])
        self.over = threading.Event()

    def next_answer(self, asked: Asked) -> Answer:
        if "involvedObject.kind=Pod" in asked.query.get("fieldSelector", ""):
            self.over.wait()
        return super().next_answer(asked)


def test_a_server_that_gets_stuck(tmp_path: Path) -> None:
    """The time is up whatever is being asked by then, however long that may take."""
    with _Stuck() as server:
        with program(server, tmp_path, "agent", "--wait", *SHORT, "--request-timeout", "0") as run:
            assert run.ended() == 1
        server.over.set()
    assert run.err.all == [
        "error: after 1s the cluster had not answered: nothing is known yet of what is behind the "
        "gaps; raise --timeout, or check the network or VPN"
    ]


def test_a_kind_that_is_never_answered(server: WatchServer, tmp_path: Path) -> None:
    over = server.hold(PODS)
    with program(server, tmp_path, "agent", "--wait", *SHORT) as run:
        assert run.ended() == 1
    over.set()
    assert run.err.all == [
        "error: after 1s the cluster had not answered: nothing is known yet of pods; "
        "raise --timeout, or check the network or VPN"
    ]


def test_one_that_is_deleted(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait") as run:
        run.err.until("1 gap")
        server.delete(s.daemon_set())
        assert run.ended() == 3
    assert run.err.all[-1].endswith('"agent" in namespace "kube-system" was deleted')
    assert run.out.all == []


def test_one_that_is_not_there(server: WatchServer, tmp_path: Path) -> None:
    with program(server, tmp_path, "other", "--wait") as run:
        assert run.ended() == 3


def test_an_interrupt(server: WatchServer, tmp_path: Path) -> None:
    server.put(s.pod("b", ready=False))
    with program(server, tmp_path, "agent", "--wait", "--timeout", "0") as run:
        run.err.until("1 gap")
        assert run.interrupted() == 130
    assert len(run.err.all) == 1
    assert run.out.all == []


def test_only_get_is_asked(server: WatchServer, tmp_path: Path) -> None:
    with program(server, tmp_path, "agent", "--wait") as run:
        run.ended()
    assert {each.method for each in server.asked} == {"GET"}
    assert server.watches(PODS)
    assert server.watches(DAEMON_SETS)
