"""What tests of commands share; each module says in COMMAND which one it runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import Asking
from commands import Live, Run
from serve import ApiServer, recorded


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What one command tells with -v is not told of the next ones."""
    yield
    log = logging.getLogger("kubectl_ds")
    log.handlers.clear()
    log.setLevel(logging.NOTSET)


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    monkeypatch.setenv("COLUMNS", "80")
    return Run(request.module.COMMAND, capsys)


@pytest.fixture
def live(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Live]:
    """The command against a server of one recording, with a kubeconfig for it."""
    monkeypatch.setenv("COLUMNS", "80")
    with ApiServer(recorded(request.param)) as api:
        yield Live(request.module.COMMAND, capsys, api, api.kubeconfig(tmp_path / "config"))


@pytest.fixture
def asking(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Asking:
    monkeypatch.setenv("COLUMNS", "200")
    return Asking(capsys, tmp_path)
