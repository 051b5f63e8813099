"""What a user shows to the API server: a token, a password, a client certificate.

Sources: client-go ``plugin/pkg/client/auth/exec/exec.go``, ``transport/token_source.go``,
``transport/round_trippers.go``.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import msgspec

from kubectl_ds.core.meta import decoder
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import Connection, ExecEntry, Guarded, UserEntry, one_line
from kubectl_ds.kube.validation import decoded

_EXTENSION = "client.authentication.k8s.io/exec"


class Credentials(Guarded, frozen=True):
    """What one user shows; a certificate is a file, or the bytes of one, and so is its key."""

    authorization: str = ""
    certificate: str | bytes = ""
    key: str | bytes = ""


class _Status(Guarded, frozen=True, rename="camel"):
    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None


class _ExecCredential(Guarded, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: _Status | None = None


def obtain(connection: Connection) -> Credentials:
    """The credentials of a connection's user; runs the credential plugin where there is one.

    A server without TLS gets none, as with kubectl.

    Raises:
        ClusterError: there should be some and there are none; never goes on without.
    """
    if not connection.server.startswith("https:"):
        return Credentials()
    user = connection.user
    authorization = _authorization(user, f'user "{connection.user_name}"')
    if user.client_certificate or user.client_certificate_data:
        return Credentials(
            authorization=authorization,
            certificate=_pem(user.client_certificate, user.client_certificate_data),
            key=_pem(user.client_key, user.client_key_data),
        )
    if authorization:
        return Credentials(authorization=authorization)
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


def _authorization(user: UserEntry, who: str) -> str:
    token = _token(user, who)
    if token:
        return _bearer(token, who)
    if not (user.username or user.password):
        return ""
    pair = f"{user.username or ''}:{user.password or ''}".encode()
    return "Basic " + base64.b64encode(pair).decode()


def _bearer(token: str, who: str) -> str:
    if not (token.isascii() and token.isprintable()):
        raise ClusterError(f"the token of the {who} holds a line break or another odd character")
    return f"Bearer {token}"


def _token(user: UserEntry, who: str) -> str:
    """The token: the file's, read anew, wins over the one written down."""
    written = (user.token or "").strip()
    if not user.token_file:
        return written
    try:
        with open(user.token_file, encoding="utf-8") as file:
            token = file.read().strip()
    except (OSError, ValueError):
        token = ""
    if not token and not written:
        raise ClusterError(f"the token file {user.token_file} of the {who} is empty or unreadable")
    return token or written


def _from_plugin(plugin: ExecEntry, connection: Connection) -> Credentials:
    status = _run(plugin, connection)
    name = plugin.command
    certificate, key = status.client_certificate_data, status.client_key_data
    if bool(certificate) != bool(key):
        raise ClusterError(f'the credential plugin "{name}" gave only a certificate or only a key')
    if not (status.token or certificate):
        raise ClusterError(f'the credential plugin "{name}" gave no token and no certificate')
    return Credentials(
        authorization=_bearer(status.token, f'plugin "{name}"') if status.token else "",
        certificate=(certificate or "").encode(),
        key=(key or "").encode(),
    )


def _run(plugin: ExecEntry, connection: Connection) -> _Status:
    interactive = _interactive(plugin)
    command = [_executable(plugin), *(plugin.args or ())]
    environment = {item.name: item.value or "" for item in plugin.env or ()}
    environment["KUBERNETES_EXEC_INFO"] = _info(plugin, connection, interactive)
    try:
        done = subprocess.run(  # noqa: S603 (the kubeconfig names the command, as for kubectl)
            command,
            env={**os.environ, **environment},
            stdin=None if interactive else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=False,
        )
    except (OSError, ValueError) as error:
        raise ClusterError(_failed(plugin, f"can't be run: {one_line(str(error))}")) from None
    if done.returncode != 0:
        raise ClusterError(_failed(plugin, f"failed with exit code {done.returncode}"))
    return _status(done.stdout, plugin)


def _executable(plugin: ExecEntry) -> str:
    import shutil

    found = shutil.which(plugin.command or "")
    if found is None:
        raise ClusterError(_failed(plugin, "is not installed"))
    return found


def _interactive(plugin: ExecEntry) -> bool:
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if plugin.interactive_mode == "Always" and not terminal:
        raise ClusterError(_failed(plugin, "needs a terminal as standard input"))
    return terminal and plugin.interactive_mode != "Never"


def _failed(plugin: ExecEntry, what: str) -> str:
    hint = (
        one_line(plugin.install_hint or "") or "log in again, or check the user in the kubeconfig"
    )
    return f'the credential plugin "{plugin.command}" {what}; {hint}'


def _status(output: bytes, plugin: ExecEntry) -> _Status:
    try:
        credential: _ExecCredential = decoder(_ExecCredential).decode(output)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ClusterError(_failed(plugin, "printed no credentials")) from None
    if credential.kind != "ExecCredential" or credential.api_version != plugin.api_version:
        raise ClusterError(_failed(plugin, f"did not answer in {plugin.api_version}"))
    return credential.status or _Status()


def _info(plugin: ExecEntry, connection: Connection, interactive: bool) -> str:
    spec: dict[str, Any] = {"interactive": interactive}
    if plugin.provide_cluster_info:
        spec["cluster"] = _cluster_info(connection)
    document = {"kind": "ExecCredential", "apiVersion": plugin.api_version, "spec": spec}
    return msgspec.json.encode(document).decode()


def _cluster_info(connection: Connection) -> dict[str, Any]:
    """What a plugin may know of the cluster (client-go ``rest/exec.go``, ConfigToExecCluster)."""
    cluster = connection.cluster
    authority = cluster.certificate_authority_data
    if cluster.certificate_authority:
        with open(cluster.certificate_authority, "rb") as file:
            authority = base64.b64encode(file.read()).decode()
    info = {
        "server": connection.server,
        "tls-server-name": cluster.tls_server_name,
        "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
        "certificate-authority-data": authority,
        "proxy-url": cluster.proxy_url,
        "disable-compression": cluster.disable_compression,
        "config": next(
            (item.extension for item in cluster.extensions or () if item.name == _EXTENSION), None
        ),
    }
    return {key: value for key, value in info.items() if value}
