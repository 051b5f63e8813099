"""Runs the command line, and turns every error into one line and an exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from kubectl_ds.cli import main as cli
from kubectl_ds.errors import KubectlDsError, OutputError

_INTERRUPTED = 130
_CLOSED_PIPE = 141
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
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        message = error.format_message().rstrip(".")
        end = "" if message.endswith(("?", "?)")) else "."
        return _fail(f"{message}{end} See '{_help(error)}'.", error.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except OutputError as error:
        _discard_output()
        return _fail(str(error), error.exit_code)
    except KubectlDsError as error:
        return _fail(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except SystemExit:  # click ends so where the reader of our output went away
        return _closed_pipe()
    except BrokenPipeError:
        return _closed_pipe()
    except Exception as error:
        return _bug(error, words)


def _help(error: click.UsageError) -> str:
    return f"{error.ctx.command_path if error.ctx else 'kubectl ds'} -h"


def _write_what_the_terminal_can() -> None:
    """A terminal that knows no "…" gets a question mark rather than an error."""
    if sys.stdout is None:  # started with its output closed
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _fail(message: str, code: int) -> int:
    from kubectl_ds.draw.visible import visible

    click.echo(f"error: {visible(message)}", err=True)
    return code


def _closed_pipe() -> int:
    """As if SIGPIPE had ended us, as it ends kubectl; nothing more is written."""
    _discard_output()
    return _CLOSED_PIPE


def _discard_output() -> None:
    """Keep the interpreter from trying once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug(error: Exception, words: Sequence[str]) -> int:
    if any(word.startswith(("-v", "--v=")) and word != "--version" for word in words):
        raise error
    return _fail(
        f"internal error, {type(error).__name__}: {error}; this is a bug in kubectl ds: "
        "please report it with the traceback that -v 1 shows",
        _BUG,
    )
