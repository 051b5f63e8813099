"""An API server that grants what roles say, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from serve import Answer, ApiServer, Asked, status

RBAC = Path(__file__).parent.parent / "docs" / "rbac.yaml"


class Right(NamedTuple):
    """A right to one verb on one resource.

    Attributes:
        verb: get, list or watch.
        group: the API group; empty for the core.
        resource: the plural; or the path of what is no resource.
        namespace: where; empty for the whole cluster.
    """

    verb: str
    group: str
    resource: str
    namespace: str = ""


def granted(*roles: str, namespace: str = "") -> set[Right]:
    """What roles of docs/rbac.yaml grant, ``kind/name`` each; a Role in the namespace."""
    found = {f"{item['kind']}/{item['metadata']['name']}": item for item in documents()}
    return {
        right
        for role in roles
        for right in _rights(found[role], namespace if role.startswith("Role/") else "")
    }


def documents() -> list[Any]:
    """The objects of docs/rbac.yaml."""
    return list(yaml.safe_load_all(RBAC.read_text()))


def _rights(role: Any, namespace: str) -> Iterator[Right]:
    for rule in role["rules"]:
        paths = [("", path) for path in rule.get("nonResourceURLs", ())]
        resources = product(rule.get("apiGroups", ()), rule.get("resources", ()))
        for verb, (group, resource) in product(rule["verbs"], [*paths, *resources]):
            yield Right(verb, group, resource, namespace)


def asked_right(asked: Asked) -> Right:
    """The right that a request needs, as the API server's authorizer sees it.

    A Namespace's own name counts as the namespace (apiserver ``request/requestinfo.go``).
    """
    _, root, *parts = asked.path.split("/")
    if root not in ("api", "apis"):
        return Right("get", "", asked.path)
    group = parts[0] if root == "apis" else ""
    rest = parts[2:] if root == "apis" else parts[1:]
    namespace = rest[1] if rest[0] == "namespaces" and len(rest) > 1 else ""
    if len(rest) > 2 and namespace:
        rest = rest[2:]
    verb = "watch" if "watch" in asked.query else "list"
    return Right("get" if len(rest) > 1 else verb, group, rest[0], namespace)


def restrict(api: ApiServer, rights: Iterable[Right]) -> None:
    """Let a server refuse whatever these rights don't allow, as Kubernetes' RBAC does."""
    held = frozenset(rights)
    real: Callable[[Asked], Answer] = api.next_answer

    def answer(asked: Asked) -> Answer:
        wanted = asked_right(asked)
        if not held.isdisjoint((wanted, wanted._replace(namespace=""))):
            return real(asked)
        return status(403, _refusal(wanted))

    api.next_answer = answer  # type: ignore[method-assign]


def fail(api: ApiServer, resource: str, code: int) -> None:
    """Let a server fail whenever it is asked for a resource."""
    real: Callable[[Asked], Answer] = api.next_answer

    def answer(asked: Asked) -> Answer:
        if asked_right(asked).resource == resource:
            return status(code, "etcdserver: request timed out")
        return real(asked)

    api.next_answer = answer  # type: ignore[method-assign]


def _refusal(wanted: Right) -> str:
    place = f'in the namespace "{wanted.namespace}"' if wanted.namespace else "at the cluster scope"
    return (
        f'{wanted.resource} is forbidden: User "tester" cannot {wanted.verb} resource '
        f'"{wanted.resource}" in API group "{wanted.group}" {place}'
    )
