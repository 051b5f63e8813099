"""An API server for tests: real HTTP over recorded objects, and whatever fault a test asks for."""

from __future__ import annotations

import gzip
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from programs import program

from kubectl_ds.core.model import Cluster, Unread
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.transport import Transport

DATE = "Sat, 21 Nov 2026 08:00:00 GMT"  # of every answer
NODES = "/api/v1/nodes"
RECORDED = Path(__file__).parent / "data" / "recorded"

DROP = b""  # a piece of a stream: hang up here

Object = dict[str, Any]

_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+/[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+))?/(?P<resource>[a-z]+)(?:/(?P<name>[^/]+))?"
)
_FIELD = re.compile(r"(?P<path>[^!=]+)(?P<but>!?)=(?P<value>.*)")
_SET = re.compile(r"\s*(?P<key>\S+)\s+(?P<operator>in|notin)\s+\((?P<values>[^)]*)\)\s*")


class Asked(NamedTuple):
    """A request that came in; a header may have come several times."""

    method: str
    path: str
    query: dict[str, str]
    headers: list[tuple[str, str]]

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Answer(NamedTuple):
    """What to answer instead of the recorded objects, or beside them where there is no body.

    A stream is sent in chunks, each as it comes; of an answer with a head that is all.
    """

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 (never changed)
    warnings: tuple[str, ...] = ()
    delay: float = 0
    cut: int | None = None
    drop: bool = False
    head: bytes = b""
    stream: Callable[[], Iterator[bytes]] | None = None


class Tls(NamedTuple):
    """Files of a server's certificate; with ``clients``, who has none of those is refused."""

    certificate: Path
    key: Path
    clients: Path | None = None


def status(code: int, message: str = "", **headers: str) -> Answer:
    """The API server's own way to say no."""
    document = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
    body = json.dumps({**document, "message": message, "code": code}).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return Answer(code, body, {"Content-Type": "application/json", **named})


def html(code: int = 200) -> Answer:
    """A page of something that is no API server."""
    return Answer(code, b"<html><b>Sign in</b></html>", {"Content-Type": "text/html"})


def recorded(name: str) -> list[Object]:
    """The objects of a recording."""
    return json.loads((RECORDED / f"{name}.json").read_bytes())["items"]


def connection(api: ApiServer, **settings: Any) -> Connection:
    """How to reach a server that shows no certificate."""
    return Connection(server=api.url, context="test", user_name="tester", **settings)


def get(where: Connection, path: str = NODES, **query: str) -> Any:
    """What one request brings."""
    with Transport(where) as transport:
        return json.loads(transport.get(path, query))


def told(cluster: Cluster) -> tuple[Unread, ...]:
    """What could not be read, less what nothing asked for."""
    lists = (cluster.unread, *cluster.unread_in.values())
    unread = dict.fromkeys(item for items in lists for item in items)
    return tuple(item for item in unread if not item.why.startswith("not asked for"))


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


