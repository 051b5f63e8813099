from __future__ import annotations

import json
from typing import Any

import pytest

from kubectl_ds.read.paths import named_path

LABELS = {"metadata": {"labels": {"a": "x", "b": True, "c": 1}}}
QUOTA = {"status": {"hard": {"pods": "5", "cpu": "lots"}}, "items": [{"used": {"x": None}}]}


@pytest.mark.parametrize(
    ("document", "path", "problem", "named"),
    [
        (LABELS, "metadata.labels[...]", "expected str, got int", "metadata.labels[c]"),
        (LABELS, "metadata.labels[...]", "expected str, got bool", "metadata.labels[b]"),
        (LABELS, "metadata.labels[...]", "expected str, got array", "metadata.labels[...]"),
        (LABELS, "metadata.name", "expected str, got int", "metadata.name"),
        (LABELS, "metadata.nothing[...]", "expected str, got int", "metadata.nothing[...]"),
        (QUOTA, "status.hard[...]", "'lots' is not a quantity", "status.hard[cpu]"),
        (QUOTA, "items[0].used[...]", "expected str, got null", "items[0].used[x]"),
        (QUOTA, "items[7].used[...]", "expected str, got null", "items[7].used[...]"),
    ],
)
def test_named_path(document: Any, path: str, problem: str, named: str) -> None:
    assert named_path(json.dumps(document).encode(), path, problem) == named


def test_no_json_keeps_the_path() -> None:
    assert named_path(b"{", "a[...]", "expected str, got int") == "a[...]"
