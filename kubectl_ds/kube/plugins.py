"""Credential plugins: the programs that a kubeconfig names to log in, run as kubectl runs them.

Source: client-go ``plugin/pkg/client/auth/exec/exec.go``. That they are bounded is our own: kubectl
waits for ever.
"""

from __future__ import annotations

import base64
import os
import sys
from contextlib import nullcontext
from datetime import datetime
from typing import Annotated, Any

import msgspec

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import policy, programs, turns
from kubectl_ds.kube.connection import Connection, ExecEntry, Guarded, one_line, seconds
from kubectl_ds.kube.kubeconfig import home_directory

_EXTENSION = "client.authentication.k8s.io/exec"
_LONGEST = 120.0  # seconds: a login in a browser takes one minute
_LOG_IN = "log in again, or check the user in the kubeconfig"
_RUN_IT = "run it in a terminal, with nothing piped into it"


class Status(Guarded, frozen=True, rename="camel"):
    """What a plugin brings; the certificate and its key are PEM."""

    token: str | None = None
    client_certificate_data: str | None = None
    client_key_data: str | None = None
    expiration_timestamp: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class _ExecCredential(Guarded, frozen=True, rename="camel"):
    api_version: str = ""
    kind: str = ""
    status: Status | None = None


def run(plugin: ExecEntry, connection: Connection) -> Status:
    """Run a plugin; what it brings.

    One that may ask something on the terminal has it for itself, for any time. Another one is ended
    after two minutes, or the ``request_timeout``; that it takes long is said before.

    Raises:
        ClusterError: it may not or can't be run, failed, took too long or printed no credentials.
    """
    interactive = _interactive(plugin)
    command = [_executable(plugin), *(plugin.args or ())]
    environment = {item.name: item.value or "" for item in plugin.env or ()}
    environment["KUBERNETES_EXEC_INFO"] = _info(plugin, connection, interactive)
    limit = None if interactive else _limit(connection)
    try:
        with turns.plugin() if interactive else nullcontext():
            if interactive and connection.one_of_several:
                turns.say(_about(connection, f"running {plugin.command}"))
            done = programs.run(
                command,
                environment,
                limit,
                None if interactive else lambda: turns.say(_waiting(plugin, connection)),
            )
    except TimeoutError:
        raise ClusterError(_late(plugin, limit or 0)) from None
    except (OSError, ValueError) as error:
        raise ClusterError(_failed(plugin, f"can't be run: {one_line(str(error))}")) from None
    if done.code != 0:
        raise ClusterError(_failed(plugin, f"failed with exit code {done.code}"))
    return _status(done.output, plugin)


def _limit(connection: Connection) -> float | None:
    given = connection.request_timeout
    return _LONGEST if given is None else given or None


def _about(connection: Connection, what: str) -> str:
    return one_line(f"context {connection.context}: {what}" if connection.context else what)


def _waiting(plugin: ExecEntry, connection: Connection) -> str:
    return _about(connection, f'waiting for the credential plugin "{plugin.command}"')


def _late(plugin: ExecEntry, limit: float) -> str:
    return (
        f'the credential plugin "{plugin.command}" did not end within {seconds(limit)} and was '
        "stopped; log in again, or raise --request-timeout"
    )


def _executable(plugin: ExecEntry) -> str:
    import shutil

    command = plugin.command or ""
    found = shutil.which(command)
    if found is None:
        raise ClusterError(_failed(plugin, "is not installed"))
    if not os.path.isabs(found):  # Go's os/exec, ErrDot: by a dot in PATH
        raise ClusterError(_failed(plugin, "was found in the working directory alone"))
    policy.check_allowed(command, found, os.environ, home_directory(os.environ))
    return found


def _interactive(plugin: ExecEntry) -> bool:
    terminal = sys.stdin is not None and sys.stdin.isatty()
    if plugin.interactive_mode == "Always" and not terminal:
        raise ClusterError(_failed(plugin, "needs a terminal as standard input", _RUN_IT))
    return terminal and plugin.interactive_mode != "Never"


def _failed(plugin: ExecEntry, what: str, advice: str = _LOG_IN) -> str:
    hint = one_line(plugin.install_hint or "") or advice
    return f'the credential plugin "{plugin.command}" {what}; {hint}'


def _status(output: bytes, plugin: ExecEntry) -> Status:
    import yaml

    from kubectl_ds.kube import kubeyaml

    try:
        credential = msgspec.convert(kubeyaml.load(output), _ExecCredential)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ClusterError(_failed(plugin, "printed no credentials")) from None
    if credential.kind != "ExecCredential" or credential.api_version != plugin.api_version:
        raise ClusterError(_failed(plugin, f"did not answer in {plugin.api_version}"))
    return credential.status or Status()


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
        authority = base64.b64encode(_content(cluster.certificate_authority)).decode()
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


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise ClusterError(
            f"can't read the certificate-authority {path}: {error.strerror}"
        ) from None
