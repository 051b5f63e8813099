"""``explain --watch`` in a process of its own, until what is waited for has happened."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from serve import ApiServer

_ENOUGH = 60.0  # seconds, after which something is wrong


def followed(
    api: ApiServer, folder: Path, what: Sequence[str], done: Callable[[str, str], bool]
) -> tuple[str, str]:
    """Watch DaemonSets until there is an answer and a condition on stdout and stderr holds.

    Returns:
        What was said on stdout, and on stderr.
    """
    out, err = folder / "out", folder / "err"

    def holds() -> bool:
        return bool(out.read_text()) and done(out.read_text(), err.read_text())

    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "kubectl_ds", "explain", *what, "--watch"],
            env={**os.environ, "KUBECONFIG": api.kubeconfig(folder / "config")},
            stdout=stdout,
            stderr=stderr,
        )
        end = time.monotonic() + _ENOUGH
        while not holds() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert holds(), err.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(_ENOUGH) == 130
    return out.read_text(), err.read_text()
