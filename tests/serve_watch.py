"""The tests' API server with what watches need: versions, streams of events, and their faults."""

from __future__ import annotations

import copy
import json
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from email.utils import formatdate, parsedate_to_datetime
from types import TracebackType
from typing import Any, NamedTuple

import serve
from serve import DROP, Answer, ApiServer, Asked, Object, place_of, selected_by, status

__all__ = ["DROP"]

_PATIENCE = 0.02  # seconds from one look for something new to the next


class Happened(NamedTuple):
    """A change of an object: either side is None where it was not, or is no longer, there."""

    version: int
    before: Object | None
    after: Object | None


class WatchServer(ApiServer):
    """Serves objects that change, to lists and to watches.

    Attributes:
        oldest: watches from a version before this one are answered with 410.
        unwatchable: paths of which watches are refused, with the status.
        hello: pieces that every new watch gets first.
    """

    def __init__(self, objects: list[Object]) -> None:
        super().__init__(objects)
        self.version = 100
        self.oldest = 0
        self.unwatchable: dict[str, int] = {}
        self.hello: list[bytes] = []
        self._history: list[Happened] = []
        self._extra: dict[str, list[bytes]] = {}
        self._watches: list[Asked] = []
        self._round = 0  # of watches; those of an earlier one break off
        self._down = False
        self._lock = threading.RLock()
        self._began = parsedate_to_datetime(serve.DATE).timestamp() - time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.break_off()
        if not self._down:
            super().__exit__(kind, error, traceback)

    def put(self, *items: Object) -> None:
        """Create objects, or replace those of the same name."""
        for item in items:
            with self._lock:
                self.version += 1
                item["metadata"]["resourceVersion"] = str(self.version)
                item = copy.deepcopy(item)
                before = self._find(item)
                if before:
                    self.objects.remove(before)
                self.objects.append(item)
                self._history.append(Happened(self.version, before, item))

    def delete(self, *items: Object) -> None:
        """Delete objects."""
        for item in items:
            with self._lock:
                self.version += 1
                before = self._find(item)
                assert before
                self.objects.remove(before)
                self._history.append(Happened(self.version, before, None))

    def say(self, path: str, piece: bytes) -> None:
        """Send something to the watches of a path that run; DROP hangs up."""
        with self._lock:
            self._extra.setdefault(path, []).append(piece)

    def bookmark(self, path: str) -> None:
        """Tell the watches of a path the newest version."""
        self.say(path, line("BOOKMARK", {"metadata": {"resourceVersion": str(self.version)}}))

    def break_off(self) -> None:
        """Drop the connections of all watches."""
        with self._lock:
            self._round += 1

    def forget(self) -> None:
        """Compact: no watch can go on from before now."""
        with self._lock:
            self.oldest = self.version

    def stop(self) -> None:
        """Go away: nobody listens on the port."""
        self._down = True
        self.break_off()
        super().__exit__(None, None, None)

    def start(self) -> None:
        """Come back on the same port."""
        self._server = serve._Server(("127.0.0.1", self.port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._down = False
        self._thread.start()

    def watches(self, path: str) -> list[Asked]:
        """The watches of a path that were asked for."""
        return [each for each in list(self._watches) if each.path == path]

    def lists(self, path: str) -> list[Asked]:
        """The lists of a path that were asked for."""
        return [
            each for each in list(self.asked) if each.path == path and "watch" not in each.query
        ]

    def next_answer(self, asked: Asked) -> Answer:
        if self._down:
            return Answer(drop=True)
        if "watch" not in asked.query:
            with self._lock:
                answer = super().next_answer(asked)
            return answer._replace(headers={"Date": self._date(), **answer.headers})
        with self._lock:  # at once: a test that sees the watch counts on it from then on
            start = self._round, len(self._extra.get(asked.path, ()))
            self._watches.append(asked)
        if asked.path in self.unwatchable:
            return status(self.unwatchable[asked.path], "watch is refused")
        since = int(asked.query["resourceVersion"])
        if since < self.oldest:
            return status(410, "too old resource version")
        return Answer(stream=lambda: self._events(asked, since, *start))

    def _date(self) -> str:
        """Time goes on from the one at which other servers of the tests stand."""
        return formatdate(self._began + time.monotonic(), usegmt=True)

    def _events(self, asked: Asked, since: int, mine: int, said: int) -> Iterator[bytes]:
        yield from self.hello
        pause = threading.Event()
        while True:
            with self._lock:
                first = bisect_right(self._history, since, key=lambda each: each.version)
                happened = self._history[first:]
                extra = self._extra.get(asked.path, [])[said:]
                over = self._round != mine
            said += len(extra)
            yield from extra
            if over:
                yield DROP
            since = happened[-1].version if happened else since
            yield from (event for each in happened if (event := _event(asked, each)))
            pause.wait(_PATIENCE)

    def _find(self, item: Object) -> Object | None:
        return next((each for each in self.objects if _same(each, item)), None)


def until(found: Callable[[], Any]) -> Any:
    """What is found once it is true."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("it never came to be")


def line(kind: str, item: Object) -> bytes:
    """One event of a watch."""
    return json.dumps({"type": kind, "object": item}).encode() + b"\n"


def error(code: int) -> bytes:
    """The event by which a watch tells that it can't go on."""
    return line("ERROR", {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code})


def _same(one: Object, other: Object) -> bool:
    def key(item: Object) -> Any:
        meta = item["metadata"]
        return item["apiVersion"], item["kind"], meta.get("namespace"), meta["name"]

    return bool(key(one) == key(other))


def _event(asked: Asked, happened: Happened) -> bytes | None:
    place, wanted = place_of(asked.path), selected_by(asked.query)
    assert place

    def holds(item: Object | None) -> bool:
        return item is not None and place.holds(item) and wanted(item)

    before, after = holds(happened.before), holds(happened.after)
    if not (before or after):
        return None
    kind = "MODIFIED" if before and after else "ADDED" if after else "DELETED"
    shown = happened.after or happened.before
    assert shown
    meta = {**shown["metadata"], "resourceVersion": str(happened.version)}
    return line(kind, {**shown, "metadata": meta})


# A small cluster: one DaemonSet and its pods.

PODS = "/api/v1/namespaces/kube-system/pods"
DAEMON_SETS = "/apis/apps/v1/namespaces/kube-system/daemonsets"
LIMIT_RANGES = "/api/v1/namespaces/kube-system/limitranges"

_CREATED = "2026-11-21T06:00:00Z"


def _object(
    version: str, kind: str, name: str, namespace: str = "kube-system", **more: Any
) -> Object:
    meta: Object = {"name": name, "uid": f"{kind}-{name}", "creationTimestamp": _CREATED}
    if namespace:
        meta["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": meta, **more}


def node(
    name: str, ready: str = "True", taints: Iterable[str] = (), beat: str = _CREATED
) -> Object:
    """A node; ``beat`` is when its kubelet last reported."""
    condition = {"type": "Ready", "status": ready, "lastHeartbeatTime": beat}
    marks = [{"key": key, "effect": "NoSchedule"} for key in taints]
    status_ = {"conditions": [condition], "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "9"}}
    return _object("v1", "Node", name, "", spec={"taints": marks}, status=status_)


def daemon_set(
    name: str = "agent",
    image: str = "agent:1",
    generation: int = 1,
    observed: int | None = None,
    strategy: str = "RollingUpdate",
    app: str = "",
    uid: str = "",
    selects: dict[str, str] | None = None,
    min_ready: int = 0,
) -> Object:
    """A DaemonSet; ``app`` is the label by which it selects its pods, ``selects`` its nodes."""
    labels = {"app": app or name}
    spec = {
        "selector": {"matchLabels": labels},
        "minReadySeconds": min_ready,
        "updateStrategy": {"type": strategy, "rollingUpdate": {"maxUnavailable": 1}},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": image}], "nodeSelector": selects},
        },
    }
    if strategy == "OnDelete":
        del spec["updateStrategy"]["rollingUpdate"]  # type: ignore[attr-defined]
    found = _object("apps/v1", "DaemonSet", name, spec=spec)
    found["metadata"] |= {"generation": generation, "uid": uid or f"DaemonSet-{name}"}
    found["status"] = {"observedGeneration": generation if observed is None else observed}
    return found


def revision(number: int = 1, of: str = "agent", uid: str = "") -> Object:
    """A ControllerRevision; its hash is ``h1`` for number 1."""
    found = _object("apps/v1", "ControllerRevision", f"{of}-h{number}", revision=number, data={})
    return _owned(found, of, uid, {"controller-revision-hash": f"h{number}"})


def pod(
    where: str,
    number: int = 1,
    ready: bool = True,
    waiting: str = "",
    of: str = "agent",
    uid: str = "",
    app: str = "",
) -> Object:
    """The DaemonSet's pod on a node, of a revision; ``waiting`` is why its container waits."""
    state = {"waiting": {"reason": waiting}} if waiting else {"running": {"startedAt": _CREATED}}
    condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": _CREATED}
    found = _object(
        "v1",
        "Pod",
        f"{of}-{where}-{number}",
        spec={"nodeName": where, "containers": [{"name": "c", "image": "agent:1"}]},
        status={
            "phase": "Running",
            "conditions": [condition],
            "containerStatuses": [
                {"name": "c", "image": "agent:1", "restartCount": 0, "ready": ready, "state": state}
            ],
        },
    )
    labels = {"app": app or of, "controller-revision-hash": f"h{number}"}
    return _owned(found, of, uid, labels)


def _owned(item: Object, of: str, uid: str, labels: dict[str, str]) -> Object:
    owner = {"kind": "DaemonSet", "name": of, "uid": uid or f"DaemonSet-{of}", "controller": True}
    item["metadata"] |= {"labels": labels, "ownerReferences": [{"apiVersion": "apps/v1", **owner}]}
    return item


def world(nodes: str = "abc") -> list[Object]:
    """A DaemonSet with a pod on each node."""
    return [
        _object("v1", "Namespace", "kube-system", "", status={"phase": "Active"}),
        daemon_set(),
        revision(),
        *map(node, nodes),
        *map(pod, nodes),
    ]
