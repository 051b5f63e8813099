"""Watch a fleet while ten thousand of its objects change, and print what memory that takes.

One DaemonSet on 500 nodes of about 14 kB with pods of about 8 kB is served over loopback HTTP.
Pods and nodes change their state, come and go, templates change; in between connections break off,
versions expire, and the server goes away and comes back. ``kubectl ds explain --watch`` follows it,
once as lines and once as documents; in the end what it says must be what a fresh answer says.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path
from typing import Any

# Before the benchmarks' own server, which knows no watches.
sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import fleet
import serve
from fleet import Object
from measure import TOOL
from serve_watch import WatchServer, error

LOOKS = 10  # at the memory
PATIENCE = 120  # seconds in which the answer must be right in the end
PACE = 0.008  # seconds from one change to the next
KEPT = 10  # revisions

_FIRST = {"name": "agent-00", "namespace": "kube-system"}
_PODS = f"/api/v1/namespaces/{_FIRST['namespace']}/pods"
_MOVE = re.compile(r"\S+Z  (?:(?P<many>[0-9]+) nodes \(.*?\)|\S+)  (?P<old>\w+) → (?P<new>\w+)")


class World:
    """What the server serves, and how it changes."""

    def __init__(self, nodes: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._nodes = nodes
        self._set = fleet.new_daemon_set(0, nodes)
        (self._revision,) = fleet.revisions([self._set])
        self._number = 3
        self._revisions = [self._revision]
        self._here = {number: fleet.new_pod(self._set, number) for number in range(nodes)}
        whole = [fleet.new_node(number) for number in range(nodes)]
        namespace = fleet.namespace_named(_FIRST["namespace"])
        things = [namespace, self._set, self._revision, *whole, *self._here.values()]
        self.server = WatchServer(copy.deepcopy(things))
        self._changes = (
            [self._flip_pod] * 40
            + [self._flip_node] * 12
            + [self._beat] * 15
            + [self._taint] * 10
            + [self._replace] * 20
            + [self._come_and_go] * 3
        )

    def change(self, count: int) -> None:
        """Make the change of that number."""
        if count % 400 == 0:
            self._template()
        else:
            self._random.choice(self._changes)(self._random.randrange(self._nodes))
        self._trouble(count)

    def _trouble(self, count: int) -> None:
        if count % 700 == 0:
            self.server.break_off()
        if count % 1500 == 0:
            self.server.forget()
            self.server.break_off()
        if count % 2500 == 0:
            self.server.say(_PODS, error(410))
        if count % 3000 == 0:
            self.server.stop()
            time.sleep(1)
            self.server.start()

    def _flip_pod(self, number: int) -> None:
        pod = self._here.get(number)
        if pod is None:
            return
        broken = pod["status"]["phase"] == "Running"
        status = fleet._pod_status(_FIRST["name"], broken)
        self._put_pod(number, {**pod, "status": status})

    def _flip_node(self, number: int) -> None:
        self.server.put(fleet.new_node(number, ready=self._random.random() < 0.7))

    def _beat(self, number: int) -> None:
        """What a kubelet says every few minutes, and what changes nothing."""
        node = fleet.new_node(number)
        for condition in node["status"]["conditions"]:
            condition["lastHeartbeatTime"] = beat(self.server.version)
        self.server.put(node)

    def _taint(self, number: int) -> None:
        node = fleet.new_node(number)
        node["spec"]["taints"] = [{"key": f"t{number % 3}", "effect": "NoSchedule"}]
        self.server.put(node)

    def _replace(self, number: int) -> None:
        """The pod goes, and another one comes, of the current revision."""
        if number in self._here:
            self.server.delete(self._here.pop(number))
        else:
            self._put_pod(number, self._new_pod(number))

    def _come_and_go(self, number: int) -> None:
        """A node leaves with its pod, or is there again."""
        node = fleet.new_node(number)
        if self.server._find(node) and number % 2:
            self.server.delete(node)
            if number in self._here:
                self.server.delete(self._here.pop(number))
        else:
            self.server.put(node)

    def _template(self) -> None:
        """Another image: a new generation, and then a revision of it."""
        self._number += 1
        self._set = copy.deepcopy(self._set)
        container = self._set["spec"]["template"]["spec"]["containers"][0]
        container["image"] = f"images.example.com/agents/agent-00:v{self._number}"
        self._set["metadata"]["generation"] = self._number
        self._set["status"]["observedGeneration"] = self._number
        (made,) = fleet.revisions([self._set])
        made["metadata"] |= {"name": f"agent-00-{self._number}"}
        made["metadata"]["labels"]["controller-revision-hash"] = f"hash{self._number}"
        self._revisions.append({**made, "revision": self._number})
        self._set["metadata"]["annotations"]["deprecated.daemonset.template.generation"] = str(
            self._number
        )
        self.server.put(self._revisions[-1], self._set)
        if len(self._revisions) > KEPT:
            self.server.delete(self._revisions.pop(0))

    def _new_pod(self, number: int) -> Object:
        pod = fleet.new_pod(self._set, number)
        labels = self._revisions[-1]["metadata"]["labels"]
        pod["metadata"]["labels"] |= {
            "controller-revision-hash": labels["controller-revision-hash"],
            "pod-template-generation": str(self._number),
        }
        pod["metadata"]["name"] = f"agent-00-{number:05}-{self.server.version}"
        pod["metadata"]["uid"] = f"uid-{self.server.version}"
        return pod

    def _put_pod(self, number: int, pod: Object) -> None:
        self._here[number] = pod
        self.server.put(pod)


def beat(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_795_000_000 + second))


class Watch:
    """A ``kubectl ds explain --watch`` that runs, and what it says."""

    def __init__(self, kubeconfig: str, *more: str) -> None:
        self.states: Counter[str] = Counter()
        self.document: Object = {}
        self.printed = 0
        self.spent = 0.0
        self._documents = "json" in more
        where = ["-n", _FIRST["namespace"], "--kubeconfig", kubeconfig]
        self.process = subprocess.Popen(
            [TOOL, "explain", _FIRST["name"], "--watch", *where, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._hear, daemon=True).start()

    @property
    def resident(self) -> float:
        """Its memory, in MiB."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def cpu(self) -> float:
        """The seconds of a processor that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def agrees(self, fresh: Object) -> bool:
        """Whether it says what a fresh answer says, all but how long ago things happened."""
        if self._documents:
            return told(self.document) == told(fresh)
        return +self.states == Counter(fresh["states"])

    def stop(self) -> None:
        self.spent = self.cpu
        self.process.terminate()
        self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed += 1
            if self._documents:
                self.document = json.loads(line)
            else:
                self._take(line)

    def _take(self, line: str) -> None:
        if match := _MOVE.match(line):
            count = int(match["many"] or 1)
            self.states.subtract({match["old"]: count})
            self.states.update({match["new"]: count})
            del self.states["none"]
        elif row := re.match(r" +([0-9]+) .*  (\w+)$", line):
            self.states[row[2]] += int(row[1])

    def _hear(self) -> None:
        assert self.process.stderr
        self.told.extend(self.process.stderr)


def told(document: Object) -> Any:
    """What a document says, all but times."""
    rollout = {key: value for key, value in document["rollout"].items() if key not in _TIMES}
    nodes = [
        (node["node"], node["state"], [x["code"] for x in node["reasons"]], node["pods"])
        for node in document["nodes"]
    ]
    codes = [finding["code"] for finding in document["findings"]]
    return document["daemonSet"], document["summary"], document["states"], rollout, codes, nodes


_TIMES = ("since", "stuck")


def fresh(kubeconfig: str) -> Object:
    where = ["-n", _FIRST["namespace"], "--kubeconfig", kubeconfig]
    done = subprocess.run(
        [TOOL, "explain", _FIRST["name"], "-o", "json", *where], capture_output=True, check=True
    )
    answer: Object = json.loads(done.stdout)
    return answer


def agreed(watch: Watch, kubeconfig: str) -> bool:
    """Whether the watch comes to say what a fresh answer says."""
    answer = fresh(kubeconfig)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and watch.process.poll() is None:
        if watch.agrees(answer):
            return True
        time.sleep(0.5)
    return False


def soak(nodes: int, changes: int, seed: int, *more: str) -> tuple[list[float], Watch, bool]:
    """The memory after each tenth of the changes, the watch, and whether it was right then."""
    serve.DATE = formatdate(usegmt=True)
    world = World(nodes, seed)
    with world.server, tempfile.TemporaryDirectory() as home:
        kubeconfig = world.server.kubeconfig(Path(home, "config"))
        watch = Watch(kubeconfig, *more)
        while not watch.printed:
            time.sleep(0.1)
        memory = [watch.resident]
        for count in range(1, changes + 1):
            world.change(count)
            time.sleep(PACE)
            if count % (changes // LOOKS) == 0:
                memory.append(watch.resident)
        right = agreed(watch, kubeconfig)
        watch.stop()
    return memory, watch, right


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=500)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    ways = {"lines": (), "documents, `-o json`": ("-o", "json")}
    began = time.monotonic()
    found = {
        name: soak(given.nodes, given.changes, given.seed, *more) for name, more in ways.items()
    }
    print(f"{given.nodes} nodes, {given.changes:,} changes; resident memory in MiB:\n")
    print(f"| changes | {' | '.join(found)} |")
    print("|---:" * (1 + len(found)) + "|")
    for row, sizes in enumerate(zip(*(memory for memory, _, _ in found.values()), strict=True)):
        cells = [f"{row * given.changes // LOOKS:,}", *(f"{size:.1f}" for size in sizes)]
        print(f"| {' | '.join(cells)} |")
    print(f"\nwall {time.monotonic() - began:.0f} s")
    for name, (_, watch, right) in found.items():
        spent = f"cpu {watch.spent:.1f} s"
        print(f"{name}: {watch.printed:,} printed, {len(watch.told)} told, {spent}")
        print(f"{name}: the last answer is {'that' if right else 'NOT THAT'} of a fresh explain")
    sys.exit(not all(right for _, _, right in found.values()))


if __name__ == "__main__":
    main()
