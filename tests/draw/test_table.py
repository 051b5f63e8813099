from __future__ import annotations

import msgspec
import pytest
from golden import assert_screen
from recorded import NAMES, cluster, explained

from kubectl_ds.core.judge import explain
from kubectl_ds.core.reasons import State
from kubectl_ds.draw.table import screen, wide
from kubectl_ds.draw.theme import coloured, plain

SCENES = [
    "container_failures",
    "controller_not_reconciling",
    "kubelet_rejects",
    "node_affinity",
    "not_ready_node",
    "not_ready_node_tolerated",
    "on_delete",
    "pod_security",
    "quota_pods",
    "rollout_blocked_by_quota",
    "rollout_stuck",
    "selects_nothing",
    "stuck_terminating_overdue",
    "surge_port_conflict",
    "taint_added_later",
]


@pytest.mark.parametrize("name", SCENES)
def test_folded_screen(name: str) -> None:
    daemon_set = "agent" if name == "controller_not_reconciling" else ""
    text = screen(explained(name, daemon_set), 80, plain)
    assert_screen(name, text + "\n")


@pytest.mark.parametrize("name", ["rollout_stuck", "node_affinity"])
def test_wide_screen(name: str) -> None:
    assert_screen(f"{name}.wide", wide(explained(name), 80, plain) + "\n")


@pytest.mark.parametrize("width", [40, 80, 132])
@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for daemon_set in cluster(name).daemon_sets[:4]:
        lines = screen(explain(cluster(name), daemon_set), width, plain).splitlines()
        assert max(map(len, lines)) <= width


def test_every_node_has_a_line_in_wide_output() -> None:
    lines = wide(explained("quota_pods"), 80, plain, headers=False).splitlines()
    assert len(lines) == 10
    assert [line.split()[0] for line in lines[:2]] == ["node02", "node03"]


def test_without_headers_only_rows_are_left() -> None:
    lines = screen(explained("quota_pods"), 80, plain, headers=False).splitlines()
    assert len([line for line in lines if "node" in line.split()[1]]) == 2
    assert "NODES" not in lines[0]


def test_5000_nodes_fit_one_screen() -> None:
    answer = explained("quota_pods")
    many = tuple(
        msgspec.structs.replace(answer.nodes[index % 10], node=f"node-{index}")
        for index in range(5000)
    )
    text = screen(msgspec.structs.replace(answer, nodes=many), 80, plain)
    assert len(text.splitlines()) <= 24
    assert "2500  node-2 node-3" in text


def test_colour_adds_nothing_but_colour() -> None:
    answer = explained("rollout_stuck")
    painted = screen(answer, 80, coloured)
    assert "\x1b[31mUnready\x1b[0m" in painted
    for code in ("\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[0m"):
        painted = painted.replace(code, "")
    assert painted == screen(answer, 80, plain)


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_colour(state: State) -> None:
    assert coloured(state.value, state) != state.value


def test_a_long_name_is_cut_and_says_so() -> None:
    answer = explained("soft_taint_only")
    name = "ip-10-0-12-34.eu-central-1.compute.internal.example.com"
    nodes = (msgspec.structs.replace(answer.nodes[0], node=name),)
    text = screen(msgspec.structs.replace(answer, nodes=nodes), 80, plain)
    assert "  1  ip-10-0-12-34.eu-ce…  Available" in text
