"""Whether the settings for a cluster can be used; where they can't, why.

Source: client-go ``tools/clientcmd/validation.go``. What kubectl can do and this program can't is
refused here as well: going on without it would mean to ask as somebody else.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from posixpath import normpath
from urllib.parse import quote, unquote, urlsplit

from kubectl_ds.errors import ClusterError, NotFound, UsageError
from kubectl_ds.kube.connection import (
    AuthProviderEntry,
    ClusterEntry,
    ExecEntry,
    UserEntry,
    one_line,
)

EXEC_VERSIONS = (
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
)
_WITH_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]*)?")
_BLANK = re.compile(r"[\x00-\x20\x7f]")
_PROXY_SCHEMES = ("http", "https", "socks5")
ENVIRONMENT_SCHEMES = (*_PROXY_SCHEMES, "socks5h")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def server_url(server: str) -> str:
    """The server's address as a URL; without a scheme it means http, as for kubectl.

    Raises:
        ClusterError: it is no address.

    Source: client-go ``rest/url_utils.go``, DefaultServerURL; its path is joined by Go's rules.
    """
    whole = bool(_WITH_SCHEME.match(server))
    try:
        url = urlsplit(server if whole else f"http://{server}")
        usable = url.scheme in ("http", "https") and _HOST.fullmatch(url.netloc) and url.port != 0
    except ValueError:
        usable = None
    if not usable or _BLANK.search(server) or not (whole or url.path in ("", "/")):
        shown = one_line(server.rpartition("@")[2], 100)
        hint = "HOST:PORT; a user's name and password belong to the user" * ("@" in server)
        raise ClusterError(f'"{shown}" is no server address; use https://{hint or "HOST:PORT"}')
    path = quote(normpath(unquote("/" + url.path.lstrip("/"))), safe="/$&+,:;=@")
    return f"{url.scheme}://{url.netloc.rstrip(':')}{path.rstrip('/')}"


def proxy_url(proxy: str, what: str, schemes: Sequence[str] = _PROXY_SCHEMES) -> str:
    """The same URL, or nothing for no proxy.

    Args:
        proxy: the URL; empty for none.
        what: what says so.
        schemes: those that it may have.

    Raises:
        ClusterError: it is no URL; the message does not show it, for it may hold a password.
    """
    try:
        url = urlsplit(proxy)
        usable = url.scheme in schemes and url.hostname and url.port != 0
    except ValueError:
        usable = False
    if proxy and (not usable or _BLANK.search(proxy)):
        raise ClusterError(f"{what} is no URL of a proxy; use http://HOST:PORT")
    return proxy


def check_cluster(cluster: ClusterEntry, name: str) -> None:
    """Refuse the settings of a cluster that kubectl would refuse.

    Raises:
        ClusterError: they contradict each other, or one is missing or damaged.
        NotFound: a file that they name does not exist.
    """
    who = f'the cluster "{name}"' if name else "the cluster"
    _check_pair(
        who,
        "certificate-authority",
        cluster.certificate_authority,
        cluster.certificate_authority_data,
    )
    if cluster.insecure_skip_tls_verify and (
        cluster.certificate_authority or cluster.certificate_authority_data
    ):
        raise ClusterError(
            f"{who} has a certificate-authority and insecure-skip-tls-verify; keep only one"
        )
    proxy_url(cluster.proxy_url or "", f"the proxy-url of {who}")


def check_user(user: UserEntry, name: str) -> None:
    """Refuse the settings of a user that kubectl would refuse, or that we don't implement.

    Raises:
        ClusterError: they contradict each other, or one is missing, damaged or not supported.
        NotFound: a file that they name does not exist.
        UsageError: groups or a UID to impersonate, and no user.
    """
    who = f'the user "{name}"' if name else "the user"
    _check_certificate(user, who)
    # transport/round_trippers.go refuses the second of these two.
    if (user.token and (user.username or user.password)) or (user.token_file and user.username):
        raise ClusterError(f"{who} has a token and a password; keep only one")
    if (user.as_uid or user.as_groups or user.as_user_extra) and not user.as_user:
        raise UsageError("a group, UID or extra can only be impersonated with a user; add --as")
    if user.exec is not None and user.auth_provider is not None:
        raise ClusterError(f"{who} has a credential plugin and an auth-provider; keep only one")
    if user.exec is not None:
        _check_exec(user.exec, who)
    if user.auth_provider is not None:
        _check_auth_provider(user.auth_provider, who)


def check_data(entry: ClusterEntry | UserEntry, fields: tuple[str, ...], who: str) -> None:
    """Refuse ``…-data`` that is not base64, also in an entry that nobody uses.

    Raises:
        ClusterError: see ``decoded``.
    """
    for name in fields:
        decoded(getattr(entry, name) or "", f"{name.replace('_', '-')} of {who}")


def decoded(data: str, what: str) -> bytes:
    """The bytes of a ``…-data`` field.

    Raises:
        ClusterError: it is not base64; the message names the field and nothing of its content.
    """
    line = data.replace("\r", "").replace("\n", "")
    try:
        content = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        content = None
    if content is None or len(line) % 4:  # Python overlooks padding that is too much
        raise ClusterError(f"{what} is not valid base64; write the kubeconfig anew")
    return content


def _check_certificate(user: UserEntry, who: str) -> None:
    pairs = {
        "client-certificate": (user.client_certificate, user.client_certificate_data),
        "client-key": (user.client_key, user.client_key_data),
    }
    if not any(pairs["client-certificate"]):
        return
    for what, (path, data) in pairs.items():
        _check_pair(who, what, path, data)
    if not any(pairs["client-key"]):
        raise ClusterError(f"{who} has a client-certificate without a client-key; add it")


def _check_pair(who: str, what: str, path: str | None, data: str | None) -> None:
    if path and data:
        raise ClusterError(f"{who} has both {what} and {what}-data; keep only one")
    if path:
        _check_readable(path, f"{what} of {who}")


def _check_readable(path: str, what: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except FileNotFoundError:
        raise NotFound(f"no such file: {path} ({what})") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ClusterError(f"can't read {one_line(path)} ({what}): {why}") from None


def _check_auth_provider(provider: AuthProviderEntry, who: str) -> None:
    """Source: client-go ``plugin/pkg/client/auth/oidc/oidc.go``, newOIDCAuthProvider."""
    if provider.name != "oidc":
        raise ClusterError(
            f'{who} logs in through the auth-provider "{one_line(provider.name)}", which is not '
            "supported; use a credential plugin (exec) in the kubeconfig"
        )
    config = provider.config or {}
    for name in ("idp-issuer-url", "client-id"):
        if not config.get(name):
            raise ClusterError(f"the auth-provider of {who} has no {name}; add it")
    authority = "idp-certificate-authority"
    decoded(config.get(f"{authority}-data") or "", f"{authority}-data of {who}")
    if path := config.get(authority):
        _check_readable(path, f"{authority} of {who}")


def _check_exec(plugin: ExecEntry, who: str) -> None:
    if not plugin.command:
        raise ClusterError(f"the credential plugin of {who} has no command; add it")
    if plugin.api_version not in EXEC_VERSIONS:
        raise ClusterError(
            f'the credential plugin of {who} has the apiVersion "{plugin.api_version or ""}"; '
            f"only {' and '.join(EXEC_VERSIONS)} are left"
        )
    if not all(item.name for item in plugin.env or ()):
        raise ClusterError(f"the credential plugin of {who} has an env without a name; add it")
    # Only v1 has no default (client-go api/v1/defaults.go).
    has_default = plugin.api_version != EXEC_VERSIONS[0]
    if plugin.interactive_mode not in _INTERACTIVE_MODES + (None, "") * has_default:
        raise ClusterError(
            f"the credential plugin of {who} needs an interactiveMode: "
            f"{', '.join(_INTERACTIVE_MODES)}"
        )
