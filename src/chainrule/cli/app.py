"""The command ``chainrule``: its own options; `chainrule.cli.commands` has the subcommands."""

from __future__ import annotations

from typing import Annotated

import typer

from chainrule.cli.commands import CommandGroup
from chainrule.version import __version__

__all__ = ["app"]

app = typer.Typer(
    name="chainrule",
    cls=CommandGroup,
    help="Train multilayer perceptrons on tables, use them, and judge them.",
    epilog="Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted. "
    "Start with: chainrule train --help",
    invoke_without_command=True,
    rich_markup_mode=None,  # the first page is plain text: rich takes half of its time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"chainrule {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Train multilayer perceptrons on tables, use them, and judge them."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
