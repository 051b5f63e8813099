"""A command that goes on by itself: started as users start it, and looked at from outside."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from serve_watch import WatchServer

PATIENCE = 30  # seconds until something is said to never come


class Program:
    """``kubectl ds explain`` in a process of its own."""

    def __init__(
        self, server: WatchServer, home: Path, *arguments: str, reads: bool = True
    ) -> None:
        kubeconfig = server.kubeconfig(home / "config")
        where = ["--kubeconfig", kubeconfig, "-n", "kube-system"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kubectl_ds", "explain", *arguments, *where],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "COLUMNS": "80", "PYTHONUNBUFFERED": ""},
        )
        if reads:
            self.out, self.err = Lines(self.process.stdout), Lines(self.process.stderr)

    def interrupted(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        self.out.rest()
        self.err.rest()
        return code


class Lines:
    """What a process writes, line by line."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream
        self.all: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._queue.put(line.decode().rstrip("\n"))
        self._queue.put(None)

    def next(self) -> str | None:
        """The next line; None at the end."""
        line = self._queue.get(timeout=PATIENCE)
        if line is not None:
            self.all.append(line)
        return line

    def until(self, wanted: Callable[[str], bool] | str) -> str:
        """The next line that is wanted, or that holds some text."""
        while (line := self.next()) is not None:
            if wanted in line if isinstance(wanted, str) else wanted(line):
                return line
        raise AssertionError(f"it ended without {wanted}: {self.all}")

    def rest(self) -> list[str]:
        """All lines, to the end."""
        while self.next() is not None:
            pass
        return self.all


@contextmanager
def program(
    server: WatchServer, home: Path, *arguments: str, reads: bool = True
) -> Iterator[Program]:
    """A program that is killed at the end, if it did not end before."""
    found = Program(server, home, *arguments, reads=reads)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
        if not reads and found.process.stderr:
            found.process.stderr.close()
