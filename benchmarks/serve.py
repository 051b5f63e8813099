"""Serve a written fleet as an API server would: lists page by page, from memory, over loopback."""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import tables

KINDS = {
    "nodes": ("v1", "Node", False),
    "pods": ("v1", "Pod", True),
    "namespaces": ("v1", "Namespace", False),
    "events": ("v1", "Event", True),
    "resourcequotas": ("v1", "ResourceQuota", True),
    "limitranges": ("v1", "LimitRange", True),
    "serviceaccounts": ("v1", "ServiceAccount", True),
    "daemonsets": ("apps/v1", "DaemonSet", True),
    "controllerrevisions": ("apps/v1", "ControllerRevision", True),
}
_PATH = re.compile(r"/apis?/(?:apps/)?v1(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?")
_APP = re.compile(r"app=([^,]*)")
_NODE = re.compile(r"(?:spec\.nodeName|involvedObject\.name)=([^,]*)")
_NOMINATED = "status.nominatedNodeName!="
_NOWHERE = "/"  # no node has that name


class Wanted(NamedTuple):
    """Which objects a list is to hold; empty fields let all pass.

    The node is, of an event, the object that it is about.
    """

    resource: str
    namespace: str = ""
    app: str = ""
    node: str = ""


class Fleet:
    """The files of a fleet, and every page that may be asked for."""

    def __init__(self, directory: Path) -> None:
        self.index: dict[str, list[Any]] = json.loads((directory / "index.json").read_text())
        self.bodies = {name: memoryview((directory / name).read_bytes()) for name in self.index}
        self.asked: list[str] = []
        self.lock = threading.Lock()
        self.requests = self.sent = 0

    @cache  # noqa: B019 (there is one fleet, for as long as the program runs)
    def runs(self, wanted: Wanted) -> list[tuple[int, int]]:
        """Start and end of the objects that a list holds."""
        start, found = 0, []
        for namespace, _, app, end, node in self.index.get(wanted.resource, ()):
            have = Wanted(wanted.resource, namespace, app, node)
            if all(want in ("", value) for want, value in zip(wanted, have, strict=True)):
                found.append((start, end))
            start = end
        return found

    def page(self, wanted: Wanted, limit: int, first: int) -> list[memoryview]:
        """A page of a list, or of a table; objects side by side are sent as they are."""
        runs = self.runs(wanted)
        chosen = runs[first : first + limit]
        more = str(first + limit) if first + limit < len(runs) else ""
        meta = {"resourceVersion": "4711", **({"continue": more} if more else {})}
        parts = [memoryview(_head(wanted.resource, meta))]
        if chosen:
            parts += self._joined(wanted.resource, chosen)
        return [*parts, memoryview(b"]}")]

    def _joined(self, resource: str, runs: list[tuple[int, int]]) -> list[memoryview]:
        body = self.bodies[resource]
        if runs[-1][1] - runs[0][0] == sum(end - start for start, end in runs):
            return [body[runs[0][0] : runs[-1][1] - 1]]
        parts = [body[start:end] for start, end in runs]
        return [*parts[:-1], parts[-1][:-1]]

    def one(self, resource: str, namespace: str, name: str) -> memoryview | None:
        start = 0
        for place, own, _, end, _ in self.index.get(resource, ()):
            if (place, own) == (namespace, name):
                return self.bodies[resource][start : end - 1]
            start = end
        return None

    def count(self, sent: int, target: str) -> None:
        with self.lock:
            self.requests += 1
            self.sent += sent
            self.asked.append(target)


def _head(resource: str, metadata: dict[str, str]) -> bytes:
    """A list's beginning, up to its first object, or a table's."""
    if resource.endswith(tables.ROWS):
        columns = tables.columns(resource.removesuffix(tables.ROWS))
        base = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "columnDefinitions": columns}
        return json.dumps({**base, "metadata": metadata})[:-1].encode() + b',"rows":['
    version, kind, _ = KINDS[resource]
    base = {"kind": f"{kind}List", "apiVersion": version}
    return json.dumps({**base, "metadata": metadata})[:-1].encode() + b',"items":['


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a header and its body go in two pieces
    fleet: Fleet

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        matched = _PATH.fullmatch(url.path)
        if matched is None or matched[2] not in KINDS:
            self._send(*_discovery(url.path))
            return
        namespace, resource, name = matched[1] or "", matched[2], matched[3]
        if name:
            self._send_one(resource, namespace, name)
            return
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        app = _APP.search(query.get("labelSelector", ""))
        node = _node(query.get("fieldSelector", ""))
        wanted = Wanted(self._shape(resource), namespace, app[1] if app else "", node)
        limit, first = int(query.get("limit", 10**9)), int(query.get("continue", 0))
        self._send_parts(self.fleet.page(wanted, limit, first))

    def _shape(self, resource: str) -> str:
        """The rows of a table where these are asked for and there are any."""
        table = "as=Table" in self.headers.get("Accept", "")
        return resource + tables.ROWS if table and tables.has(resource) else resource

    def _send_one(self, resource: str, namespace: str, name: str) -> None:
        found = self.fleet.one(resource, namespace, name)
        if found is None:
            self._send(404, b'{"kind":"Status","apiVersion":"v1","status":"Failure","code":404}')
        else:
            self._send_parts([found])

    def _send_parts(self, parts: list[memoryview]) -> None:
        length = sum(map(len, parts))
        self._begin(200, length)
        for part in parts:
            self.connection.sendall(part)
        self.fleet.count(length, self.path)

    def _begin(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.flush()

    def _send(self, status: int, body: bytes) -> None:
        self._begin(status, len(body))
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: the numbers are counted."""


def _node(fields: str) -> str:
    """The node that a field selector names; no pod here waits for others to be evicted."""
    if _NOMINATED in fields:
        return _NOWHERE
    found = _NODE.search(fields)
    return found[1] if found else ""


def _discovery(path: str) -> tuple[int, bytes]:
    """What kubectl asks first: which kinds there are."""
    groups = {"/api/v1": "v1", "/apis/apps/v1": "apps/v1"}
    if path in groups:
        resources = [
            {"name": name, "singularName": "", "namespaced": own, "kind": kind, "verbs": ["list"]}
            for name, (version, kind, own) in KINDS.items()
            if version == groups[path]
        ]
        base = {"kind": "APIResourceList", "groupVersion": groups[path]}
        return 200, json.dumps({**base, "resources": resources}).encode()
    if path == "/api":
        return 200, json.dumps({"kind": "APIVersions", "versions": ["v1"]}).encode()
    if path == "/apis":
        version = {"groupVersion": "apps/v1", "version": "v1"}
        group = {"name": "apps", "versions": [version], "preferredVersion": version}
        return 200, json.dumps({"kind": "APIGroupList", "groups": [group]}).encode()
    if path == "/counted":
        return 200, json.dumps([Handler.fleet.requests, Handler.fleet.sent]).encode()
    if path == "/asked":
        return 200, json.dumps(Handler.fleet.asked).encode()
    return 404, b'{"kind":"Status","apiVersion":"v1","status":"Failure","code":404}'


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def process_request(self, request: Any, client_address: Any) -> None:
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().process_request(request, client_address)


def serve(directory: Path, port: int = 0) -> Server:
    """A server of the fleet in a directory, ready to be run; port 0 takes a free one."""
    Handler.fleet = Fleet(directory)
    return Server(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    server = serve(Path(sys.argv[1]))
    print(server.server_address[1], flush=True)
    server.serve_forever()
