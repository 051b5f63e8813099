"""Whether the settings for a cluster can be used; where they can't, why.

Source: client-go ``tools/clientcmd/validation.go``. What kubectl can do and this program can't is
refused here as well: going on without it would mean to ask as somebody else.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlsplit

from kubectl_ds.errors import ClusterError, NotFound, UsageError
from kubectl_ds.kube.connection import ClusterEntry, ExecEntry, UserEntry, one_line

EXEC_VERSIONS = (
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
)
_PROXY_SCHEMES = ("http", "https", "socks5")
_INTERACTIVE_MODES = ("Never", "IfAvailable", "Always")


def server_url(server: str) -> str:
    """The server's address as a URL; without a scheme it means http, as for kubectl.

    Raises:
        ClusterError: it is no address.
    """
    try:
        url = urlsplit(server)
        if not url.scheme or not url.netloc:
            url = urlsplit(f"http://{server}")
        usable = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in url.netloc:
        shown = server.rpartition("@")[2]
        raise ClusterError(f'"{shown}" is no server address; use https://HOST:PORT')
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}"


def proxy_url(proxy: str, what: str) -> str:
    """The same URL, or nothing for no proxy.

    Raises:
        ClusterError: it is no URL; the message does not show it, for it may hold a password.
    """
    try:
        url = urlsplit(proxy)
        usable = url.scheme in _PROXY_SCHEMES and url.hostname and url.port != 0
    except ValueError:
        usable = False
    if proxy and not usable:
        raise ClusterError(f"{what} is no URL of a proxy; use http://HOST:PORT")
    return proxy


def check_cluster(cluster: ClusterEntry, name: str) -> None:
    """Refuse the settings of a cluster that kubectl would refuse.

    Raises:
        ClusterError: they contradict each other, or one is missing or damaged.
        NotFound: a file that they name does not exist.
    """
    who = f'the cluster "{name}"' if name else "the cluster"
    if not cluster.server:
        raise ClusterError(f"{who} has no server; add one to the kubeconfig, or use --server")
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
    if user.token and (user.username or user.password):
        raise ClusterError(f"{who} has a token and a password; keep only one")
    if (user.as_uid or user.as_groups or user.as_user_extra) and not user.as_user:
        raise UsageError("a group or a UID can only be impersonated with a user; add --as")
    if user.exec is not None:
        _check_exec(user.exec, who)
    if user.auth_provider is not None and not user.token:
        raise ClusterError(
            f'{who} logs in through the auth-provider "{user.auth_provider.name}", which is not '
            "supported; use a credential plugin (exec) in the kubeconfig, or --token"
        )


def decoded(data: str, what: str) -> bytes:
    """The bytes of a ``…-data`` field.

    Raises:
        ClusterError: it is not base64; the message names the field and nothing of its content.
    """
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ClusterError(f"{what} is not valid base64; write the kubeconfig anew") from None


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
    if data:
        decoded(data, f"{what}-data of {who}")
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


def _check_exec(plugin: ExecEntry, who: str) -> None:
    if not plugin.command:
        raise ClusterError(f"the credential plugin of {who} has no command; add it")
    if plugin.api_version not in EXEC_VERSIONS:
        raise ClusterError(
            f'the credential plugin of {who} has the apiVersion "{plugin.api_version or ""}"; '
            f"only {' and '.join(EXEC_VERSIONS)} are left"
        )
    # Only v1 has no default (client-go api/v1/defaults.go).
    has_default = plugin.api_version != EXEC_VERSIONS[0]
    if plugin.interactive_mode not in _INTERACTIVE_MODES + (None, "") * has_default:
        raise ClusterError(
            f"the credential plugin of {who} needs an interactiveMode: "
            f"{', '.join(_INTERACTIVE_MODES)}"
        )
