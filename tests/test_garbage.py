"""When the garbage collector is at work, and what is left for the process's end."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import serve_watch
from serve_watch import WatchServer

from kubectl_ds.garbage import collect_garbage, collect_no_garbage, leave_to_the_end

# A process that says whether the collector is on, once it has got to some place.
PROGRAM = """
import gc, sys
import kubectl_ds.explain, kubectl_ds.follow
from kubectl_ds.__main__ import run

def tell(*_):
    print("on" if gc.isenabled() else "off")
    raise KeyboardInterrupt

kubectl_ds.{place} = tell
run()
"""


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    yield
    gc.enable()


class Thing:
    pass


@pytest.mark.parametrize("ends", [True, False], ids=["the process ends", "the process goes on"])
def test_only_a_process_that_ends_keeps_what_it_needs_no_more(ends: bool) -> None:
    (collect_no_garbage if ends else collect_garbage)()
    thing = Thing()
    there = weakref.ref(thing)
    leave_to_the_end(thing)
    del thing
    assert (there() is not None) is ends


@pytest.mark.parametrize(
    ("place", "flags", "expected"),
    [
        pytest.param("explain.show", [], "off", id="an answer"),
        pytest.param("follow.Follower", ["--watch"], "on", id="watch"),
        pytest.param("follow.Follower", ["--wait"], "on", id="wait"),
    ],
)
def test_it_is_collected_where_the_program_goes_on(
    place: str, flags: list[str], expected: str, tmp_path: Path
) -> None:
    with WatchServer(serve_watch.world()) as server:
        kubeconfig = server.kubeconfig(tmp_path / "config")
        where = ["--kubeconfig", kubeconfig, "-n", "kube-system"]
        command = [sys.executable, "-c", PROGRAM.format(place=place), "explain", "agent"]
        ended = subprocess.run(
            [*command, *flags, *where], capture_output=True, text=True, check=False
        )
    assert (ended.stdout, ended.returncode) == (f"{expected}\n", 130), ended.stderr
