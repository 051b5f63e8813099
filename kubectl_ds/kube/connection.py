"""What it takes to reach one cluster, as values; the words are the kubeconfig's own.

Source of the fields: client-go ``tools/clientcmd/api/v1/types.go``.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import field


class Guarded(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Base of the values that may hold a secret: their repr shows nothing of what is in them."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class NamedExtension(Guarded, frozen=True):
    """Data that another program keeps in a kubeconfig."""

    name: str = ""
    extension: Any = None


class ClusterEntry(Guarded, frozen=True):
    """A kubeconfig's ``cluster``."""

    server: str | None = None
    tls_server_name: str | None = None
    insecure_skip_tls_verify: bool | None = None
    certificate_authority: str | None = None
    certificate_authority_data: str | None = None
    proxy_url: str | None = None
    disable_compression: bool | None = None
    extensions: tuple[NamedExtension, ...] | None = None


class EnvironmentVariable(Guarded, frozen=True):
    """A variable that a credential plugin gets."""

    name: str = ""
    value: str | None = None


class ExecEntry(Guarded, frozen=True, rename="camel"):
    """A user's ``exec``: a program that prints credentials."""

    command: str | None = None
    args: tuple[str, ...] | None = None
    env: tuple[EnvironmentVariable, ...] | None = None
    api_version: str | None = None
    install_hint: str | None = None
    provide_cluster_info: bool | None = None
    interactive_mode: str | None = None


class AuthProviderEntry(Guarded, frozen=True):
    """A user's ``auth-provider``: a way to log in that is built into kubectl.

    Attributes:
        kubeconfig: the path of the file that holds it, whatever that file says.
    """

    name: str = ""
    config: dict[str, str | None] | None = None
    kubeconfig: str = ""


class UserEntry(Guarded, frozen=True):
    """A kubeconfig's ``user``."""

    client_certificate: str | None = None
    client_certificate_data: str | None = None
    client_key: str | None = None
    client_key_data: str | None = None
    token: str | None = None
    token_file: str | None = field(name="tokenFile", default=None)
    as_user: str | None = field(name="as", default=None)
    as_uid: str | None = None
    as_groups: tuple[str, ...] | None = None
    as_user_extra: dict[str, tuple[str, ...] | None] | None = None
    username: str | None = None
    password: str | None = None
    auth_provider: AuthProviderEntry | None = None
    exec: ExecEntry | None = None
    extensions: tuple[NamedExtension, ...] | None = None


class ContextEntry(Guarded, frozen=True):
    """A kubeconfig's ``context``."""

    cluster: str | None = None
    user: str | None = None
    namespace: str | None = None
    extensions: tuple[NamedExtension, ...] | None = None


class Connection(Guarded, frozen=True):
    """One cluster, how to reach it and as whom; paths are absolute, flags are applied.

    Attributes:
        server: the API server's URL, without a slash at its end.
        namespace: the namespace to use where the user names none.
        context: the context's name; empty where none was used.
        one_of_several: whether other contexts are read at the same time.
        user_name: the name of the user's entry; empty where none was used.
        shown: what a flag gave to log in with, in place of that entry; empty for nothing.
        cluster: how to trust the server.
        user: whom to be, and whom to impersonate.
        proxy: the proxy's URL; empty for none.
        request_timeout: seconds that one request may take, 0 for any; None where nobody said.
        kubectl: the flags by which kubectl itself reaches the same cluster, as the same user.
    """

    server: str
    namespace: str = "default"
    context: str = ""
    one_of_several: bool = False
    user_name: str = ""
    shown: str = ""
    cluster: ClusterEntry = ClusterEntry()
    user: UserEntry = UserEntry()
    proxy: str = ""
    request_timeout: float | None = None
    kubectl: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """Whom the server gets to see, for a sentence; empty where nobody has a name."""
        return self.shown or (f'the user "{self.user_name}"' if self.user_name else "")

    def __repr__(self) -> str:
        return f"Connection(context={self.context!r}, server={self.server!r}, …)"


def seconds(span: float) -> str:
    """A span of seconds as kubectl's flags have it: ``500ms``, ``30s``, ``2m``."""
    if span < 1:
        return f"{span * 1000:.3g}ms"
    return f"{span / 60:.0f}m" if span >= 60 and not span % 60 else f"{round(span, 1):g}s"


def one_line(text: str, limit: int = 400) -> str:
    """Text of a server, a plugin or a file, made fit for one line of a terminal."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
