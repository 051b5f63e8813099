"""Raw GETs to one API server; the only user of the ``kubernetes`` package.

There is no other method than ``Transport.get``: nothing here can change a cluster. The package's
generated classes are not imported, for they take longer than the requests.
"""

from __future__ import annotations

import re
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode, urlsplit

import msgspec
import urllib3

from kubectl_ds import __version__
from kubectl_ds.core.meta import decoder
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import credentials, failures
from kubectl_ds.kube.connection import Connection, one_line
from kubectl_ds.kube.proxies import loopback
from kubectl_ds.kube.validation import decoded

THREADS = 8
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0
TRIES = 3
LONGEST_WAIT = 10

_CHUNK = 1 << 16
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Refusal(ClusterError):
    """The API server answered with another status than success.

    Attributes:
        status: the HTTP status.
        words: the server's own message, on one line; empty where it gave none.
    """

    def __init__(self, message: str, status: int, words: str) -> None:
        super().__init__(message)
        self.status = status
        self.words = words


class _Status(msgspec.Struct, frozen=True):
    """The message of an API server's ``Status`` (apimachinery ``meta/v1/types.go``)."""

    kind: str = ""
    message: str | None = None


class _Answer(NamedTuple):
    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes


class Transport:
    """One API server; may be used by up to ``THREADS`` threads at once.

    Attributes:
        time: the newest time that the server gave in a ``Date`` header; None before the first.
    """

    def __init__(self, connection: Connection) -> None:
        """Get ready; nothing is sent yet, but a credential plugin may run.

        Raises:
            ClusterError: no credentials to be had, a certificate that can't be loaded, or a
                proxy that is not supported.
        """
        shown = credentials.obtain(connection)
        self.time: datetime | None = None
        self._closed = False
        self._connection = connection
        self._warnings: dict[str, None] = {}
        self._lock = Lock()
        self._headers = _headers(connection, shown.authorization)
        self._client = _client(connection, shown)

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closed = True
        self._client.rest_client.pool_manager.clear()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the server warned of so far (RFC 7234 ``Warning`` headers, 299), each once."""
        return tuple(self._warnings)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> bytes:
        """Ask for one path.

        Args:
            path: the path below the server's URL.
            query: the parameters, not yet encoded.

        Returns:
            The body, which claims to be JSON.

        Raises:
            Refusal: the server answered with another status than 200.
            ClusterError: no answer, or none of a Kubernetes API.
        """
        answer = self._answer(path + ("?" + urlencode(query) if query else ""))
        if answer.status != 200:
            raise self._refusal(answer, path)
        media = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media not in ("", "application/json"):
            raise ClusterError(
                f"{self._connection.server} answered with {one_line(media, 60)}, which no "
                "Kubernetes API does; is it a proxy or a login page? Check the server's address"
            )
        return answer.body

    def _answer(self, target: str) -> _Answer:
        for _ in range(TRIES - 1):
            answer = self._once(target)
            wait = retry_after(answer.status, answer.headers.get("Retry-After", ""))
            if wait is None:
                return answer
            time.sleep(wait)
        return self._once(target)

    def _once(self, target: str) -> _Answer:
        if self._closed:  # a thread that reads a long list need not read on
            raise ClusterError("the answer is not needed any more")
        server, timeout = self._connection.server, self._connection.request_timeout
        try:
            answer = self._send(server + target, timeout)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ClusterError(failures.sentence(error, self._connection)) from error
        self._note(answer.headers)
        return answer

    def _send(self, url: str, timeout: float | None) -> _Answer:
        deadline = time.monotonic() + timeout if timeout else None
        response = self._client.rest_client.pool_manager.request(
            "GET",
            url,
            headers=self._headers,
            timeout=_timeout(timeout),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        try:
            body = response.read() if deadline is None else _read_until(response, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return _Answer(response.status, response.headers, body)

    def _note(self, headers: urllib3.HTTPHeaderDict) -> None:
        now = _date(headers.get("Date", ""))
        with self._lock:
            if now and (self.time is None or now > self.time):
                self.time = now
            for text in _WARNING.findall(", ".join(headers.getlist("Warning"))):
                self._warnings[one_line(re.sub(r"\\(.)", r"\1", text))] = None

    def _refusal(self, answer: _Answer, path: str) -> Refusal:
        words = _words(answer)
        message = failures.refused(
            self._connection, path, answer.status, words, answer.headers.get("Location", "")
        )
        return Refusal(message, answer.status, words)


def _read_until(response: Any, deadline: float) -> bytes:
    """The body, piece by piece: a server that trickles gives each of them in time."""
    chunks = []
    for chunk in response.stream(_CHUNK):
        chunks.append(chunk)
        if time.monotonic() > deadline:
            raise TimeoutError
    return b"".join(chunks)


def retry_after(status: int, value: str) -> int | None:
    """Seconds to wait before asking again; None where the answer is to be taken as it is.

    Source: client-go ``rest/with_retry.go``: only with a Retry-After in whole seconds.
    """
    if status not in (429, 503) or not re.fullmatch("[0-9]{1,9}", value.strip()):
        return None
    return min(int(value), LONGEST_WAIT)


def _timeout(seconds: float | None) -> urllib3.Timeout:
    if seconds is None:
        return urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENCE_SECONDS)
    if seconds:
        return urllib3.Timeout(total=seconds)
    return urllib3.Timeout(connect=CONNECT_SECONDS, read=None)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else None


def _words(answer: _Answer) -> str:
    """The server's own message: a Status's, or plain text; no HTML."""
    try:
        status = decoder(_Status).decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        plain = answer.headers.get("Content-Type", "").startswith("text/plain")
        return one_line(answer.body.decode("utf-8", "replace"), 200) if plain else ""
    return one_line(status.message or "") if status.kind == "Status" else ""


def _headers(connection: Connection, authorization: str) -> urllib3.HTTPHeaderDict:
    host = urlsplit(connection.server).hostname or ""
    plain = connection.cluster.disable_compression or loopback(host)
    headers = urllib3.HTTPHeaderDict(
        {
            "Accept": "application/json",
            "Accept-Encoding": "identity" if plain else "gzip",
            "User-Agent": f"kubectl-ds/{__version__}",
        }
    )
    if authorization:
        headers["Authorization"] = authorization
    for name, value in credentials.impersonation(connection.user):
        if not value.isprintable():
            raise ClusterError(f"{name} can't hold a line break or another odd character")
        headers.add(name, value.encode().decode("latin-1"))  # Go sends UTF-8 as it is
    return headers


def _client(connection: Connection, shown: credentials.Credentials) -> Any:
    from kubernetes.client import ApiClient, Configuration

    configuration = Configuration()
    configuration.host = connection.server
    configuration.verify_ssl = not connection.cluster.insecure_skip_tls_verify
    configuration.tls_server_name = connection.cluster.tls_server_name or None
    configuration.connection_pool_maxsize = THREADS
    configuration.no_proxy = None
    configuration.proxy, configuration.proxy_headers = _proxy(connection.proxy)
    client = ApiClient(configuration)
    if connection.server.startswith("https:"):
        settings = client.rest_client.pool_manager.connection_pool_kw
        settings["ssl_context"] = _tls(connection, shown)
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return client


def _proxy(proxy: str) -> tuple[str | None, dict[str, str] | None]:
    """A proxy's URL, and the header that logs in to it."""
    if not proxy:
        return None, None
    url = urlsplit(proxy)
    if url.scheme not in ("http", "https"):
        raise ClusterError(
            f"the proxy {url.scheme}://{url.netloc.rpartition('@')[2]} is not supported; "
            "use one that starts with http or https"
        )
    address = f"{url.scheme}://{url.netloc.rpartition('@')[2]}"
    if url.username is None:
        return address, None
    login = f"{unquote(url.username)}:{unquote(url.password or '')}"
    return address, dict(urllib3.make_headers(proxy_basic_auth=login))


