"""Which credential plugins the user lets kubectl run: the policy in their ``kuberc``.

Sources: kubectl ``pkg/kuberc/kuberc.go`` and ``marshal.go``, client-go
``plugin/pkg/client/auth/exec/exec.go``, checkAllowlistLocked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.connection import one_line

_GROUP = "kubectl.config.k8s.io/"


class _Entry(msgspec.Struct, frozen=True):
    name: str | None = None
    command: str | None = None


class _Preference(msgspec.Struct, frozen=True, rename="camel"):
    api_version: str | None = None
    kind: str | None = None
    credential_plugin_policy: str | None = None
    credential_plugin_allowlist: tuple[_Entry, ...] | None = None


def check_allowed(command: str, executable: str, environ: Mapping[str, str], home: Path) -> None:
    """Refuse a credential plugin that kubectl would not run.

    Args:
        command: as the kubeconfig says, its path made absolute.
        executable: the program that it is.
        environ: KUBERC and KUBECTL_KUBERC count.
        home: the user's home directory.

    Raises:
        ClusterError: the policy does not allow it, or can't be understood.
    """
    path = _path(environ, home)
    preference = _preference(path, bool(environ.get("KUBERC"))) if path else None
    policy = preference.credential_plugin_policy if preference else None
    if preference is None or policy in (None, "", "AllowAll"):
        return
    if policy not in ("DenyAll", "Allowlist"):
        raise ClusterError(f"{path} has an unknown credentialPluginPolicy: {one_line(policy, 60)}")
    import shutil

    entries = preference.credential_plugin_allowlist or ()
    allowed = {item.command or item.name or "" for item in entries} - {""}
    if policy == "DenyAll" or not {command, executable} & {*allowed, *map(shutil.which, allowed)}:
        raise ClusterError(
            f'the credential plugin "{one_line(command)}" is not allowed by the '
            f"credentialPluginPolicy {policy} in {path}; allow it there, or use --token"
        )


def _path(environ: Mapping[str, str], home: Path) -> str:
    """The path of the kuberc; empty where it is turned off."""
    if environ.get("KUBECTL_KUBERC", "").lower() == "false" or environ.get("KUBERC") == "off":
        return ""
    return environ.get("KUBERC") or str(home / ".kube" / "kuberc")


def _preference(path: str, explicit: bool) -> _Preference | None:
    """The first document that is one.

    kubectl only warns of a damaged file that nobody asked for; whoever wrote a policy into it
    would not want it to be passed over.
    """
    import yaml

    from kubectl_ds.kube import kubeyaml

    try:
        documents = list(kubeyaml.load_all(Path(path).read_bytes()))
        return next((found for found in map(_decoded, documents) if found), None)
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        if explicit or os.path.isfile(path):
            raise ClusterError(
                f"can't read the kuberc {path}; mend it, or set KUBERC=off"
            ) from None
        return None


def _decoded(document: Any) -> _Preference | None:
    if not isinstance(document, dict) or document.get("kind") != "Preference":
        return None
    version = str(document.get("apiVersion", ""))
    return msgspec.convert(document, _Preference) if version == f"{_GROUP}v1beta1" else None
