"""What the README promises is what the program does."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from kubectl_ds import errors
from kubectl_ds.core.reasons import MEANINGS, State
from kubectl_ds.main import main

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"```console\n\$ kubectl ds (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
_ROW = re.compile(r"^\| (\w+) \| ([^|]+) \|", re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    return [(match["command"], match["output"]) for match in _BLOCK.finditer(README.read_text())]


@pytest.mark.parametrize("command", [command for command, _ in blocks()])
def test_output_shown_is_output_given(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(shlex.split(command)) == 0
    output = capsys.readouterr().out
    if os.environ.get("UPDATE_SCREENS"):
        before = dict(blocks())[command]
        lead = f"$ kubectl ds {command}\n"
        README.write_text(README.read_text().replace(lead + before + "```", lead + output + "```"))
    assert dict(blocks())[command] == output


def test_states_are_those_of_the_registry() -> None:
    rows = dict(_ROW.findall(README.read_text()))
    for state in State:
        assert rows[state.value].startswith(MEANINGS[state].split(";")[0].split(",")[0][:24])


def test_exit_codes_are_those_of_the_errors() -> None:
    listed = {int(code) for code, _ in _ROW.findall(README.read_text()) if code.isdigit()}
    kinds = errors.KubectlDsError.__subclasses__()
    assert {kind.exit_code for kind in kinds} | {0, 1, 70, 130, 141} == listed


def test_the_command_that_saves_objects_is_the_one_that_errors_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.replace("\\\n", " ").split())
    assert errors.SAVE in shown
    assert errors.SAVE in " ".join(README.read_text().replace("\\\n", " ").split())
