"""The ID token of a user whose ``auth-provider`` is ``oidc``.

A token that has expired is renewed by kubectl itself, which is beside every plugin: this program
speaks to no identity provider.

Source: client-go ``plugin/pkg/client/auth/oidc/oidc.go``, idToken.
"""

from __future__ import annotations

import base64
import binascii
import math
import os
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import msgspec

from kubectl_ds.errors import ClusterError, KubectlDsError
from kubectl_ds.kube import kubefiles
from kubectl_ds.kube.connection import AuthProviderEntry, Connection, one_line

_LEEWAY = 10.0
_LONGEST = 60.0
_SECRETS = ("id-token", "refresh-token", "client-secret")

# kubectl replaces the refresh token: of several contexts of one user only one may renew it.
_renewing = Lock()

Config = Mapping[str, str | None]


class _Claims(msgspec.Struct, frozen=True):
    exp: int | float | None = None


def id_token(connection: Connection, provider: AuthProviderEntry) -> tuple[str, float]:
    """The token to show, and until when, in seconds since 1970.

    Raises:
        ClusterError: there is none that is valid, and none to be had.
    """
    who = f'the user "{connection.user_name}"'
    with _renewing:
        config = _config(connection, provider)
        token, until = _token(config, who)
        if time.time() < until:
            return token, until
        if not config.get("refresh-token"):
            raise ClusterError(
                f"{who} has no valid id-token, and without a refresh-token none can be had; "
                "log in again"
            )
        words = _renew(connection, who)
        renewed = _config(connection, provider)
        token, until = _token(renewed, who)
    if time.time() < until:
        return token, until
    why = one_line(_without_secrets(words, config, renewed))
    raise ClusterError(
        f"the id-token of {who} has expired and kubectl did not renew it"
        f"{': ' * bool(why)}{why}; log in again"
    )


def _config(connection: Connection, provider: AuthProviderEntry) -> Config:
    """The provider's settings as they are in the kubeconfig now."""
    known = provider.config or {}
    if not os.path.isfile(provider.kubeconfig):  # a pipe can be read only once
        return known
    try:
        config = kubefiles.load(provider.kubeconfig, {}, Path())
    except KubectlDsError:
        return known
    user = config.users.get(connection.user_name)
    return user.auth_provider.config or {} if user and user.auth_provider else known


def _token(config: Config, who: str) -> tuple[str, float]:
    token = config.get("id-token") or ""
    if not token:
        return "", -math.inf
    try:
        _, payload, _ = token.split(".")
        padded = payload + "=" * (-len(payload) % 4)
        text = base64.b64decode(padded, "-_", validate=True)
        claims = msgspec.json.decode(text, type=_Claims, strict=False)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise ClusterError(f"the id-token of {who} is no JSON Web Token; log in again") from None
    return token, (claims.exp or 0) - _LEEWAY


def _renew(connection: Connection, who: str) -> str:
    """Let kubectl renew the token and write it to the kubeconfig; what it says on stderr."""
    import shutil
    import subprocess

    binary = os.environ.get("KUBECTL_PATH") or shutil.which("kubectl")
    failed = f"the id-token of {who} has expired, and kubectl, which renews it,"
    if not binary:
        raise ClusterError(f"{failed} is not on PATH; install it, or log in again")
    command = [binary, "get", "--raw", "/version", *connection.kubectl]
    try:
        done = subprocess.run(  # noqa: S603 (kubectl with the user's own flags)
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ClusterError(f"{failed} did not end within {_LONGEST:.0f} s; log in again") from None
    except (OSError, ValueError) as error:
        raise ClusterError(f"{failed} can't be run: {one_line(str(error))}") from None
    return done.stderr.decode("utf-8", "replace")


def _without_secrets(words: str, *configs: Config) -> str:
    words = words.partition("Response:")[0]  # the provider's own, which may hold new ones
    for config in configs:
        for secret in filter(None, map(config.get, _SECRETS)):
            words = words.replace(secret, "…")
    return words
