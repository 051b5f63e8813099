"""What went wrong between us and an API server, in one sentence that says what to do."""

from __future__ import annotations

import socket
import ssl
import zlib
from http.client import IncompleteRead
from urllib.parse import urlsplit

import msgspec
from urllib3 import exceptions as http

from kubectl_ds.core.meta import decoder
from kubectl_ds.kube.connection import Connection, one_line, seconds

_TLS_ADVICE = (
    ("certificate has expired", "renew it, or check this machine's clock"),
    ("not yet valid", "check this machine's clock"),
    ("mismatch", "use an address that the certificate names, or --tls-server-name"),
    ("self-signed", "give the cluster's own authority with --certificate-authority"),
    ("unable to get", "give the cluster's own authority with --certificate-authority"),
)
_HUNG_UP = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_CUT_SHORT = (http.IncompleteRead, IncompleteRead, *_HUNG_UP)
_BROKEN = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, *_CUT_SHORT)


class _Status(msgspec.Struct, frozen=True):
    """The message of an API server's ``Status`` (apimachinery ``meta/v1/types.go``)."""

    kind: str = ""
    message: str | None = None


def sentence(error: Exception, connection: Connection, waited: float) -> str:
    """Say why there was no answer to a request.

    Args:
        error: what went wrong.
        connection: whom we asked.
        waited: the seconds after which it did.
    """
    cause = _cause(error)
    if _of_the_proxy(error, connection) and not isinstance(cause, ssl.SSLError):
        host = connection.proxy.rpartition("@")[2].rpartition("//")[2]
        what = f"the proxy {host} does not answer or refused ({_reason(cause)})"
        return f"can't reach {connection.server}: {what}; check proxy-url or HTTPS_PROXY"
    what, advice = _diagnosis(cause, waited)
    return f"can't reach {connection.server}: {what}; {advice}"


def _of_the_proxy(error: Exception, connection: Connection) -> bool:
    socks = connection.proxy.startswith("socks5")
    return isinstance(error, http.ProxyError) or (
        socks and isinstance(error, (http.NewConnectionError, http.ConnectTimeoutError))
    )


def broke_off(error: BaseException | None) -> bool:
    """Whether a connection that was there broke off, so that another try is worth it.

    Source: client-go ``rest/request.go``, apimachinery ``util/net`` (IsConnectionReset,
    IsProbableEOF).
    """
    return error is not None and isinstance(_cause(error), _BROKEN)


def refused(connection: Connection, path: str, status: int, words: str, location: str) -> str:
    """Say what an answer with another status than 200 means."""
    server = connection.server
    said = f": {words}" if words else ""
    if status == 401:
        who = connection.who or "our credentials"
        return (
            f"{server} does not accept {who} (401{said}); "
            "log in again, or choose another --context, --user or --token"
        )
    if 300 <= status < 400:
        target = one_line(urlsplit(location).hostname or "another page", 100)
        return (
            f"{server} sent us on to {target}, which no Kubernetes API does; "
            "is it a login page? Check the server's address"
        )
    return f"{server} answered {status} to GET {path}{said}; {_advice(status)}"


def words(body: bytes, media: str) -> str:
    """The server's own message: a Status's, or plain text; no HTML."""
    try:
        status = decoder(_Status).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        plain = media.startswith("text/plain")
        return one_line(body.decode("utf-8", "replace"), 200) if plain else ""
    return one_line(status.message or "") if status.kind == "Status" else ""


def unusable(what: str, error: Exception, connection: Connection) -> str:
    """Say that a certificate can't be loaded."""
    return (
        f"can't load the {what}, to ask {connection.server}: {_reason(error)}; "
        "check it in the kubeconfig, or the flag that names it"
    )


def _advice(status: int) -> str:
    if status == 403:
        return "ask for that right, or choose another --context, --user or --as"
    if status in (404, 400):
        return "check the server's address: is this the API of a cluster?"
    return "try again, or ask those who run the cluster"


def _diagnosis(cause: BaseException, waited: float) -> tuple[str, str]:
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, _HUNG_UP):
        return _tls(cause)
    if isinstance(cause, (http.NameResolutionError, socket.gaierror)):
        return "its name can't be resolved", "check the server's address, or the network or VPN"
    if isinstance(cause, (http.TimeoutError, TimeoutError)):
        what = f"no answer within {seconds(waited)}"
        return what, "check the network or VPN, or raise --request-timeout"
    if isinstance(cause, ConnectionRefusedError):
        return "connection refused", "is the cluster running, and the address right?"
    if isinstance(cause, (*_CUT_SHORT, http.DecodeError, zlib.error)):
        return "its answer is cut short or damaged", "try again, or check what is in between"
    if isinstance(cause, http.LocationValueError):
        return "that is no address", "check the server's address"
    return _reason(cause), "try again, or check the network or VPN"


def _tls(error: ssl.SSLError) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = error.verify_message
        advice = (
            advice for words, advice in _TLS_ADVICE if words in text.replace("self ", "self-")
        )
        return f"its certificate is not trusted: {text}", next(
            advice, "check the server's certificate"
        )
    if error.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"):
        return "it does not speak TLS", "should its address start with http://?"
    return f"TLS failed ({_reason(error)})", "check the server's address and the client certificate"


def _cause(error: BaseException) -> BaseException:
    """The innermost error: urllib3 wraps those of the system."""
    inner = [item for item in (error.__cause__, *error.args) if isinstance(item, Exception)]
    inner += [item for item in (getattr(error, "reason", None),) if isinstance(item, Exception)]
    inner = [item for item in inner if item is not error]
    return _cause(inner[0]) if inner else error


def _reason(error: BaseException) -> str:
    text = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return one_line(str(text), 120) or type(error).__name__
