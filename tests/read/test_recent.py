"""The server's time between its answers, and answers that are used again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import serve_watch as s
from serve import NODES, Answer, connection, status
from serve_watch import PODS, WatchServer, until

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import Transport
from kubectl_ds.read.ask import Request, ask
from kubectl_ds.read.kinds import BY_FIELD
from kubectl_ds.read.recent import Clock, Recent


@pytest.fixture
def server() -> Iterator[WatchServer]:
    with WatchServer(s.world()) as found:
        yield found


class TestRecent:
    def test_asks_again_once_an_answer_is_old(self, server: WatchServer) -> None:
        with Transport(connection(server)) as transport:
            recent = Recent(transport)
            assert recent.get(NODES) == recent.get(NODES)
            assert len(server.lists(NODES)) == 1
            recent._answers = {key: (0.0, found) for key, (_, found) in recent._answers.items()}
            recent.forget()
            recent.get(NODES)
            assert len(server.lists(NODES)) == 2

    def test_remembers_a_refusal_and_no_failure(self, server: WatchServer) -> None:
        server.always(NODES, status(403, "no"))
        with Transport(connection(server)) as transport:
            recent = Recent(transport)
            for _ in range(2):
                with pytest.raises(ClusterError, match="403"):
                    recent.get(NODES)
            assert len(server.lists(NODES)) == 1
            server.stop()
            with pytest.raises(ClusterError, match="can't reach"):
                recent.get(PODS)
            server.start()
            assert recent.get(PODS)

    def test_begins_a_list_again_that_expired(self, server: WatchServer) -> None:
        server.page = 2
        server.answer(PODS, Answer(), status(410, "the continue parameter is too old"))
        with Transport(connection(server)) as transport:
            found = ask(Recent(transport), Request(BY_FIELD["pods"], "kube-system"))
        assert len(found.objects) == 3
        assert len(server.lists(PODS)) == 4

    def test_keeps_other_lists_where_one_expires(self, server: WatchServer) -> None:
        server.page = 2
        with Transport(connection(server)) as transport:
            recent = Recent(transport)
            ask(recent, Request(BY_FIELD["pods"], "kube-system", labels="app"))
            server.answer(PODS, status(410, "the continue parameter is too old"))
            for _ in range(2):
                ask(recent, Request(BY_FIELD["pods"], "kube-system", labels="app"))
                ask(recent, Request(BY_FIELD["pods"], "kube-system"))
            assert len(server.lists(PODS)) == 2 + 3


class TestClock:
    def test_goes_on_by_itself_and_never_back(self, server: WatchServer) -> None:
        with Transport(connection(server)) as transport:
            transport.time = datetime(2026, 1, 1, tzinfo=timezone.utc)
            clock = Clock(transport)
            first = clock.now()
            assert first == transport.time
            until(lambda: clock.now() > first)
            transport.time += timedelta(hours=1)  # a machine that slept
            assert clock.now() == transport.time
