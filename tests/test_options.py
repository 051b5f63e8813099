"""Values of flags by the rules of client-go ``tools/clientcmd/helpers.go`` and Go's ``time``."""

from __future__ import annotations

import click
import pytest

from kubectl_ds.main import main
from kubectl_ds.options import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30", 30),
        ("+30", 30),
        ("007", 7),
        ("0s", 0),
        ("1s", 1),
        ("2m", 120),
        ("1h30m", 5400),
        ("1m1m", 120),
        (".5s", 0.5),
        ("1.s", 1),
        ("100ms", 0.1),
        ("1us", 1e-6),
        ("1µs", 1e-6),
        ("1ns", 1e-9),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["9" * 30, "100000h"])
def test_more_than_a_socket_can_wait_is_as_good(text: str) -> None:
    assert 1e6 < duration(text) < 2**31 / 1000


@pytest.mark.parametrize(
    "text", ["", "soon", "s", "1x", "1 s", ".s", "1h1", "-1", "-1s", "1_0", "٣"]
)
def test_no_durations(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a duration"):
        duration(text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["coverage", "--watch"],
            "--watch is of 'kubectl ds explain NAME'; coverage has none. See",
            id="watch",
        ),
        pytest.param(["coverage", "-Aw"], "-w is of 'kubectl ds explain NAME'; c", id="short"),
        pytest.param(["coverage", "--wait"], "--wait is of 'kubectl ds explain", id="wait"),
    ],
)
def test_no_such_option(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "end"), [("--matri", "?"), ("--zzz", ".")], ids=["a question", "no idea"]
)
def test_one_mark_ends_a_sentence(
    option: str, end: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["coverage", option]) == 2
    said = capsys.readouterr().err.partition(" See ")[0].replace(")", "")
    assert said.endswith(end)
    assert said[-2] not in ".?"
