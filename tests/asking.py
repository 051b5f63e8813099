"""Commands that are run with some rights and no others, and what their documents say."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from commands import Ended, Run
from rights import Right, asked_right, fail, restrict
from serve import ApiServer, Asked, Object, recorded


class Situation(NamedTuple):
    """Objects, and the arguments that name the DaemonSet that is asked about."""

    objects: list[Object]
    scope: tuple[str, ...]


class Asking:
    """Runs commands with some rights and no others.

    Attributes:
        needed: the rights that were needed so far.
        asked: what the last command asked the server.
        failing: the resource that the server fails to answer for, with the status.
        minor: the minor version of Kubernetes that the server tells.
    """

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.capsys = capsys
        self.folder = folder
        self.needed: set[Right] = set()
        self.asked: list[Asked] = []
        self.minor = "36"
        self.failing = ("", 0)

    def __call__(
        self, command: str, given: Situation, rights: Iterable[Right], *more: str
    ) -> Ended:
        with ApiServer(given.objects) as api:
            api.minor = self.minor
            restrict(api, rights)
            fail(api, *self.failing)
            kubeconfig = api.kubeconfig(self.folder / "config")
            run = Run(command, self.capsys, "--kubeconfig", kubeconfig)
            ended = run(*given.scope, *more)
        self.asked = api.asked
        self.needed |= {asked_right(item) for item in api.asked}
        return ended

    def json(self, command: str, given: Situation, rights: Iterable[Right]) -> Any:
        """The document, once it is there and nothing was said on stderr."""
        code, out, err = self(command, given, rights, "-o", "json")
        assert (code, err) == (0, "")
        return json.loads(out)


def of(name: str) -> Situation:
    """A recording, and its first DaemonSet."""
    objects = copy.deepcopy(recorded(name))
    meta = next(item for item in objects if item["kind"] == "DaemonSet")["metadata"]
    return Situation(objects, (meta["name"], "-n", meta["namespace"]))


def states(document: Any) -> Any:
    """Whether each node is covered, as each of the commands tells it."""
    if "daemonSets" in document:
        (row,) = document["daemonSets"]
        return row["states"], row["coverage"], {(gap["node"], gap["state"]) for gap in row["gaps"]}
    return {(node["node"], node["state"], node["desired"]) for node in document["nodes"]}


def said(document: Any) -> dict[str, str]:
    return {item["what"]: item["why"] for item in document["notChecked"]}
