"""A cluster that is watched over real HTTP: after each fault, what is known is right again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
import serve_watch as s
from msgspec.structs import replace
from reading import read_all
from serve import NODES, Answer, connection, status, told
from serve_watch import DAEMON_SETS, LIMIT_RANGES, PODS, WatchServer, until

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.scope import Scope
from kubectl_ds.draw.document import DaemonSetExplanation, explanation_document
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read import watched
from kubectl_ds.read.watching import Watching

SCOPE = Scope(namespace="kube-system", names=("agent",))
REVISIONS = "/apis/apps/v1/namespaces/kube-system/controllerrevisions"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses that are long enough for a server and too long for a test."""
    monkeypatch.setattr(watched, "_FIRST_REST", 0.02)
    monkeypatch.setattr(watched, "POLL_SECONDS", 0.1)


@pytest.fixture
def server() -> Iterator[WatchServer]:
    with WatchServer(s.world()) as found:
        yield found


class Seen:
    """What a watch knows by now, and what it has told."""

    def __init__(self, watching: Watching, transport: Transport) -> None:
        self.watching = watching
        self.transport = transport
        self.notes: list[str] = []

    def cluster(self) -> Cluster | None:
        found = self.watching.daemon_sets()
        return self.watching.cluster(found) if found else None

    def now(self) -> Cluster:
        return until(self.cluster)

    def images(self) -> dict[str, bool]:
        """Each pod's name, and whether it is ready."""
        return {pod.name: pod.ready for pod in self.now().pods}

    def heard(self) -> list[str]:
        self.notes += self.watching.news.heard()
        return self.notes

    def is_right(self) -> bool:
        """Whether the answer is the one that a reading from scratch gives."""
        fresh = read_all(self.transport, SCOPE).cluster
        return answer(self.now(), fresh.now) == answer(fresh, fresh.now)


def answer(cluster: Cluster, now: datetime) -> DaemonSetExplanation:
    found = explain(replace(cluster, now=now), cluster.daemon_sets[0])
    return explanation_document(found)


@contextmanager
def watching(server: WatchServer, *of: str) -> Iterator[Seen]:
    with (
        Transport(connection(server)) as transport,
        Watching(transport, "kube-system", of or ("agent",)) as found,
    ):
        seen = Seen(found, transport)
        seen.now()
        yield seen


def settle(server: WatchServer) -> None:
    """Wait for the watches that the tests rely on."""
    for path in (NODES, PODS, DAEMON_SETS, REVISIONS):
        until(lambda path=path: server.watches(path))


