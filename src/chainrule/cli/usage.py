"""A command that cannot be understood is answered in one line, as any other bad input is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from chainrule.cli.console import print_error
from chainrule.cli.process import BAD_INPUT, INTERRUPTED
from chainrule.errors import nearest_name

__all__ = ["OneLineGroup"]

# Click's UsageError, or that of the copy of click which newer versions of typer bring along.
UsageError: Any = typer.BadParameter.__base__


class OneLineGroup(TyperGroup):
    """A group of commands that says what is wrong with its options in one line, and exits with 2."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command; leave with its exit code unless `standalone_mode` is false."""
        given = (args, prog_name, complete_var, False, windows_expand_args)
        if not standalone_mode:
            return super().main(*given, **extra)
        try:
            code = super().main(*given, **extra)
        except UsageError as error:
            print_error(f"{reason(error)} (see {command_path(error)} --help)")
            code = BAD_INPUT
        except typer.Abort:  # Ctrl-C before the command began
            print_error("interrupted")
            code = INTERRUPTED
        sys.exit(code or 0)


def reason(error: Any) -> str:
    """Return what is wrong, without a capital or a full stop."""
    if hasattr(error, "possibilities"):  # there is no such option
        given = str(error.option_name)
        known = [name for parameter in error.ctx.command.params for name in parameter.opts]
        nearest = nearest_name(given, [name for name in known if name.startswith("--")])
        return f"no such option {given}" + (f": did you mean {nearest}?" if nearest else "")
    text = " ".join(str(error.format_message()).split()).rstrip(".")
    return text[:1].lower() + text[1:]


def command_path(error: Any) -> str:
    """Return the command whose help is to be read."""
    return str(error.ctx.command_path) if error.ctx is not None else "chainrule"
