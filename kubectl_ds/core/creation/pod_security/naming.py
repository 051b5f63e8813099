"""How Pod Security names what fails a check (``policy/helpers.go``, and what all checks share)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from kubectl_ds.core.creation.pod_security.pod import Container, Pod, SecurityContext
from kubectl_ds.core.facts import SecurityCheck


def failed(check: str, detail: str) -> SecurityCheck:
    """What a rule answers where the pod fails it."""
    return SecurityCheck(check=check, detail=detail)


def quoted(items: Iterable[str]) -> str:
    """``"a", "b"``."""
    return ", ".join(f'"{item}"' for item in items)


def plural(noun: str, items: Collection[object]) -> str:
    """``volume`` for one item, else ``volumes``."""
    return noun if len(items) == 1 else f"{noun}s"


def named(noun: str, names: Collection[str]) -> str:
    """``container "a"``, ``containers "a", "b"``."""
    return f"{plural(noun, names)} {quoted(names)}"


def using(noun: str, names: Collection[str]) -> str:
    """``container "a" uses``, ``containers "a", "b" use``."""
    return f"{named(noun, names)} {'uses' if len(names) == 1 else 'use'}"


def containers(pod: Pod, bad: Callable[[Container], object]) -> list[str]:
    """The names of the containers that are bad."""
    return [container.name for container in pod.containers if bad(container)]


def setters(pod: Pod, bad: Callable[[SecurityContext], object]) -> list[str]:
    """Whose security context is bad: ``pod``, ``containers "a", "b"``, or both."""
    names = containers(pod, lambda container: bad(container.context))
    own = ["pod"] if bad(pod.context) else []
    return [*own, named("container", names)] if names else own
