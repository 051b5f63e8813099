"""Rules of ``sigs.k8s.io/yaml/goyaml.v2``: resolve.go and decode.go; each row asked of kubectl."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from kubectl_ds.kube.kubeyaml import load


@pytest.mark.parametrize("word", ["y", "Y", "yes", "on", "On", "true", "TRUE"])
def test_true(word: str) -> None:
    assert load(f"a: {word}".encode()) == {"a": True}


@pytest.mark.parametrize("word", ["n", "N", "no", "off", "Off", "false", "FALSE"])
def test_false(word: str) -> None:
    assert load(f"a: {word}".encode()) == {"a": False}


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_nothing(word: str) -> None:
    assert load(f"a: {word}".encode()) == {"a": None}


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("012", 10),
        ("0o7", 7),
        ("0x1F", 31),
        ("-0x1", -1),
        ("0b11", 3),
        ("+5", 5),
        ("1_000", 1000),
        ("1__0", 10),
        ("0", 0),
        ("08", 8.0),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ('!!int "7"', 7),
    ],
)
def test_numbers(word: str, number: float) -> None:
    assert load(f"a: {word}".encode()) == {"a": number}


@pytest.mark.parametrize(
    "word",
    ["2026-01-01", "2026-01-01T00:00:00Z", "1:30", "190:20:30", "1:30.5", "=", "tRue", "_1", "."],
)
def test_text(word: str) -> None:
    assert load(f"a: {word}".encode()) == {"a": word}


@pytest.mark.parametrize("written", ["'5'", '"5"', "!!str 5"])
def test_quoted_it_is_text(written: str) -> None:
    assert load(f"a: {written}".encode()) == {"a": "5"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("{<<: *first, at: own}", {"at": "own", "more": "m"}, id="before"),
        pytest.param("{at: own, <<: *first}", {"at": "1st", "more": "m"}, id="after"),
        pytest.param("{<<: [*other, *first]}", {"at": "2nd", "more": "m"}, id="of several"),
        pytest.param("{<<: {<<: *first, at: own}}", {"at": "own", "more": "m"}, id="in a merge"),
    ],
)
def test_what_is_merged_counts_where_it_stands(text: str, expected: dict[str, str]) -> None:
    anchors = "f: &first {at: 1st, more: m}\no: &other {at: 2nd}\n"
    assert load(f"{anchors}a: {text}".encode())["a"] == expected


def test_only_mappings_can_be_merged() -> None:
    with pytest.raises(yaml.YAMLError):
        load(b"a: {<<: text}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: 1\na: 2", {"a": 2}, id="the last of a key counts"),
        pytest.param("y: 1\n012: 2\n1.5: 3", {"true": 1, "10": 2, "1.5": 3}, id="keys are text"),
        pytest.param("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}, id="CRLF"),
        pytest.param("\ufeffa: 1", {"a": 1}, id="byte order mark"),
        pytest.param('{\n\t"a": 1\n}', {"a": 1}, id="tabs in JSON"),
        pytest.param("a: 1\n---\na: 2", {"a": 1}, id="the first document"),
        pytest.param("---\n---\na: 2", None, id="an empty first document"),
        pytest.param("# nothing", None, id="a comment"),
    ],
)
def test_documents(text: str, expected: Any) -> None:
    assert load(text.encode()) == expected


@pytest.mark.parametrize(
    "text", ["a:\n\t- b", "a: \x01", 'a: "\\ud83d"', "---\n\ufeff{a: 1}", "a: -.inf", "a: .NaN"]
)
def test_damage(text: str) -> None:
    with pytest.raises((yaml.YAMLError, ValueError)):
        load(text.encode())
