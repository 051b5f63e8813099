"""The plugin as users start it: kubectl finds it on PATH and hands over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from programs import program
from serve import ApiServer, recorded


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A directory with the executable in it, as krew or pip would make one."""
    path = tmp_path / "bin" / "kubectl-ds"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m kubectl_ds "$@"\n')
    path.chmod(0o755)
    return path.parent


def kubectl(plugin: Path, kubeconfig: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "PATH": f"{plugin}{os.pathsep}{os.environ['PATH']}",
        "KUBECONFIG": kubeconfig,
        "HOME": str(plugin.parent),
        "COLUMNS": "80",
    }
    command = [program("kubectl"), "ds", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=60
    )


def test_kubectl_runs_the_plugin_on_a_live_cluster(plugin: Path, tmp_path: Path) -> None:
    with ApiServer(recorded("quota_pods")) as api:
        kubeconfig = api.kubeconfig(tmp_path / "config")
        ended = kubectl(plugin, kubeconfig, "explain", "fluentd", "-n", "logging")
        assert ended.stderr == ""
        assert ended.returncode == 0
        assert ended.stdout.startswith(
            "DaemonSet logging/fluentd: runs on 5 of 10 nodes, gaps: 5 Missing"
        )
        assert "quota logging-quota is used up" in ended.stdout
        assert {asked.method for asked in api.asked} == {"GET"}


def test_exit_codes_pass_through_kubectl(plugin: Path, tmp_path: Path) -> None:
    with ApiServer(recorded("quota_pods")) as api:
        kubeconfig = api.kubeconfig(tmp_path / "config")
        gap = kubectl(plugin, kubeconfig, "explain", "fluentd", "-n", "logging", "--check")
        assert gap.returncode == 1
        wrong = kubectl(plugin, kubeconfig, "explain", "fluend", "-n", "logging")
        assert (wrong.returncode, wrong.stdout) == (3, "")
        assert "did you mean fluentd in namespace logging" in wrong.stderr
    gone = kubectl(plugin, kubeconfig, "explain", "fluentd", "-n", "logging")
    assert (gone.returncode, gone.stdout) == (4, "")
    assert len(gone.stderr.splitlines()) == 1


def test_saved_objects_need_no_cluster(plugin: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    items = recorded("rollout_stuck")
    saved.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    ended = kubectl(plugin, "/dev/null", "explain", "agent", "--from", str(saved))
    assert ended.returncode == 0
    assert "maxUnavailable 1 is used up" in ended.stdout
