"""The entry point: runs the command line and turns every error into one line and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from kubectl_ds.cli import main as cli
from kubectl_ds.errors import KubectlDsError

_INTERRUPTED = 130
_BUG = 70


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        arguments: the command line without the program's name; None takes the process's own.

    Returns:
        The exit code; the README lists them.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    _write_what_the_terminal_can()
    try:
        code = cli.main(words, prog_name="kubectl ds", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KubectlDsError as error:
        return _fail(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except BrokenPipeError:
        return _quietly()
    except Exception as error:
        return _bug(error, words)


def _write_what_the_terminal_can() -> None:
    """A terminal that knows no "…" gets a question mark rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _fail(message: str, code: int) -> int:
    from kubectl_ds.draw.visible import visible

    click.echo(f"error: {visible(message)}", err=True)
    return code


def _quietly() -> int:
    """The reader of our output went away; keep the interpreter from complaining at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _bug(error: Exception, words: Sequence[str]) -> int:
    if any(word.startswith(("-v", "--v=")) and word != "--version" for word in words):
        raise error
    return _fail(
        f"internal error, {type(error).__name__}: {error}; this is a bug in kubectl ds: "
        "please report it with the traceback that -v 1 shows",
        _BUG,
    )


if __name__ == "__main__":
    sys.exit(main())
