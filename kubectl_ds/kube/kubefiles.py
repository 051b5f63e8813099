"""Kubeconfigs read and merged.

Sources: client-go ``tools/clientcmd/loader.go`` and ``api/v1/conversion.go``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import field
from msgspec.structs import replace

from kubectl_ds.errors import ClusterError, InputError, NotFound
from kubectl_ds.kube import validation
from kubectl_ds.kube.connection import (
    AuthProviderEntry,
    ClusterEntry,
    ContextEntry,
    ExecEntry,
    Guarded,
    NamedExtension,
    UserEntry,
    one_line,
)

# msgspec's own words, and ours for the types in them.
_WRONG_TYPE = (
    "Expected `(?P<wanted>[^`]*)`, got `(?P<is>[^`]*)`(?: - at `(?:key in )?(?P<where>[^`]*)`)?"
)
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "str": "text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "null": "empty",
}


class _NamedCluster(Guarded, frozen=True):
    name: str = ""
    cluster: ClusterEntry | None = None


class _NamedUser(Guarded, frozen=True):
    name: str = ""
    user: UserEntry | None = None


class _NamedContext(Guarded, frozen=True):
    name: str = ""
    context: ContextEntry | None = None


class _Preferences(Guarded, frozen=True):
    colors: bool | None = None
    extensions: tuple[NamedExtension, ...] | None = None


class _File(Guarded, frozen=True):
    api_version: str | None = field(name="apiVersion", default=None)
    kind: str | None = None
    clusters: tuple[_NamedCluster, ...] | None = None
    users: tuple[_NamedUser, ...] | None = None
    contexts: tuple[_NamedContext, ...] | None = None
    current_context: str | None = None
    preferences: _Preferences | None = None
    extensions: tuple[NamedExtension, ...] | None = None


class Config(NamedTuple):
    """All kubeconfigs merged, and the paths that were looked at; paths in it are absolute."""

    paths: tuple[str, ...]
    clusters: dict[str, ClusterEntry]
    users: dict[str, UserEntry]
    contexts: dict[str, ContextEntry]
    current_context: str

    @property
    def where(self) -> str:
        """The kubeconfigs, for a sentence."""
        return ", ".join(self.paths) or "$KUBECONFIG"


def load(explicit: str | None, environ: Mapping[str, str], home: Path) -> Config:
    """The kubeconfigs that kubectl would read, merged as it does.

    Args:
        explicit: the one file to read; None or empty for those that the environment says.
        environ: KUBECONFIG counts.
        home: the user's home directory.

    Raises:
        NotFound: there is no such explicit file.
        InputError: a kubeconfig is damaged.
    """
    if explicit and not os.path.exists(explicit):
        raise NotFound(f"no such file: {explicit} (--kubeconfig)")
    paths = _paths(explicit, environ, home)
    files = [file for file in map(_read, paths) if file]
    return Config(
        paths=tuple(paths),
        clusters=_first_wins(file.clusters for file in files),
        users=_first_wins(file.users for file in files),
        contexts=_first_wins(file.contexts for file in files),
        current_context=next((f.current_context for f in files if f.current_context), ""),
    )


def absolute(path: str | None, base: str) -> str | None:
    """The path seen from a directory; None for none."""
    return os.path.normpath(os.path.join(base, path)) if path else None


def _paths(explicit: str | None, environ: Mapping[str, str], home: Path) -> list[str]:
    if explicit:
        return [explicit]
    listed = environ.get("KUBECONFIG", "")
    if listed:
        return [path for path in dict.fromkeys(listed.split(os.pathsep)) if path]
    return [str(home / ".kube" / "config")]


def _first_wins(lists: Iterable[tuple[Any, ...] | None]) -> dict[str, Any]:
    """The entries by name: of two files with the same name the first wins whole."""
    merged: dict[str, Any] = {}
    for named in lists:
        for item in named or ():
            name, entry = msgspec.structs.astuple(item)
            merged.setdefault(name, entry)
    return merged


def _read(path: str) -> _File | None:
    """One kubeconfig with its paths made absolute; None where there is no such file."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"can't read the kubeconfig {path}: {error.strerror}") from None
    file = _decode(data, path)
    _check_kind(file, path)
    base = os.path.dirname(os.path.abspath(path))
    try:
        _check_names(file.extensions)
        return replace(
            file,
            clusters=_named(file.clusters, lambda entry, who: _cluster(entry, who, base)),
            users=_named(file.users, lambda entry, who: _user(entry, who, base, path)),
            contexts=_named(file.contexts, _context),
        )
    except ClusterError as error:
        raise InputError(f"the kubeconfig {path} is damaged: {error}") from None


