"""The program makes no request but GET, whatever it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from rights import granted, restrict
from serve import ApiServer, recorded

from kubectl_ds.__main__ import main
from kubectl_ds.cli import main as group

# Missing, Pending, Unready, Failed and Terminating pods, a rollout, other schedulers, and no gap.
SITUATIONS = [
    "quota_pods", "insufficient_cpu", "missing_pvc", "container_failures", "kubelet_rejects",
    "stuck_terminating_overdue", "rollout_stuck", "no_such_scheduler", "seed1", "cordoned",
]  # fmt: skip

# What else a command can be asked, and how it then ends.
MORE = {
    "explain": ["--all", "--check", "--node=node1"],
    "coverage": ["--fast", "--matrix", "--blind", "--check", "--by=zone", "--min=100%"],
}


def ways(name: str, command: click.Command) -> Iterator[list[str]]:
    """A command in each of its formats, and with each further flag of its own."""
    options = {item.name: item.type for item in command.params}
    everywhere = ["-A"] if "all_namespaces" in options else []
    output = options.get("output")
    formats = output.choices if isinstance(output, click.Choice) else ()
    for more in (*(f"--output={x}" for x in formats), *MORE.get(name, ())):
        yield [name, *everywhere, more]
    yield [name, *everywhere]


ALL = [(way, command) for name, command in group.commands.items() for way in ways(name, command)]


@pytest.mark.parametrize(("way", "command"), ALL, ids=[" ".join(way) for way, _ in ALL])
def test_only_get(
    way: list[str], command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SITUATIONS:
        with ApiServer(recorded(name)) as api:
            config = api.kubeconfig(tmp_path / "config")
            monkeypatch.setenv("KUBECONFIG", config)  # also for one without --kubeconfig
            assert main(way) in (0, 1, 3)
            reads = any(item.name == "kubeconfig" for item in command.params)
            assert {item.method for item in api.asked} == ({"GET"} if reads else set())


@pytest.mark.parametrize("command", ["explain", "coverage"])
def test_only_get_where_rights_are_missing(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights = granted("ClusterRole/kubectl-ds")
    for left_out in rights:
        with ApiServer(recorded("quota_pods")) as api:
            restrict(api, rights - {left_out})
            monkeypatch.setenv("KUBECONFIG", api.kubeconfig(tmp_path / "config"))
            assert main([command, "-n", "logging"]) in (0, 4)
            assert {item.method for item in api.asked} == {"GET"}


def test_more_is_asked_of_commands_that_exist() -> None:
    assert MORE.keys() <= group.commands.keys()
