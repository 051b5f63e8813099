from __future__ import annotations

import pytest

from kubectl_ds.words.phrases import after, choice, common, count, duration, span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (119, "119s"), (120, "2m"), (7199, "119m"), (7200, "2h"), (172800, "2d")],
)
def test_duration(seconds: int, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b", "a"], "a or b"),
        (["a", "b", "c"], "a, b or c"),
        (["a", "b", "c", "d"], "a, b, c or 1 other"),
        (["a", "b", "c", "d", "e"], "a, b, c or 2 others"),
    ],
)
def test_choice(items: list[str], text: str) -> None:
    assert choice(items) == text


def test_small_phrases() -> None:
    assert [count(n, "node") for n in (0, 1, 2)] == ["0 nodes", "1 node", "2 nodes"]
    assert span([3]) == "3"
    assert span([7, 3], "s") == "3 to 7s"
    assert common(["a", "a"]) == "a"
    assert common(["a", "b"]) == ""
    assert after("lead", " text. ") == "lead: text"
    assert after("lead", "") == "lead"
