"""The program makes no request but GET, whatever it is asked for.

Commands, and the options of each, are taken from the program itself: a new one is tried, too, or
fails here until it is said how to try it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from following import followed
from rights import granted, restrict
from serve import ApiServer, Object, recorded

from kubectl_ds.cli import main as group
from kubectl_ds.main import main

# Missing, Pending, Unready, Failed and Terminating pods, a rollout, other schedulers, and no gap.
SITUATIONS = [
    "quota_pods", "insufficient_cpu", "missing_pvc", "container_failures", "kubelet_rejects",
    "stuck_terminating_overdue", "rollout_stuck", "no_such_scheduler", "seed1", "cordoned",
]  # fmt: skip

# What an option that takes a value, or needs another one beside it, is tried with.
VALUES = {
    "--node": ["--node=node1"],
    "--by": ["--by=zone"],
    "--min": ["--min=100%"],
    "--min-reach": ["--min-reach=100%"],
    "--selector": ["--selector=app"],
    "--namespace": ["--namespace=default"],
    "--wait": ["--wait", "--timeout=1s"],
    "--context": ["--context=test", "--context=test"],
    "--v": ["--v=9"],
}
ENDLESS = {"--watch"}  # see test_only_get_while_watching
# These say how to reach a server, or that there is none to reach.
ELSEWHERE = {
    "--kubeconfig", "--cluster", "--user", "--as", "--as-group", "--as-uid", "--as-user-extra",
    "--server", "--token", "--certificate-authority", "--client-certificate", "--client-key",
    "--insecure-skip-tls-verify", "--tls-server-name", "--request-timeout", "--cache-dir",
    "--disable-compression", "--from", "--demo", "--timeout", "--help",
}  # fmt: skip


def reads(command: click.Command) -> bool:
    """Whether a command reads a cluster."""
    return any("--kubeconfig" in item.opts for item in command.params)


def options(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    for item in command.params:
        if isinstance(item, click.Option):
            yield max(item.opts, key=len), item


def ways(name: str, command: click.Command) -> Iterator[list[str]]:
    """A command by itself, with each of its options, and in each of its formats."""
    everywhere = ["-A"] if reads(command) else []
    yield [name, *everywhere]
    for flag, option in options(command):
        if flag in ENDLESS | ELSEWHERE:
            continue
        if isinstance(option.type, click.Choice):
            yield from ([name, *everywhere, f"{flag}={value}"] for value in option.type.choices)
        elif flag in ("--namespace", "--wait"):
            yield [name, *VALUES[flag]]
        else:
            yield [name, *everywhere, *VALUES.get(flag, [flag])]


ALL = [(way, command) for name, command in group.commands.items() for way in ways(name, command)]
READING = [name for name, command in group.commands.items() if reads(command)]


def first(objects: list[Object]) -> list[str]:
    """The name and place of the first DaemonSet, as arguments."""
    meta = next(item for item in objects if item["kind"] == "DaemonSet")["metadata"]
    return [meta["name"], "-n", meta["namespace"]]


@pytest.mark.parametrize(("way", "command"), ALL, ids=[" ".join(way) for way, _ in ALL])
def test_only_get(
    way: list[str], command: click.Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SITUATIONS:
        objects = recorded(name)
        named = [way[0], *first(objects), *way[1:]] if "--wait" in way else way
        with ApiServer(objects) as api:
            config = api.kubeconfig(tmp_path / "config")
            monkeypatch.setenv("KUBECONFIG", config)  # also for one without --kubeconfig
            assert main(named) in (0, 1, 3)
            assert {item.method for item in api.asked} == ({"GET"} if reads(command) else set())
        if "--wait" in way:
            break  # it takes its time


@pytest.mark.parametrize("command", READING)
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


def test_only_get_while_watching(tmp_path: Path) -> None:
    objects = recorded("quota_pods")
    with ApiServer(objects) as api:

        def watching(*_: str) -> bool:
            return any("watch" in item.query for item in tuple(api.asked))

        followed(api, tmp_path, first(objects), watching)
        assert {item.method for item in api.asked} == {"GET"}


@pytest.mark.parametrize("name", group.commands)
def test_every_option_is_tried_or_said_to_be_elsewhere(name: str) -> None:
    for flag, option in options(group.commands[name]):
        tried = option.is_flag or isinstance(option.type, click.Choice) or flag in VALUES
        assert tried or flag in ELSEWHERE, f"say in VALUES what to try {name} {flag} with"


def test_what_is_said_of_options_is_about_some_that_exist() -> None:
    exist = {flag for command in group.commands.values() for flag, _ in options(command)}
    assert VALUES.keys() | ENDLESS | ELSEWHERE - {"--help"} <= exist