class ApiServer:
    """Serves objects on a free port of this machine until the ``with`` block ends.

    Attributes:
        asked: every request that came in, in order.
        page: how many items a page has at most, whatever limit was asked for.
        compress: whether to gzip for those who accept it.
        version: the resourceVersion of lists.
        minor: the minor version of Kubernetes.
    """

    def __init__(self, objects: list[Object], tls: Tls | None = None) -> None:
        self.objects = objects
        self.asked: list[Asked] = []
        self.page = 500
        self.compress = False
        self.version = 1
        self.minor = "36"
        self._answers: dict[str, list[Answer]] = {}
        self._always: dict[str, Answer] = {}
        self._server = _Server(("127.0.0.1", 0), self)
        self._tls = tls
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.key)
            if tls.clients:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(tls.clients)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> ApiServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def answer(self, path: str, *answers: Answer) -> None:
        """Answer the next requests for a path so, one after another; then as recorded again."""
        self._answers.setdefault(path, []).extend(answers)

    def always(self, path: str, answer: Answer) -> None:
        """Answer every request for a path so."""
        self._always[path] = answer

    def hold(self, path: str) -> threading.Event:
        """Answer requests for a path no sooner than this is set."""
        served, go_on = self.next_answer, threading.Event()

        def held(asked: Asked) -> Answer:
            if asked.path == path:
                go_on.wait()
            return served(asked)

        self.next_answer = held  # type: ignore[method-assign]
        return go_on

    def kubeconfig(
        self, path: Path, user: Object | None = None, cluster: Object | None = None
    ) -> str:
        """Write a kubeconfig for this server; its one context is ``test``."""
        where = {"server": self.url, **(cluster or {})}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{"name": "test", "cluster": where}],
            "users": [{"name": "tester", "user": user or {"token": "t"}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "tester"}}],
        }
        path.write_text(json.dumps(document))
        return str(path)

    def next_answer(self, asked: Asked) -> Answer:
        """What to answer to a request."""
        queue = self._answers.get(asked.path)
        planned = queue.pop(0) if queue else self._always.get(asked.path, Answer())
        if planned.body is not None or planned.stream:
            return planned
        real = self._recorded(asked)
        return planned._replace(
            status=real.status, body=real.body, headers={**real.headers, **planned.headers}
        )

    def _recorded(self, asked: Asked) -> Answer:
        if asked.method != "GET":
            return status(405, "only GET is served")
        place = place_of(asked.path)
        if asked.path == "/version":
            return _json({"major": "1", "minor": self.minor, "gitVersion": f"v1.{self.minor}.0"})
        if place is None:
            return Answer(404, b"404 page not found\n", {"Content-Type": "text/plain"})
        found = [item for item in self.objects if place.holds(item)]
        if place.name:
            return _one(found, place.name, asked.path.split("/")[-2])
        return self._list(found, f"{place.kind}List", asked.query)

    def _list(self, found: list[Object], kind: str, query: dict[str, str]) -> Answer:
        try:
            wanted = selected_by(query)
        except ValueError as error:
            return status(400, f"unable to parse requirement: {error}")
        matching = [item for item in found if wanted(item)]
        start = int(query.get("continue", "0"))
        end = start + min(int(query.get("limit", self.page)), self.page)
        more = {"continue": str(end)} if end < len(matching) else {}
        # A server's lists leave kind and apiVersion out of their items.
        bare = ("apiVersion", "kind")
        items = [{k: v for k, v in item.items() if k not in bare} for item in matching[start:end]]
        meta = {"resourceVersion": str(self.version), **more}
        return _json({"kind": kind, "metadata": meta, "items": items})


class Place(NamedTuple):
    """Which objects a path is about."""

    version: str
    kind: str
    namespace: str | None
    name: str

    def holds(self, item: Object) -> bool:
        kind = (item["apiVersion"], item["kind"]) == (self.version, self.kind)
        return kind and self.namespace in (None, item["metadata"].get("namespace"))


def place_of(path: str) -> Place | None:
    """Which objects a path is about; None where there is no such kind."""
    match = _PATH.fullmatch(path)
    version = match and (match["core"] or match["group"])
    if match is None or (version, match["resource"]) not in _KINDS:
        return None
    kind = _KINDS[version, match["resource"]]
    return Place(version, kind, match["namespace"], unquote(match["name"] or ""))


def selected_by(query: dict[str, str]) -> Callable[[Object], bool]:
    """The selectors of a query as a test; ValueError where they can't be parsed."""
    wanted = _label_test(query.get("labelSelector", ""))
    fields = [_FIELD.fullmatch(x) for x in query.get("fieldSelector", "").split(",") if x]
    return lambda item: (
        wanted(item["metadata"].get("labels") or {})
        and all((_field(item, x["path"]) == x["value"]) is not bool(x["but"]) for x in fields if x)
    )


_KINDS = {
    (version, kind.lower() + ("es" if kind.endswith("Class") else "s")): kind
    for version, kinds in {
        "apps/v1": "DaemonSet ControllerRevision",
        "v1": "Node Pod Event ResourceQuota LimitRange Namespace ServiceAccount "
        "PersistentVolumeClaim PersistentVolume",
        "scheduling.k8s.io/v1": "PriorityClass",
        "node.k8s.io/v1": "RuntimeClass",
        "storage.k8s.io/v1": "StorageClass",
    }.items()
    for kind in kinds.split()
}


def _json(document: Object) -> Answer:
    return Answer(200, json.dumps(document).encode(), {"Content-Type": "application/json"})


