"""The process: how it begins and ends; what it does is in `main`."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from kubectl_ds.garbage import collect_no_garbage


def run() -> NoReturn:
    """Run the program in a process of its own, and end that once all is written.

    The system takes back a hundred megabytes of small values at once, the interpreter would free
    them one by one.
    """
    codes: list[int] = []
    atexit.register(_end, codes)  # the first to register is the last to be called
    collect_no_garbage()
    from kubectl_ds.main import main

    codes.append(main())
    sys.exit(codes[0])


def _end(codes: Sequence[int]) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # gone, or closed, or never there
            stream.flush()
    for code in codes:  # there is none where an error went through
        os._exit(code)


if __name__ == "__main__":
    run()
