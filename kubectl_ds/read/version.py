"""The API server's version."""

from __future__ import annotations

import re

import msgspec

from kubectl_ds.core.meta import Value, decoder
from kubectl_ds.core.model import Version
from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.transport import NoAnswer
from kubectl_ds.read.ask import Server

PATH = "/version"

_MINOR = re.compile(r"([0-9]{1,4})\+?")  # vendors mark what they build themselves: "30+"


class _Info(Value, frozen=True):
    major: str = ""
    minor: str = ""


def server_version(server: Server) -> Version | None:
    """Ask a server for its version (apimachinery ``pkg/version/types.go``, Info).

    Returns:
        None where it does not tell, or tells what is no version 1.N.

    Raises:
        NoAnswer: the server can't be reached.
    """
    try:
        info = decoder(_Info).decode(server.get(PATH))
    except NoAnswer:
        raise
    except (ClusterError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    minor = _MINOR.fullmatch(info.minor)
    return (1, int(minor[1])) if minor and info.major == "1" else None
