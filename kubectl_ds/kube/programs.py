"""Other programs, run so that neither they nor their children can keep us for ever."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

_QUIET = 3.0  # seconds before it is said that a program takes long
_STEP = 0.5

# Those in a session of their own, which a terminal's ^C does not reach.
_running: set[subprocess.Popen[bytes]] = set()


class Done(NamedTuple):
    """How a program ended, and what it printed."""

    code: int
    output: bytes


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    limit: float | None,
    slow: Callable[[], object] | None,
) -> Done:
    """Run a program to its end, and take what it prints; its stderr is ours.

    Args:
        command: the program's path and its arguments.
        environment: what is added to our own environment.
        limit: seconds that it may take; None for any.
        slow: called once if it still runs after three seconds; None for a program that has the
            terminal: it gets our standard input, and the terminal's ^C.

    Raises:
        TimeoutError: it took too long; it and its children are ended.
        OSError, ValueError: it can't be run.
    """
    process = subprocess.Popen(  # noqa: S603 (the kubeconfig names the command, as for kubectl)
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL if slow else None,
        stdout=subprocess.PIPE,
        start_new_session=slow is not None,
    )
    if slow:
        _running.add(process)
    try:
        return Done(output=_output(process, limit, slow), code=process.wait())
    except BaseException:
        _end(process)
        raise
    finally:
        _running.discard(process)
        if process.stdout:
            process.stdout.close()


def _output(
    process: subprocess.Popen[bytes], limit: float | None, slow: Callable[[], object] | None
) -> bytes:
    """All that a program prints until it ends; its children may hold the pipe for longer."""
    began, ended = time.monotonic(), False
    while True:
        try:
            return process.communicate(timeout=_STEP)[0]
        except subprocess.TimeoutExpired as late:
            if ended:
                return late.output or b""
            ended = process.poll() is not None
        passed = time.monotonic() - began
        if limit is not None and passed >= limit and not ended:
            raise TimeoutError
        if slow and passed >= _QUIET and not ended:
            slow()
            slow = None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program, and its children where it has a session of its own."""
    with suppress(OSError):
        if process in _running and hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        _end(process)