class TestChanges:
    def test_are_followed_without_any_list(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            lists = len(server.lists(PODS))
            server.put(s.pod("a", ready=False), s.node("d"))
            server.delete(s.pod("b"))
            server.put(s.pod("d"))
            pods = {"agent-a-1": False, "agent-c-1": True, "agent-d-1": True}
            until(lambda: seen.images() == pods)
            until(lambda: len(seen.now().nodes) == 4)
            assert len(server.lists(PODS)) == lists
            assert seen.is_right()
            assert seen.heard() == []

    def test_only_what_is_of_the_daemon_set_is_asked_for(self, server: WatchServer) -> None:
        with watching(server):
            settle(server)
        (asked,) = server.watches(PODS)
        assert asked.query["labelSelector"] == "app=agent"
        assert asked.query["allowWatchBookmarks"] == "true"
        assert 300 <= int(asked.query["timeoutSeconds"]) <= 600
        assert "limit" not in asked.query
        (asked,) = server.watches(DAEMON_SETS)
        assert asked.query["fieldSelector"] == "metadata.name=agent"
        assert {each.method for each in server.asked} == {"GET"}

    def test_a_pod_that_loses_its_label_is_gone(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            stray = s.pod("a")
            stray["metadata"]["labels"]["app"] = "other"
            server.put(stray)
            until(lambda: sorted(seen.images()) == ["agent-b-1", "agent-c-1"])

    def test_that_no_rule_reads_wake_nobody(
        self, server: WatchServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with watching(server) as seen:
            settle(server)
            told: list[int] = []
            monkeypatch.setattr(seen.watching.news, "changed", lambda: told.append(1))
            for second in range(10, 15):
                server.put(s.node("a", beat=f"2026-11-21T07:59:{second}Z"))
            server.bookmark(NODES)
            server.put(s.node("d"))  # which the same watch tells of, after the others
            until(lambda: len(seen.now().nodes) == 4)
            assert len(told) == 1

    def test_a_page_at_a_time(self) -> None:
        with WatchServer(s.world("abcdefg")) as server:
            server.page = 2
            with watching(server) as seen:
                assert len(seen.images()) == 7
                assert seen.is_right()


class TestFaults:
    def test_a_watch_that_breaks_off_goes_on(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.put(s.pod("a", ready=False))
            until(lambda: not seen.images()["agent-a-1"])
            server.break_off()
            until(lambda: len(server.watches(PODS)) == 2)
            server.put(s.pod("b", ready=False))
            until(lambda: not seen.images()["agent-b-1"])
            assert len(server.lists(PODS)) == 1
            assert int(server.watches(PODS)[-1].query["resourceVersion"]) > 100
            assert seen.is_right()
            assert seen.heard() == []  # it was back at once

    def test_in_the_middle_of_a_line(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            half = s.line("MODIFIED", s.pod("a", ready=False))[:60]
            server.say(PODS, half)
            server.break_off()
            server.put(s.pod("c", ready=False))
            until(lambda: not seen.images()["agent-c-1"])
            assert seen.images()["agent-a-1"]
            assert seen.is_right()

    def test_a_bookmark_is_where_it_goes_on(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.put(s.node("d"))  # of no concern to the watch of limitranges
            until(lambda: len(seen.now().nodes) == 4)
            until(lambda: server.watches(LIMIT_RANGES))
            server.bookmark(LIMIT_RANGES)
            server.forget()
            time.sleep(0.1)
            server.break_off()
            until(lambda: len(server.watches(LIMIT_RANGES)) > 1)
            assert server.watches(LIMIT_RANGES)[-1].query["resourceVersion"] == "101"
            assert len(server.lists(LIMIT_RANGES)) == 1

    def test_too_old_by_status(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.stop()
            server.delete(s.pod("a"))
            server.put(s.pod("b", ready=False))
            server.forget()
            server.start()
            until(
                lambda: sorted(seen.images().items()) == [("agent-b-1", False), ("agent-c-1", True)]
            )
            assert len(server.lists(PODS)) == 2
            until(seen.is_right)

    def test_too_old_is_nothing_to_tell(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.put(s.node("d"))  # by which the other watches are behind
            until(lambda: len(seen.now().nodes) == 4)
            server.forget()
            server.say(PODS, s.DROP)
            until(lambda: len(server.lists(PODS)) == 2)
            server.put(s.pod("a", ready=False))
            until(lambda: not seen.images()["agent-a-1"])
            assert seen.heard() == []

    @pytest.mark.parametrize("code", [410, 500])
    def test_an_event_that_tells_of_an_error(self, server: WatchServer, code: int) -> None:
        with watching(server) as seen:
            settle(server)
            server.say(PODS, s.error(code))
            until(lambda: len(server.lists(PODS)) == 2)
            server.put(s.pod("b", ready=False))
            until(lambda: not seen.images()["agent-b-1"])
            assert seen.is_right()

    def test_a_list_that_expires_between_its_pages(self, server: WatchServer) -> None:
        server.page = 2
        server.answer(PODS, Answer(), status(410, "the continue parameter is too old"))
        with watching(server) as seen:
            assert len(seen.images()) == 3
            assert seen.is_right()

    def test_a_server_that_goes_away_and_comes_back(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.stop()
            until(lambda: seen.watching.news.lost)
            assert seen.images() == dict.fromkeys(("agent-a-1", "agent-b-1", "agent-c-1"), True)
            server.delete(s.pod("a"))
            server.start()
            until(lambda: "agent-a-1" not in seen.images())
            until(lambda: not seen.watching.news.lost)
            until(seen.is_right)
            notes = seen.heard()  # a request sent while it was away may fail once it is back
            lost = f"lost the connection, trying again: can't reach {server.url}"
            assert notes
            assert all(text.startswith(lost) for text in notes[::2])
            assert notes[1::2] == ["connected again"] * (len(notes) // 2)
            assert len(notes) % 2 == 0

    def test_a_server_that_is_not_ready_yet(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.unwatchable = dict.fromkeys((PODS, NODES), 503)
            server.break_off()
            until(lambda: len(server.watches(PODS)) > 3)
            server.put(s.pod("a", ready=False))
            server.unwatchable = {}
            until(lambda: not seen.images()["agent-a-1"])
            assert len(server.lists(PODS)) == 1
            heard = seen.heard()
            assert len(heard) == len(set(heard)) <= 2  # of each list once, however often it fails
            assert all(text.startswith("nothing new, trying again: ") for text in heard)

    def test_watches_that_end_at_once_are_no_busy_loop(self, server: WatchServer) -> None:
        server.hello = [s.DROP]
        with watching(server) as seen:
            until(lambda: len(server.watches(PODS)) > 4)
            (pods,) = [x for x in seen.watching._lists.values() if x.request.kind.field == "pods"]
            assert pods._rests >= 4  # each as long as two of those before
            server.hello = []
            server.put(s.pod("a", ready=False))
            until(lambda: not seen.images()["agent-a-1"])

    @pytest.mark.parametrize(
        ("path", "item"),
        [
            (PODS, {**s.pod("a"), "spec": {"nodeName": 7}}),
            (DAEMON_SETS, {**s.daemon_set(), "spec": {"template": {"spec": 7}}}),
            (LIMIT_RANGES, {"metadata": {"name": "x"}, "spec": {"limits": 7}}),
        ],
        ids=["pod", "template", "limitrange"],
    )
    def test_an_event_that_can_not_be_decoded_makes_the_list_count(
        self, server: WatchServer, path: str, item: s.Object
    ) -> None:
        with watching(server) as seen:
            settle(server)
            until(lambda: server.watches(path))
            server.say(path, s.line("MODIFIED", item))
            until(lambda: len(server.lists(path)) > 1)
            server.put(s.pod("b", ready=False))
            until(lambda: not seen.images()["agent-b-1"])
            assert seen.is_right()

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(s.line("MOVED", s.pod("d")), id="of an unknown type"),
            pytest.param(s.line("", s.pod("d")), id="of no type"),
            pytest.param(b'{"kind":"Status","code":500}\n', id="no event"),
            pytest.param(b"<html>Sign in</html>\n", id="no JSON"),
            pytest.param(b"[" * 100_000 + b"\n", id="too deep"),
        ],
    )
    def test_a_line_that_is_no_event_makes_the_list_count(
        self, server: WatchServer, text: bytes
    ) -> None:
        with watching(server) as seen:
            settle(server)
            server.say(PODS, text)
            until(lambda: len(server.lists(PODS)) == 2)
            server.put(s.pod("b", ready=False))
            until(lambda: not seen.images()["agent-b-1"])
            assert seen.is_right()
            assert "agent-d-1" not in seen.images()


class TestRights:
    @pytest.mark.parametrize("code", [403, 405])
    def test_without_watch_lists_are_read_anew(self, server: WatchServer, code: int) -> None:
        server.unwatchable = {PODS: code, NODES: code}
        with watching(server) as seen:
            server.put(s.pod("a", ready=False), s.node("d"))
            until(lambda: not seen.images()["agent-a-1"] and len(seen.now().nodes) == 4)
            assert len(server.lists(PODS)) > 1
            assert seen.is_right()
            until(lambda: len(server.watches(NODES)) > 2 and seen.heard())
            assert seen.heard() == [
                "may not watch nodes and pods: listing them every 10 seconds instead"
            ]

    def test_an_optional_kind_that_may_not_be_listed(self, server: WatchServer) -> None:
        server.always(LIMIT_RANGES, status(403, "limitranges is forbidden"))
        with watching(server) as seen:
            (unread,) = [x for x in told(seen.now()) if x.what == "limitranges"]
            assert "forbidden" in unread.why
            assert seen.is_right()
            del server._always[LIMIT_RANGES]
            until(lambda: not told(seen.now()))

    def test_an_essential_kind_that_may_not_be_listed(self, server: WatchServer) -> None:
        server.always(NODES, status(403, "nodes is forbidden"))
        with pytest.raises(ClusterError, match="may not list nodes"), watching(server):
            pass

    def test_one_that_is_taken_away_meanwhile(self, server: WatchServer) -> None:
        """An API server that just started may refuse what it allows a moment later."""
        with watching(server) as seen:
            settle(server)
            server.always(PODS, status(403, "pods is forbidden"))
            server.unwatchable = {PODS: 403}
            server.break_off()
            until(lambda: len(server.lists(PODS)) > 1)
            assert len(seen.images()) == 3
            server.put(s.pod("a", ready=False))
            del server._always[PODS]
            until(lambda: not seen.images()["agent-a-1"])

    def test_to_get_the_daemon_set_is_enough(self, server: WatchServer) -> None:
        server.always(DAEMON_SETS, status(403, "list is forbidden"))
        server.unwatchable = {DAEMON_SETS: 403}
        with watching(server) as seen:
            server.put(s.daemon_set(generation=5))
            until(lambda: seen.now().daemon_sets[0].metadata.generation == 5)
            server.delete(s.daemon_set())
            until(lambda: seen.watching.daemon_sets() == ())


class TestDaemonSets:
    def test_that_are_deleted(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.delete(s.daemon_set())
            until(lambda: seen.watching.daemon_sets() == ())

    def test_made_anew_with_another_selector(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.delete(s.daemon_set(), s.revision(), *map(s.pod, "abc"))
            more = {"uid": "second"}
            server.put(s.daemon_set(app="new", **more), s.revision(**more))
            server.put(*(s.pod(name, app="new", **more) for name in "ab"))
            until(lambda: seen.cluster() and sorted(seen.images()) == ["agent-a-1", "agent-b-1"])
            assert seen.is_right()
            asked = [each.query["labelSelector"] for each in server.watches(PODS)]
            assert asked == ["app=agent", "app=new"]

    def test_made_anew_while_the_new_pods_can_not_be_listed(self, server: WatchServer) -> None:
        with watching(server) as seen:
            settle(server)
            server.always(PODS, status(500, "etcdserver: leader changed"))
            server.delete(s.daemon_set(), s.revision(), *map(s.pod, "abc"))
            more = {"uid": "second"}
            server.put(s.daemon_set(app="new", **more), s.revision(**more))
            server.put(*(s.pod(name, app="new", **more) for name in "ab"))
            until(lambda: seen.cluster() is None and len(server.lists(PODS)) > 2)
            assert "leader changed" in seen.heard()[0]
            del server._always[PODS]
            until(lambda: seen.cluster() and sorted(seen.images()) == ["agent-a-1", "agent-b-1"])

    def test_several_of_them(self, server: WatchServer) -> None:
        server.put(s.daemon_set("other"), s.revision(of="other"), s.pod("a", of="other"))
        with watching(server, "other", "agent") as seen:
            assert [item.name for item in seen.now().daemon_sets] == ["other", "agent"]
            assert len(seen.images()) == 4


def test_what_is_asked_on_demand_is_not_asked_at_every_turn(server: WatchServer) -> None:
    server.put(s.pod("a", ready=False, waiting="CrashLoopBackOff"))
    with watching(server) as seen:
        for _ in range(3):
            seen.now()
        events = "/api/v1/namespaces/kube-system/events"
        about = [x for x in server.lists(events) if "kind=Pod" in x.query["fieldSelector"]]
        assert len(about) == 1


def test_what_is_asked_on_demand_may_fail_for_a_while(server: WatchServer) -> None:
    with watching(server) as seen:
        events = "/api/v1/namespaces/kube-system/events"
        server.always(events, status(500, "etcdserver: leader changed"))
        server.put(s.pod("a", ready=False, waiting="CrashLoopBackOff"))
        until(lambda: seen.cluster() is None)
        assert "leader changed" in seen.heard()[0]
        del server._always[events]
        seen.watching._recent._answers.clear()  # as after ten seconds
        until(lambda: not seen.images()["agent-a-1"])
