"""The flags, in bundles. Each follows kubectl letter for letter where kubectl has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PART = f"({_NUMBER})(ns|us|µs|μs|ms|s|m|h)"
_PERCENT = r"([0-9]+(?:\.[0-9]+)?)(%?)"
_SECONDS = {
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 1e-3,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ns": 1e-9,
}
# What a socket can wait for; nobody waits longer.
_LONGEST = 2_000_000.0


def duration(text: str) -> float:
    """Seconds from a span as kubectl takes it: ``1s``, ``2m``, ``1h30m``, bare seconds.

    Source: client-go ``tools/clientcmd/helpers.go``, ParseTimeout, and Go's ``time``.

    Raises:
        click.BadParameter: the text is no such span.
    """
    plain = text.removeprefix("+")
    if plain.isascii() and plain.isdigit():
        return min(float(plain), _LONGEST)
    if not re.fullmatch(f"(?:{_PART})+", plain):
        raise click.BadParameter(f"{text!r} is not a duration such as 30s, 2m or 1h")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in re.findall(_PART, plain))
    return min(seconds, _LONGEST)


class Percent(click.ParamType):  # type: ignore[type-arg]  # click 8.1 knows no arguments
    """A share as ``95%``, or ``95`` for the same; its value is a Fraction of 0 to 1."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The share.

        Raises:
            click.BadParameter: the text is no share, or might mean two things.
        """
        from fractions import Fraction

        if isinstance(value, Fraction):
            return value
        number = re.fullmatch(_PERCENT, value)
        if number is None or Fraction(number[1]) > 100:
            self.fail(f"{value!r} is not a share such as 95%", param, ctx)
        if not number[2] and Fraction(number[1]) <= 1 and Fraction(number[1]):
            self.fail(f"{value!r} may mean {value}% or {float(value):.0%}; add the %", param, ctx)
        return Fraction(number[1]) / 100


def not_empty(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option, none of which may be empty.

    Raises:
        click.BadParameter: one is.
    """
    if "" in values:
        raise click.BadParameter("it must not be empty")
    return values


def _tell(_: click.Context, __: click.Parameter, level: int) -> int:
    if level > 0:
        from kubectl_ds.terminal import tell

        tell(level)
    return level


def _hidden(*names: str, **settings: Any) -> Callable[[Command], Command]:
    return click.option(*names, hidden=True, **settings)


# Shown by `kubectl ds options`, as kubectl does with its own.
_CONNECTION = (
    _hidden("--cluster", metavar="NAME", help="The kubeconfig cluster to use."),
    _hidden("--user", metavar="NAME", help="The kubeconfig user to use."),
    _hidden("--as", "as_user", metavar="NAME", help="User to impersonate."),
    _hidden("--as-group", "as_groups", multiple=True, metavar="NAME", help="Group to impersonate."),
    _hidden("--as-uid", metavar="UID", help="UID to impersonate."),
    _hidden(
        "--as-user-extra", multiple=True, metavar="KEY=VALUE", help="User extra to impersonate."
    ),
    _hidden("-s", "--server", metavar="URL", help="Address of the API server."),
    _hidden("--token", metavar="TOKEN", help="Bearer token for the API server."),
    _hidden("--certificate-authority", metavar="FILE", help="Certificate of the authority."),
    _hidden("--client-certificate", metavar="FILE", help="Client certificate."),
    _hidden("--client-key", metavar="FILE", help="Key of the client certificate."),
    _hidden(
        "--insecure-skip-tls-verify",
        is_flag=True,
        help="Do not verify the server's certificate. This makes the connection insecure.",
    ),
    _hidden("--tls-server-name", metavar="NAME", help="Name to verify the certificate against."),
    _hidden(
        "--request-timeout",
        type=duration,
        metavar="DURATION",
        help="How long one request may take: 30s, 2m; 0 for no limit.  "
        "[default: 10s to connect, 30s of silence, 2m in all]",
    ),
    _hidden(
        "--cache-dir", expose_value=False, metavar="DIR", help="Accepted; nothing is kept in it."
    ),
    _hidden("--disable-compression", is_flag=True, help="Ask the server not to compress."),
    _hidden(
        "-v",
        "--v",
        "verbosity",
        type=int,
        default=0,
        callback=_tell,
        metavar="LEVEL",
        help="1 tells what is tried again, and shows the traceback of an internal error; "
        "6 tells of every request.",
    ),
)

_WHERE = (
    click.option("-n", "--namespace", metavar="NAME", help="Namespace to look in."),
    click.option("-A", "--all-namespaces", is_flag=True, help="Look in all namespaces."),
    click.option(
        "--context",
        "contexts",
        multiple=True,
        metavar="NAME",
        help="The kubeconfig context to use. May be repeated, to read several clusters.",
    ),
    click.option(
        "--all-contexts", is_flag=True, help="Read the clusters of all kubeconfig contexts."
    ),
    click.option("--kubeconfig", metavar="FILE", help="The kubeconfig file to use."),
    click.option("-l", "--selector", default="", metavar="SELECTOR", help="DaemonSets by label."),
)

_SAVED = (
    click.option(
        "--from",
        "paths",
        multiple=True,
        metavar="PATH",
        help="Read saved objects instead of a cluster: a file, a directory, or - for stdin. "
        "May be repeated.",
    ),
    click.option("--demo", is_flag=True, help="Read the bundled example cluster."),
)


def _bundle(options: tuple[Callable[[Any], Any], ...]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def output_options(formats: Sequence[str]) -> Callable[[Command], Command]:
    """The flags that say how to show an answer, in one of the formats."""
    return _bundle(
        (
            click.option(
                "-o",
                "--output",
                type=click.Choice(formats),
                default="table",
                show_default=True,
                metavar="FORMAT",
                help=f"One of {', '.join(formats)}.",
            ),
            click.option(
                "--no-headers", is_flag=True, help="Print rows alone: no headline, titles or notes."
            ),
            click.option(
                "--color",
                type=click.Choice(["auto", "always", "never"]),
                default="auto",
                show_default=True,
                help="When to colour states.",
            ),
        )
    )


connection_options = _bundle(_CONNECTION)
where_options = _bundle(_WHERE)
saved_options = _bundle(_SAVED)