def _decode(data: bytes, path: str) -> _File:
    import yaml

    from kubectl_ds.kube import kubeyaml

    try:
        document = kubeyaml.load(data)
        return msgspec.convert({} if document is None else document, _File)
    except msgspec.ValidationError as error:
        raise InputError(f"the kubeconfig {path} is damaged: {_in_words(error)}") from None
    except (yaml.YAMLError, ValueError, ArithmeticError, RecursionError) as error:
        # The parser's own words may quote the line, and with it a secret.
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise InputError(f"the kubeconfig {path} is not valid YAML{line}") from None


def _in_words(error: msgspec.ValidationError) -> str:
    """What is of the wrong type, where, and what it should be; nothing of what it holds."""
    found = re.match(_WRONG_TYPE, str(error))
    if found is None:
        return "an entry of it can't be used"
    wanted = [_TYPES.get(kind, kind) for kind in found["wanted"].split(" | ") if kind != "null"]
    where = (found["where"] or "").lstrip("$.") or "the whole file"
    return f"{where} should be {' or '.join(wanted)}, not {_TYPES.get(found['is'], found['is'])}"


def _check_kind(file: _File, path: str) -> None:
    for what, value, only in (
        ("kind", file.kind, "Config"),
        ("apiVersion", file.api_version, "v1"),
    ):
        if value not in (None, "", only):
            raise InputError(f"{path} is no kubeconfig: its {what} is {one_line(value, 60)}")


def _named(named: tuple[Any, ...] | None, finished: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    _check_names(named)
    done = []
    for item in named or ():
        name, entry = msgspec.structs.astuple(item)
        what = item.__struct_fields__[1]
        done.append(type(item)(name=name, **{what: finished(entry, f'the {what} "{name}"')}))
    return tuple(done)


def _check_names(named: tuple[Any, ...] | None) -> None:
    seen: set[str] = set()
    for item in named or ():
        if item.name in seen:
            raise ClusterError(f'"{item.name}" is there twice')
        seen.add(item.name)


def _cluster(cluster: ClusterEntry | None, who: str, base: str) -> ClusterEntry:
    cluster = cluster or ClusterEntry()
    _check_names(cluster.extensions)
    validation.check_data(cluster, ("certificate_authority_data",), who)
    return replace(cluster, certificate_authority=absolute(cluster.certificate_authority, base))


def _user(user: UserEntry | None, who: str, base: str, path: str) -> UserEntry:
    user = user or UserEntry()
    _check_names(user.extensions)
    validation.check_data(user, ("client_certificate_data", "client_key_data"), who)
    return replace(
        user,
        client_certificate=absolute(user.client_certificate, base),
        client_key=absolute(user.client_key, base),
        token_file=absolute(user.token_file, base),
        exec=_exec(user.exec, base),
        auth_provider=_auth_provider(user.auth_provider, path),
    )


def _context(context: ContextEntry | None, _: str) -> ContextEntry:
    context = context or ContextEntry()
    _check_names(context.extensions)
    return context


def _exec(plugin: ExecEntry | None, base: str) -> ExecEntry | None:
    if plugin is None or os.sep not in (plugin.command or ""):
        return plugin  # a bare name is looked for on PATH
    return replace(plugin, command=absolute(plugin.command, base))


def _auth_provider(provider: AuthProviderEntry | None, path: str) -> AuthProviderEntry | None:
    return replace(provider, kubeconfig=os.path.abspath(path)) if provider else None
