"""Connections to one API server: directly or through a proxy, and how they are secured."""

from __future__ import annotations

import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from kubectl_ds import __version__
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import credentials, failures
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.credentials import Credentials
from kubectl_ds.kube.prompt import prompt
from kubectl_ds.kube.proxies import loopback
from kubectl_ds.kube.validation import decoded

# A watch may be silent for minutes: that its server is gone is found out within one.
_KEEP_ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))


def pools(connection: Connection, shown: Credentials, threads: int) -> urllib3.PoolManager:
    """Connections for a number of threads, none of which is opened yet.

    Raises:
        ClusterError: a certificate or key can't be loaded.
    """
    settings: dict[str, Any] = {
        "maxsize": threads,
        "socket_options": [*urllib3.connection.HTTPConnection.default_socket_options, *_alive()],
    }
    if connection.server.startswith("https:"):
        settings["ssl_context"] = _tls(connection, shown)
        settings["server_hostname"] = connection.cluster.tls_server_name or None
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    return prompt(_manager(connection.proxy, settings))


def headers(connection: Connection, authorization: str) -> urllib3.HTTPHeaderDict:
    """What every request says of us.

    Raises:
        ClusterError: whom to impersonate can't be said in a header.
    """
    host = urlsplit(connection.server).hostname or ""
    plain = connection.cluster.disable_compression or loopback(host)
    found = urllib3.HTTPHeaderDict(
        {
            "Accept": "application/json",
            "Accept-Encoding": "identity" if plain else "gzip",
            "User-Agent": f"kubectl-ds/{__version__}",
        }
    )
    if authorization:
        found["Authorization"] = authorization
    for name, value in credentials.impersonation(connection.user):
        if not value.isprintable():
            raise ClusterError(f"{name} can't hold a line break or another odd character")
        found.add(name, value.encode().decode("latin-1"))  # Go sends UTF-8 as it is
    return found


def plain(headers: urllib3.HTTPHeaderDict) -> urllib3.HTTPHeaderDict:
    """The same without compression, which would hold back what is there already."""
    plain = headers.copy()
    plain["Accept-Encoding"] = "identity"
    return plain


def _alive() -> Iterator[tuple[int, int, int]]:
    yield (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        if hasattr(socket, name):  # systems know different ones
            yield (socket.IPPROTO_TCP, getattr(socket, name), value)


def _manager(proxy: str, settings: dict[str, Any]) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(**settings)
    url = urlsplit(proxy)
    address = url.netloc.rpartition("@")[2]
    login = [unquote(part) for part in (url.username, url.password) if part is not None]
    if url.scheme.startswith("socks5"):
        from urllib3.contrib.socks import SOCKSProxyManager

        # Go leaves it to a SOCKS proxy to resolve the server's name.
        name, password = [*login, "", ""][:2] if login else (None, None)
        return SOCKSProxyManager(f"socks5h://{address}", name, password, **settings)
    basic = urllib3.make_headers(proxy_basic_auth=":".join([*login, ""][:2])) if login else None
    return urllib3.ProxyManager(
        f"{url.scheme}://{address}",
        proxy_headers=basic,
        proxy_ssl_context=settings.get("ssl_context"),  # as Go: one trust for both
        **settings,
    )


def _tls(connection: Connection, shown: Credentials) -> ssl.SSLContext:
    """How the server is verified, and what it is shown: as strict as Go, and no stricter.

    Python 3.13 on its own refuses certificates without an authority key identifier, which many
    clusters have.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    if connection.cluster.insecure_skip_tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    with _loading("certificate authority of the cluster", connection):
        _trust(context, connection)
    if shown.certificate:
        with (
            _loading(f"client certificate and key{_whose(connection)}", connection),
            _file(shown.certificate) as certificate,
            _file(shown.key) as key,
        ):
            context.load_cert_chain(certificate, key, password=_no_password)
    return context


def _whose(connection: Connection) -> str:
    return f' of the user "{connection.user_name}"' if connection.user_name else ""


@contextmanager
def _loading(what: str, connection: Connection) -> Iterator[None]:
    """Tell what it is that can't be loaded, before anything is sent."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise ClusterError(failures.unusable(what, error, connection)) from error


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
