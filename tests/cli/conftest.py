"""What tests of commands share; each module says in COMMAND which one it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Live, Run
from serve import ApiServer, recorded


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
