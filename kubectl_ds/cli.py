"""The command line: click commands and nothing else. What is heavy is imported when it runs."""

from __future__ import annotations

import sys
from copy import copy
from typing import Any

import click

from kubectl_ds import __version__
from kubectl_ds.options import (
    Percent,
    connection_options,
    duration,
    not_empty,
    output_options,
    saved_options,
    where_options,
)

FORMATS = ("table", "wide", "json", "yaml", "name", "markdown", "html")
FLEET_FORMATS = (*FORMATS, "junit", "openmetrics")
MANUAL_FORMATS = ("table", "json", "yaml", "name", "markdown")
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 80}


class _Commands(click.Group):
    """The commands; a DaemonSet's name in place of one is understood, and answered with advice."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.UsageError(
                f"There is no command {args[0]!r}; for a DaemonSet of that name: "
                f"kubectl ds explain {args[0]}.",
                ctx,
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an interrupt ends it without a word, where click would print a line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            if sys.stderr is not None and sys.stderr.isatty():  # behind the terminal's own ^C
                click.echo(err=True)
            raise click.Abort from None


@click.group(cls=_Commands, context_settings=_SETTINGS, invoke_without_command=True)
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Why a DaemonSet's pod is, or is not, on each node.

    \b
    Examples:
      # Why does fluentd not run on every node?
      kubectl ds explain fluentd -n logging

    \b
      # Which DaemonSets of the cluster have a gap, and why?
      kubectl ds explain -A

    \b
      # Explain a cluster from saved objects, without access to it
      kubectl get -A -o json > dump.json \\
      ds,controllerrevisions,no,po,ev,quota,limits,ns,sa,pc,runtimeclass,pvc,pv,sc
      kubectl ds explain fluentd -n logging --from dump.json

    \b
      # Which nodes have no log collector, and how far does each DaemonSet reach?
      kubectl ds coverage -A

    \b
      # What does a code mean, and what to look at next?
      kubectl ds reasons QuotaExceeded

    \b
      # Try it on the bundled example cluster
      kubectl ds explain --demo
      kubectl ds coverage --demo

    Flags go behind the command: "kubectl ds explain -n logging" works,
    "kubectl -n logging ds explain" does not.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME | ds/NAME]...")
@where_options
@click.option(
    "--node",
    "nodes",
    multiple=True,
    metavar="NAME",
    help="Tell the whole story of this node, rule by rule. May be repeated.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Without a NAME: also explain the DaemonSets that have no gap.",
)
@output_options(FORMATS)
@click.option("--check", is_flag=True, help="Exit with 1 where there is a gap.")
@click.option(
    "-w",
    "--watch",
    is_flag=True,
    help="Show the answer anew as the cluster changes; where the output is no terminal, a line "
    "for each change.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="Wait until no gap is left; exit with 1 where one is when the time is up.",
)
@click.option(
    "--timeout",
    type=duration,
    metavar="DURATION",
    help="How long to --wait: 30s, 10m; 0 for no limit.  [default: 10m]",
)
@saved_options
@connection_options
def explain(**flags: Any) -> int:
    """Tell for each node why a DaemonSet's pod is, or is not, there.

    Without a NAME, explain every DaemonSet of the namespace that has a gap.

    \b
    Examples:
      # Why does fluentd not run on every node?
      kubectl ds explain fluentd -n logging

    \b
      # Everything about one node, with the rules that passed
      kubectl ds explain fluentd -n logging --node worker-3

    \b
      # Every DaemonSet with a gap, in all namespaces
      kubectl ds explain -A

    \b
      # A row for each node; a document for scripts
      kubectl ds explain fluentd -n logging -o wide
      kubectl ds explain fluentd -n logging -o json

    \b
      # Fail a pipeline where a node is not covered
      kubectl ds explain fluentd -n logging --check

    \b
      # Follow a rollout; in a pipeline, wait for its end
      kubectl ds explain fluentd -n logging --watch
      kubectl ds explain fluentd -n logging --wait --timeout 15m

    \b
      # Every DaemonSet with a gap, in two clusters
      kubectl ds explain -A --context prod-a --context prod-b

    \b
      # Read what a customer sent: files, directories, must-gathers, stdin
      kubectl ds explain fluentd -n logging --from dump.json
      zcat dump.json.gz | kubectl ds explain -A --from -

    "kubectl ds options" lists the flags that say how to reach the cluster.
    """
    from kubectl_ds.explain import run

    return run(flags)


class _Coverage(click.Command):
    """A command that can't follow the cluster, and says which one can."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in ("-w", "--watch", "--wait"):
                raise
            raise click.UsageError(
                f"{error.option_name} is of 'kubectl ds explain NAME'; coverage has none.", ctx
            ) from None


