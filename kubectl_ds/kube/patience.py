"""Waiting for something so long and no longer, whatever keeps it."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def in_time(
    do: Callable[[], Result], seconds: float | None, drop: Callable[[Result], object]
) -> Result:
    """Do something in a thread of its own, and wait for what it brings.

    So neither a deadline nor an interrupt waits for what nothing can break off: a name that is
    being resolved, an answer whose headers come a byte at a time.

    Args:
        do: what to do; where nobody waits any more it goes on in the background.
        seconds: how long to wait; None for any time.
        drop: is given what comes when nobody waits any more.

    Raises:
        TimeoutError: it takes longer.
        Exception: what it raised.
    """
    future = begun(do)
    try:
        return future.result(seconds)
    except BaseException as error:
        future.add_done_callback(lambda late: late.exception() or drop(late.result()))
        if isinstance(error, concurrent.futures.TimeoutError):  # in Python 3.10 no TimeoutError
            raise TimeoutError from error
        raise


def begun(do: Callable[[], Result]) -> Future[Result]:
    """Do something in a thread of its own, for the end of which the process does not wait."""
    future: Future[Result] = Future()
    threading.Thread(target=fulfil, args=(future, do), daemon=True).start()
    return future


def fulfil(future: Future[Result], do: Callable[[], Result]) -> None:
    """Do something here and now, for those who wait for what it brings, or raises."""
    try:
        future.set_result(do())
    except BaseException as error:  # whatever it is, somebody waits for it
        future.set_exception(error)
