"""Whether Pod Security lets a DaemonSet's pod into its namespace.

Sources: ``staging/src/k8s.io/pod-security-admission``: ``api/helpers.go`` for the labels,
``policy`` for the checks, ``admission/admission.go`` (EvaluatePod) for the words.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Raw

from kubectl_ds.core.creation.pod_security.pod import pod_of
from kubectl_ds.core.creation.pod_security.table import rules
from kubectl_ds.core.facts import SecurityCheck
from kubectl_ds.core.model import Namespace, Version

_LEVEL = "pod-security.kubernetes.io/enforce"
_VERSION = "pod-security.kubernetes.io/enforce-version"
_LEVELS = ("privileged", "baseline", "restricted")
_LATEST = "latest"
_OLDEST = 30  # the minor versions that are followed
NEWEST = 36
_VERSIONS = r"v1\.(?:0|[1-9][0-9]*)"


def enforced(namespace: Namespace) -> tuple[str, str] | None:
    """The level and version that a namespace enforces, or None where it refuses nothing.

    A level that doesn't exist means ``restricted``, such a version means ``latest``
    (``api/helpers.go``, PolicyToEvaluate). A namespace without the label has the level of the
    server's configuration, upstream ``privileged``; neither that nor what the configuration
    exempts can be read.
    """
    labels = namespace.metadata.labels or {}
    level = labels.get(_LEVEL, "privileged")
    version = labels.get(_VERSION, _LATEST)
    if level == "privileged":
        return None
    known = version if re.fullmatch(_VERSIONS, version) else _LATEST
    return (level if level in _LEVELS else "restricted"), known


def check(
    template: Raw, level: str, version: str, server: Version | None = None
) -> tuple[SecurityCheck, ...]:
    """What a pod made from a template fails, in the words and the order of the API server.

    Args:
        template: the pod template as the API has it.
        level: ``baseline`` or ``restricted``.
        version: ``latest`` or ``v1.N``; one that is newer than the server means the server's
            (``policy/registry.go``, EvaluatePod).
        server: the server's version; None takes it for the newest.

    Raises:
        msgspec.ValidationError: the template has a wrong shape.
    """
    minor = min(_minor(version), server[1] if server else NEWEST)
    return _check(bytes(template), level, minor)


@lru_cache(maxsize=1024)
def _check(template: bytes, level: str, minor: int) -> tuple[SecurityCheck, ...]:
    pod = pod_of(Raw(template))
    found = (rule(pod) for rule in rules(level, minor))
    return tuple(failure for failure in found if failure)


def is_certain(template: Raw, level: str, version: str, server: Version | None) -> bool:
    """Whether it is known which rules count; or else, whether all say the same of the template.

    Args:
        template, level, version: see ``check``.
        server: the server's version; None where it is not known.
    """
    if server is not None:
        return min(server[1], _minor(version)) <= NEWEST
    all_of_them = (
        check(template, level, version, (1, minor)) for minor in range(_OLDEST, NEWEST + 1)
    )
    return len(set(all_of_them)) == 1


def _minor(version: str) -> int:
    return sys.maxsize if version == _LATEST else int(version.removeprefix("v1."))


def message(level: str, version: str, violations: Iterable[SecurityCheck]) -> str:
    """How the API server says what a pod fails (``policy/checks.go``, ForbiddenDetail)."""
    listed = ", ".join(f"{one.check} ({one.detail})" for one in violations)
    return f'violates PodSecurity "{level}:{version}": {listed}'
