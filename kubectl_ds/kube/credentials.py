"""What a user shows to the API server: a token, a password, a client certificate.

Sources: client-go ``plugin/pkg/client/auth/exec/exec.go``, ``transport/token_source.go``,
``transport/round_trippers.go``.
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Callable
from threading import Lock
from urllib.parse import quote

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import Connection, ExecEntry, Guarded, UserEntry
from kubectl_ds.kube.validation import decoded

# A token file is read anew each minute, less a leeway of ten seconds.
_FILE_SECONDS = 50.0
# All who need credentials at once fail by one failure: a plugin may open a browser each time.
_FAILED_SECONDS = 10.0


class Credentials(Guarded, frozen=True):
    """What one user shows; a certificate is a file, or the bytes of one, and so is its key.

    Attributes:
        until: when to obtain them anew, in seconds since 1970; infinite where only the server
            can say; None where there is nothing else to be had.
    """

    authorization: str = ""
    certificate: str | bytes = ""
    key: str | bytes = ""
    until: float | None = None

    @property
    def shown(self) -> tuple[str, str | bytes, str | bytes]:
        """What the server gets to see."""
        return self.authorization, self.certificate, self.key


class Login:
    """The credentials of one connection's user, obtained when they are needed and kept.

    May be used by several threads; only one of them obtains.
    """

    def __init__(self, connection: Connection, now: Callable[[], float] = time.time) -> None:
        """Get ready; nothing is read or run yet.

        Args:
            connection: the cluster and the user.
            now: tells the time, in seconds since 1970.
        """
        self._connection = connection
        self._now = now
        self._lock = Lock()
        self._held: Credentials | None = None
        self._failure = ""
        self._failed = -math.inf

    def current(self) -> Credentials:
        """What to show now; obtained where there is nothing yet, or it has expired.

        Raises:
            ClusterError: see ``obtain``.
        """
        with self._lock:
            held = self._held
            if held is None or (held.until is not None and self._now() > held.until):
                held = self._anew()
            return held

    def renewed(self, used: Credentials) -> Credentials | None:
        """What to show instead of credentials that the server refused (401).

        Returns:
            None where nothing other than ``used`` is to be had.

        Raises:
            ClusterError: see ``obtain``.
        """
        with self._lock:
            held = self._held
            if (held is None or held.shown == used.shown) and used.until is not None:
                held = self._anew()
            return held if held and held.shown != used.shown else None

    def _anew(self) -> Credentials:
        if self._now() < self._failed + _FAILED_SECONDS:
            raise ClusterError(self._failure)
        path = self._connection.user.token_file
        try:
            if self._held is None or not path or _from_file(path):
                self._held = obtain(self._connection)
        except ClusterError as error:
            self._failure, self._failed = str(error), self._now()
            raise
        return self._held  # of a file that can't be read any more: what it last held


def obtain(connection: Connection) -> Credentials:
    """The credentials of a connection's user; runs the credential plugin where there is one.

    A server without TLS gets none, as with kubectl.

    Raises:
        ClusterError: there should be some and there are none; never goes on without.
    """
    if not connection.server.startswith("https:"):
        return Credentials()
    user = connection.user
    who = f'the user "{connection.user_name}"'
    authorization = _authorization(user, who, connection.shown)
    until = time.time() + _FILE_SECONDS if user.token_file else None
    if not authorization and user.auth_provider is not None:
        from kubectl_ds.kube.oidc import id_token

        token, until = id_token(connection, user.auth_provider)
        authorization = _bearer(token, f"the token of {who}")
    if user.client_certificate or user.client_certificate_data:
        return Credentials(
            authorization=authorization,
            certificate=_pem(user.client_certificate, user.client_certificate_data),
            key=_pem(user.client_key, user.client_key_data),
            until=until,
        )
    if authorization:
        return Credentials(authorization=authorization, until=until)
    if user.exec is not None:
        return _from_plugin(user.exec, connection)
    raise ClusterError(_nobody(connection))


def _nobody(connection: Connection) -> str:
    """Where kubectl would ask for a password: nobody ever means to be anonymous."""
    if not connection.user_name:
        return f"no user to be for {connection.server}; use --user or --token"
    return (
        f'the user "{connection.user_name}" has no token, certificate or credential plugin; '
        "add one to the kubeconfig, or give --token"
    )


def impersonation(user: UserEntry) -> list[tuple[str, str]]:
    """The headers that ask the server to act as somebody else; a name may come several times."""
    if not user.as_user:
        return []
    headers = [("Impersonate-User", user.as_user)]
    if user.as_uid:
        headers.append(("Impersonate-Uid", user.as_uid))
    headers += [("Impersonate-Group", group) for group in user.as_groups or ()]
    for key, values in (user.as_user_extra or {}).items():
        name = "Impersonate-Extra-" + quote(key, safe="!#$&'*+^`|")
        headers += [(name, value) for value in values or ()]
    return headers


def _pem(path: str | None, data: str | None) -> str | bytes:
    return path or decoded(data or "", "the client certificate or its key")


def _authorization(user: UserEntry, who: str, shown: str) -> str:
    token = _token(user, who)
    if token:
        return _bearer(token, shown or f"the token of {who}")
    if not user.username:
        return ""  # of a password alone nobody can tell whose it is
    pair = f"{user.username}:{user.password or ''}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def _bearer(token: str, what: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise ClusterError(f"{what} holds a line break or another odd character")
    return f"Bearer {token}"


def _token(user: UserEntry, who: str) -> str:
    """The token: the file's, read anew, wins over the one written down."""
    written = user.token or ""
    if not user.token_file:
        return written
    token = _from_file(user.token_file)
    if not token and not written:
        raise ClusterError(f"the token file {user.token_file} of {who} is empty or unreadable")
    return token or written


def _from_file(path: str) -> str:
    """The token that a file holds; empty where it can't be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, ValueError):
        return ""


def _from_plugin(plugin: ExecEntry, connection: Connection) -> Credentials:
    from kubectl_ds.kube import plugins

    status = plugins.run(plugin, connection)
    name = plugin.command
    certificate, key = status.client_certificate_data, status.client_key_data
    if bool(certificate) != bool(key):
        raise ClusterError(f'the credential plugin "{name}" gave only a certificate or only a key')
    if not (status.token or certificate):
        raise ClusterError(f'the credential plugin "{name}" gave no token and no certificate')
    return Credentials(
        authorization=_bearer(status.token, f'the token of the plugin "{name}"')
        if status.token
        else "",
        certificate=(certificate or "").encode(),
        key=(key or "").encode(),
        until=status.expiration_timestamp.timestamp() if status.expiration_timestamp else math.inf,
    )
