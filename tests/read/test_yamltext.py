"""YAML as Kubernetes means it."""

from typing import Any

import pytest
import yaml

from kubectl_ds.read import yamltext

PLAIN = {
    "null": None,
    "~": None,
    "": None,
    "true": True,
    "False": False,
    "yes": "yes",
    "on": "on",
    "n": "n",
    "0": 0,
    "-12": -12,
    "+12": 12,
    "007": 7,
    "0o17": 15,
    "0x1F": 31,
    "1_000": "1_000",
    "18446744073709551616": 2**64,
    "1.5": 1.5,
    ".5": 0.5,
    "1e3": 1000.0,
    "1.2.3": "1.2.3",
    ".": ".",
    "-": [None],
    "-x": "-x",
    "12:30": "12:30",
    "2026-11-21": "2026-11-21",
    "2026-11-21T07:36:27Z": "2026-11-21T07:36:27Z",
    ".inf": ".inf",
    ".nan": ".nan",
    "a*b&c !d": "a*b&c !d",
    '"true"': "true",
    "'1'": "1",
    '"*x &y !!z"': "*x &y !!z",
    "|\n  *x\n  &y\n": "*x\n&y\n",
    "=": "=",
}


@pytest.mark.parametrize(("text", "value"), PLAIN.items())
def test_scalars(text: str, value: Any) -> None:
    assert list(yamltext.documents(f"---\n{text}".encode())) == [value]


VALUES = {
    "no document": ("# nothing\n", []),
    "several documents": ("a: 1\n---\nb: 2\n---\n---\n", [{"a": 1}, {"b": 2}, None, None]),
    "nested": ("- a:\n  - b: {c: [d]}\n- []\n", [[{"a": [{"b": {"c": ["d"]}}]}, []]]),
    "keys are text": ("1: a\n~: b\n<<: c\n", [{"1": "a", "~": "b", "<<": "c"}]),
}


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader], ids=["libyaml", "python"])
@pytest.mark.parametrize(("text", "values"), VALUES.values(), ids=VALUES)
def test_documents(
    text: str, values: list[Any], loader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yamltext, "_LOADER", loader)
    assert list(yamltext.documents(text.encode())) == values


REFUSED = {
    "an anchor": ("a: &x 1", "line 1: a YAML anchor"),
    "an anchor on a list": ("a: &x [1]", "line 1: a YAML anchor"),
    "an alias": ("a:\n- *x", "line 2: a YAML anchor"),
    "an alias as key": ("*x : 1", "line 1: a key must be plain text"),
    "a tag": ("a: !!binary aGk=", "line 1: a YAML anchor"),
    "a list as key": ("[a]: 1", "line 1: a key must be plain text"),
    "a key twice": ("a: 1\nb: 2\na: 3", "line 3: the key a is there twice"),
    "out of range": ("1e999", "1e999 is out of range"),
    "an open quote": ('a: "b\n', "line 2: found unexpected end of stream"),
    "a control character": ("a: \x01", "control characters are not allowed"),
    "a tab": ("a:\n\t- b", "line 2: found character that cannot start any token"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        list(yamltext.documents(text.encode()))


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_given_up_early(opening: str) -> None:
    with pytest.raises(RecursionError):
        list(yamltext.documents(opening.encode() * 100_000))
