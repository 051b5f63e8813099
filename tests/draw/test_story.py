from __future__ import annotations

import msgspec
import pytest
from golden import assert_screen
from recorded import explained

from kubectl_ds.core.verdict import Explanation
from kubectl_ds.draw.story import stories
from kubectl_ds.draw.theme import plain


def only(answer: Explanation, node: str) -> Explanation:
    nodes = tuple(verdict for verdict in answer.nodes if verdict.node == node)
    return msgspec.structs.replace(answer, nodes=nodes)


@pytest.mark.parametrize(
    ("name", "daemon_set", "node"),
    [
        ("control_plane_taint", "", "cp1"),
        ("control_plane_taint", "", "node1"),
        ("node_affinity", "", "a"),
        ("node_affinity", "", "b"),
        ("not_ready_node_tolerated", "", "node2"),
        ("rollout_stuck", "", "node0"),
        ("seed1", "d00", "w08"),
        ("taint_added_later", "", "node2"),
    ],
)
def test_story(name: str, daemon_set: str, node: str) -> None:
    text = stories(only(explained(name, daemon_set), node), 80, plain)
    assert max(map(len, text.splitlines())) <= 80
    assert_screen(f"{name}.{node}", text + "\n")


@pytest.mark.parametrize("width", range(24, 81))
def test_the_title_fits_with_the_state_in_it(width: int) -> None:
    answer = only(explained("taint_added_later"), "node2")
    title, _, _ = stories(answer, width, plain).partition("\n  a live pod ")
    assert title.split()[-1] == answer.nodes[0].state.value
    assert max(map(len, title.splitlines())) <= width


def test_only_the_state_is_coloured_whatever_the_names_are() -> None:
    answer = only(explained("taint_added_later"), "node2")
    state = answer.nodes[0].state.value
    for node in ("STATE", state):
        verdict = msgspec.structs.replace(answer.nodes[0], node=node)
        renamed = msgspec.structs.replace(answer, nodes=(verdict,))
        text = stories(renamed, 80, lambda word, _: f"<{word}>")
        assert text.splitlines()[0].endswith(f"on node {node}: <{state}>")
