"""The job of ``kubectl ds explain --watch``: the answer again and again, as the cluster changes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from kubectl_ds.canvas import Canvas
from kubectl_ds.core.changes import changes
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.draw.changes import lines, stamp
from kubectl_ds.draw.height import fitted
from kubectl_ds.draw.visible import visible
from kubectl_ds.errors import UsageError
from kubectl_ds.explain import check_nodes, narrowed
from kubectl_ds.follow import Answer, Follower, followed, warn
from kubectl_ds.show import content_of, text_of
from kubectl_ds.source import Flags
from kubectl_ds.terminal import emit
from kubectl_ds.words.overview import title

_FORMATS = ("table", "wide", "json", "yaml")
_OFTEN, _SELDOM = 0.2, 60.0  # seconds; often is often enough to follow the window's size


def run(flags: Flags) -> int:
    """Show the answer, and what changes from then on, until interrupted.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Returns:
        Nothing: it ends by an error, or by an interrupt.

    Raises:
        KubectlDsError: see `errors`; that the connection is lost for a while is no error.
    """
    _check_usage(flags)
    with followed(flags, "--watch") as follower:
        shown = _Shown(follower, flags)
        if flags["output"] in ("json", "yaml"):
            shown.as_documents()
        elif sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            shown.in_place()
        else:
            shown.line_by_line()
    return 0


def _check_usage(flags: Flags) -> None:
    for flag in ("wait", "check"):
        if flags[flag]:
            raise UsageError(f"--watch and --{flag} exclude each other; leave out one of them")
    if flags["output"] not in _FORMATS:
        raise UsageError(f"--watch shows {', '.join(_FORMATS)}, not {flags['output']}")


class _Shown:
    """Answers one after another, in one of the ways to show them."""

    def __init__(self, follower: Follower, flags: Flags) -> None:
        self._follower = follower
        self._flags = flags
        self._single = len(follower.scope.names) == 1

    def as_documents(self) -> None:
        """Print a whole document at first, and whenever it tells anything else."""
        text = ""
        for before, answer in self._pairs():
            if before is None or not before.is_of(answer.cluster) or self._lines(before, answer):
                newer = self._document(answer)
                if newer != text:
                    emit(newer)
                text = newer

    def line_by_line(self) -> None:
        """Print the screen at first, and from then on a line for each change."""
        for before, answer in self._pairs():
            for line in self._lines(before, answer) if before else [self._screen(answer)]:
                emit(line)

    def in_place(self) -> None:
        """Paint the screen anew in place; the last one stays behind."""
        newest: list[Answer] = []
        told: list[str] = []
        try:
            with Canvas() as canvas:
                canvas.paint(self._frame(None, canvas.size[1]))
                for answer in self._painted(canvas, told):
                    newest = [answer]
        finally:
            for answer in newest:
                emit(self._screen(answer))
            warn(told)

    def _painted(self, canvas: Canvas, told: list[str]) -> Iterator[Answer]:
        """Each answer, painted next; what is told of the watching would spoil the screen."""
        painted, seen = None, False
        for answer in self._follower.answers(_OFTEN):
            told += self._follower.told()
            if not (sys.stderr and sys.stderr.isatty()):
                warn(told)
                told.clear()
            frame = id(answer), canvas.size, self._state(answer)
            if frame == painted:
                canvas.refresh()
                continue
            if answer:
                if not seen:
                    check_nodes(answer.explanations, self._flags["nodes"])
                seen = True
                yield answer
            canvas.paint(self._frame(answer, canvas.size[1]))
            painted = frame

    def _pairs(self) -> Iterator[tuple[Answer | None, Answer]]:
        """Each answer with the one before it."""
        before: Answer | None = None
        for answer in self._follower.answers(_SELDOM):
            warn(self._follower.told())
            if answer and answer is not before:
                if before is None:
                    check_nodes(answer.explanations, self._flags["nodes"])
                yield before, answer
                before = answer

    def _frame(self, answer: Answer | None, height: int) -> list[str]:
        state = visible(self._state(answer))
        if answer is None:
            return [state]
        foot = f"{stamp(answer.cluster.now)}  {state}"
        return [*fitted(self._screen(answer), height - 2), "", foot]

    def _state(self, answer: Answer | None) -> str:
        doing = (self._follower.polled or "watching") if answer else "reading the cluster"
        return self._follower.lost or f"{doing}; Ctrl-C ends it"

    def _screen(self, answer: Answer) -> str:
        return text_of(self._explanations(answer), self._flags, self._single)

    def _document(self, answer: Answer) -> str:
        from kubectl_ds.draw import document

        content = content_of(self._explanations(answer), self._single)
        if self._flags["output"] == "json":
            return document.as_line(content)
        return f"---\n{document.as_yaml(content)}".rstrip("\n")

    def _lines(self, before: Answer, after: Answer) -> list[str]:
        pairs = zip(self._explanations(before), self._explanations(after), strict=True)
        return [
            line
            for old, new in pairs
            for line in lines(new.now, changes(old, new), "" if self._single else title(new))
        ]

    def _explanations(self, answer: Answer) -> list[Explanation]:
        return narrowed(answer.explanations, self._flags["nodes"])
