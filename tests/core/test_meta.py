"""Decoders, which several threads ask for at once while a cluster is read."""

from __future__ import annotations

import subprocess
import sys

# msgspec 0.22 crashes where two threads have it learn the same types at the same time.
PROGRAM = """
import sys, threading
from msgspec import Raw, ValidationError
from kubectl_ds.core import meta
from kubectl_ds.core.crowds import Sketch
from kubectl_ds.core.model import ControllerRevision, DaemonSet, Event, Namespace, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.read.ask import Page

sys.setswitchinterval(1e-6)
KINDS = [Sketch, Node, ControllerRevision, Namespace, Sketch, Pod, Event, DaemonSet]
PAGE = b'{"items": [{"metadata": {"name": "a", "ownerReferences": [{"uid": "z"}]}}]}'
begin = threading.Barrier(len(KINDS))

def read(kind):
    begin.wait()
    try:
        meta.decoder(Page[kind]).decode(PAGE)
    except ValidationError:
        pass

threads = [threading.Thread(target=read, args=(kind,)) for kind in KINDS]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""
TRIES = 12


def test_threads_may_ask_for_decoders_at_the_same_time() -> None:
    command = [sys.executable, "-c", PROGRAM]
    assert [subprocess.run(command).returncode for _ in range(TRIES)] == [0] * TRIES