def _tls(connection: Connection, shown: credentials.Credentials) -> ssl.SSLContext:
    """How the server is verified, and what it is shown: as strict as Go, and no stricter.

    Python 3.13 on its own refuses certificates without an authority key identifier, which many
    clusters have.
    """
    cluster = connection.cluster
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    if cluster.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        _trust(context, connection)
        if shown.certificate:
            with _file(shown.certificate) as certificate, _file(shown.key) as key:
                context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        raise ClusterError(failures.unusable_certificate(error, connection)) from error
    return context


def _trust(context: ssl.SSLContext, connection: Connection) -> None:
    cluster = connection.cluster
    if cluster.certificate_authority:
        context.load_verify_locations(cafile=cluster.certificate_authority)
    elif cluster.certificate_authority_data:
        pem = decoded(cluster.certificate_authority_data, "certificate-authority-data")
        context.load_verify_locations(cadata=pem.decode("ascii", "ignore"))
    else:
        context.load_default_certs()


def _no_password() -> str:
    raise ClusterError("the client key is encrypted, which no kubeconfig can open; decrypt it")


@contextmanager
def _file(source: str | bytes) -> Iterator[str]:
    """The path of a certificate or key; bytes are in a private file for as long as it takes."""
    if isinstance(source, str):
        yield source
        return
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "pem")
        path.touch(mode=0o600)
        path.write_bytes(source)
        yield str(path)