@main.command(cls=_Coverage)
@click.argument("names", nargs=-1, metavar="[NAME | ds/NAME]...")
@where_options
@click.option(
    "--by",
    multiple=True,
    callback=not_empty,
    metavar="LABEL",
    help="Group nodes by a label: zone, pool, os, arch, instance-type, or any key. "
    "May be repeated.",
)
@click.option("--matrix", is_flag=True, help="Show nodes that look alike against DaemonSets.")
@click.option(
    "--blind",
    is_flag=True,
    help="Show the nodes that lack some of the DaemonSets named; without a NAME, of those that "
    "reach, or should reach, more than half the fleet.",
)
@output_options(FLEET_FORMATS)
@click.option("--check", is_flag=True, help="Exit with 1 where there is a gap.")
@click.option(
    "--min",
    "least_coverage",
    type=Percent(),
    metavar="PERCENT",
    help="Exit with 1 where coverage, the available share of wanted pods, is below this.",
)
@click.option(
    "--min-reach",
    "least_reach",
    type=Percent(),
    metavar="PERCENT",
    help="Exit with 1 where reach, the available share of all nodes, is below this.",
)
@click.option(
    "--fast",
    is_flag=True,
    help="Trust the reported status where it accounts for every wanted node, and read no pods "
    "there; such rows are marked as not verified.",
)
@saved_options
@connection_options
def coverage(**flags: Any) -> int:
    """Tell how far each DaemonSet reaches, and which nodes are blind.

    Coverage is the available share of the pods that are wanted, reach that of all nodes: it
    shows the nodes that are left out by mistake.

    \b
    Examples:
      # Every DaemonSet of the cluster, the worst first
      kubectl ds coverage -A

    \b
      # Which pool has none?
      kubectl ds coverage fluentd -n logging --by pool

    \b
      # Which nodes lack what most nodes need, and why?
      kubectl ds coverage -A --blind

    \b
      # The fleet at a glance, in the terminal and as a page
      kubectl ds coverage -A --matrix
      kubectl ds coverage -A -o html > coverage.html

    \b
      # Every DaemonSet of every cluster that the kubeconfig knows
      kubectl ds coverage -A --all-contexts

    \b
      # Fail a pipeline below a line
      kubectl ds coverage fluentd -n logging --min 95%

    \b
      # For monitoring and CI
      kubectl ds coverage -A -o openmetrics
      kubectl ds coverage -A -o junit

    "kubectl ds options" lists the flags that say how to reach the cluster.
    """
    from kubectl_ds.coverage import run

    return run(flags)


def _codes(_: click.Context, __: click.Parameter, start: str) -> list[str]:
    """Codes that complete a word on the command line, whatever its case."""
    from kubectl_ds.core.reasons import FINDINGS, REASONS

    known = dict.fromkeys((*REASONS, *FINDINGS))
    return [code for code in known if code.lower().startswith(start.lower())]


@main.command()
@click.argument("codes", nargs=-1, metavar="[CODE]...", shell_complete=_codes)
@output_options(MANUAL_FORMATS)
@connection_options
def reasons(**flags: Any) -> int:
    """Look up codes: what one means, how Kubernetes decides it, what to look at.

    Without a CODE, list all of them. No cluster is read.

    \b
    Examples:
      # Every code, by the state that it explains
      kubectl ds reasons

    \b
      # What does this one mean, and what to look at next?
      kubectl ds reasons QuotaExceeded

    \b
      # The same for a runbook
      kubectl ds reasons imagepullbackoff oomkilled -o markdown
    """
    from kubectl_ds.reasons import run

    return run(flags)


@main.command()
@click.pass_context
def options(context: click.Context) -> None:
    """List the flags for reaching the cluster."""
    formatter = context.make_formatter()
    rows = [_shown(item, context) for item in explain.params if getattr(item, "hidden", False)]
    with formatter.section("The following flags can be passed to any command"):
        formatter.write_dl([row for row in rows if row])
    click.echo(formatter.getvalue().rstrip("\n"))


def _shown(parameter: click.Parameter, context: click.Context) -> tuple[str, str] | None:
    if not isinstance(parameter, click.Option):
        return None
    shown = copy(parameter)
    shown.hidden = False
    return shown.get_help_record(context)
