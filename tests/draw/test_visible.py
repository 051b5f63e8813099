from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.draw.visible import visible, visible_json

ACTS_ON_TERMINAL = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain text", "plain text", id="plain"),
        pytest.param("größer als 3 °C", "größer als 3 °C", id="letters-of-any-language"),
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="ansi-colour"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="window-title"),
        pytest.param("a\x9b2Jb", "a\\x9b2Jb", id="c1-control"),
        pytest.param("user\u202egnp.exe", "user\\u202egnp.exe", id="bidi-override"),
        pytest.param("\u2066isolated\u2069", "\\u2066isolated\\u2069", id="bidi-isolate"),
        pytest.param("zero\u200bwidth", "zero\\u200bwidth", id="zero-width"),
        pytest.param("tag\U000e0041", "tag\\U000e0041", id="tag-character"),
        pytest.param("one\ntwo\r\nthree\tfour", "one two three four", id="line-breaks"),
        pytest.param("over\rwritten", "over written", id="carriage-return"),
        pytest.param("back\x08space", "back\\x08space", id="backspace"),
        pytest.param("\ud800", "\\ud800", id="lone-surrogate"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_acts_on_a_terminal_is_left(text: str) -> None:
    shown = visible(text)
    assert not [char for char in shown if unicodedata.category(char) in ACTS_ON_TERMINAL]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_json_stays_the_same_document(text: str) -> None:
    document = visible_json(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(document) == {"a": text}
    assert not [
        char
        for char in document
        if unicodedata.category(char) in ACTS_ON_TERMINAL and char not in "\n"
    ]
