"""Commands as users run them, in this process."""

from __future__ import annotations

import io
import json
from typing import Any, NamedTuple

import pytest
from serve import ApiServer

from kubectl_ds import terminal
from kubectl_ds.main import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Screen(io.StringIO):
    """A terminal to write to."""

    def isatty(self) -> bool:
        return True


def told_at_once(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A terminal in place of stderr, which is told of progress at once."""
    monkeypatch.setattr(terminal, "_PATIENCE", 0)
    monkeypatch.setattr(terminal, "_PAUSE", 0)
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    return screen


class Run:
    """Runs one of the commands."""

    def __init__(self, command: str, capsys: pytest.CaptureFixture[str], *more: str) -> None:
        self.command = command
        self.capsys = capsys
        self.more = more

    def __call__(self, *arguments: str) -> Ended:
        code = main([self.command, *arguments, *self.more])
        return Ended(code, *self.capsys.readouterr())

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "-o", "json").out)


class Live(Run):
    """Runs one of the commands against a server."""

    def __init__(
        self, command: str, capsys: pytest.CaptureFixture[str], api: ApiServer, kubeconfig: str
    ) -> None:
        super().__init__(command, capsys, "--kubeconfig", kubeconfig)
        self.api = api
        self.kubeconfig = kubeconfig

    @property
    def lists(self) -> list[tuple[str, str]]:
        """Paths and label selectors that were asked for."""
        return sorted((item.path, item.query.get("labelSelector", "")) for item in self.api.asked)


def one(name: str) -> pytest.MarkDecorator:
    """Runs a test against a server of one recording."""
    return pytest.mark.parametrize("live", [name], indirect=True)