def _one(found: list[Object], name: str, resource: str) -> Answer:
    for item in found:
        if item["metadata"]["name"] == name:
            return _json(item)
    return status(404, f'{resource} "{name}" not found')


def _field(item: Object, path: str) -> str:
    value: Any = item
    for part in path.split("."):
        value = value.get(part, {})
    return value or ""


def _label_test(selector: str) -> Callable[[dict[str, str]], bool]:
    """A label selector as a test of labels; ValueError where it can't be parsed."""
    tests = [_requirement(part) for part in re.split(r",(?![^(]*\))", selector) if part]
    return lambda labels: all(test(labels) for test in tests)


def _requirement(text: str) -> Callable[[dict[str, str]], bool]:
    if match := _SET.fullmatch(text):
        key, values = match["key"], [value.strip() for value in match["values"].split(",")]
        inside = match["operator"] == "in"
        return lambda labels: (labels.get(key) in values) == inside
    key, operator, value = re.fullmatch(r"([^=!]*)(!=|==?|)(.*)", text).groups()  # type: ignore[union-attr]
    if operator:
        return lambda labels: (labels.get(key) == value) == (operator != "!=")
    if re.search(r"[\s()]", text):
        raise ValueError(f"found '{text}', expected: in, notin, =, ==, !=, gt, lt")
    return lambda labels: (text.lstrip("!") in labels) == (not text.startswith("!"))


class _Server(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], api: ApiServer) -> None:
        super().__init__(address, _Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # a header and its body go in two pieces
    server: _Server

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # every method is served, so that a wrong one is seen
            return self._serve
        raise AttributeError(name)

    def _serve(self) -> None:
        api = self.server.api
        url = urlsplit(self.path if "/" in self.path else f"//{self.path}")  # CONNECT host:port
        asked = Asked(
            self.command, url.path or url.netloc, dict(parse_qsl(url.query)), self.headers.items()
        )
        api.asked.append(asked)
        answer = api.next_answer(asked)
        time.sleep(answer.delay)
        if answer.drop or answer.head:
            self.wfile.write(answer.head)
            self.close_connection = True
        elif answer.stream:
            self._stream(answer.stream())
        else:
            self._send(answer, api.compress and "gzip" in "".join(asked.header("Accept-Encoding")))

    def _send(self, answer: Answer, compress: bool) -> None:
        body = answer.body or b""
        self.send_response_only(answer.status)
        if compress:
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        for name, value in {"Date": DATE, **answer.headers}.items():
            self.send_header(name, value)
        for text in answer.warnings:
            self.send_header("Warning", f'299 - "{text}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: answer.cut])
        self.close_connection = self.close_connection or answer.cut is not None

    def _stream(self, pieces: Iterator[bytes]) -> None:
        self.send_response_only(200)
        for name, value in (
            ("Date", DATE),
            ("Content-Type", "application/json"),
            ("Transfer-Encoding", "chunked"),
        ):
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            if piece == DROP:
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keep the tests' output clean."""


class Certificates(NamedTuple):
    """Self-signed certificates with their keys.

    Attributes:
        address: of a server, for 127.0.0.1.
        named: of a server, for cluster.example alone.
        client: of a user.
    """

    address: Tls
    named: Tls
    client: Tls


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates made for this run, with openssl."""
    openssl = program("openssl")
    folder = tmp_path_factory.mktemp("certificates")

    def made(name: str, names: str) -> Tls:
        tls = Tls(folder / f"{name}.crt", folder / f"{name}.key")
        options = f"-subj /CN={name} -addext subjectAltName={names} -days 2 -nodes"
        files = ["-keyout", str(tls.key), "-out", str(tls.certificate)]
        key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256"
        command = [openssl, "req", "-x509", *f"{key} {options}".split(), *files]
        subprocess.run(command, check=True, capture_output=True)
        return tls

    return Certificates(
        made("address", "IP:127.0.0.1"),
        made("named", "DNS:cluster.example"),
        made("client", "DNS:client"),
    )


@pytest.fixture
def api() -> Iterator[ApiServer]:
    """A server of one recorded cluster."""
    with ApiServer(recorded("seed1")) as server:
        yield server
