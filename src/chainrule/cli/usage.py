"""The group of subcommands: loaded one by one, and answering in one line what cannot be understood."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from chainrule.cli.commands import COMMANDS, load_command
from chainrule.cli.console import guarded, print_error
from chainrule.cli.process import BAD_INPUT, INTERRUPTED
from chainrule.errors import nearest_name, unknown_name

__all__ = ["CommandGroup"]

# Click's UsageError, or that of the copy of click which newer versions of typer bring along.
UsageError: Any = typer.BadParameter.__base__


class CommandGroup(TyperGroup):
    """All subcommands by name and first line of help; the one that is called is imported.

    What is wrong with the options is said in one line, and the exit code is then 2.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a subcommand as pages of help list it, by its first line; None if there is none."""
        help_text = COMMANDS.get(cmd_name)
        return None if help_text is None else TyperCommand(cmd_name, help=help_text)

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

    @guarded
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the subcommand, with all its options; of an unknown one say which it may have been."""
        if not args or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        name, *others = args
        if name not in COMMANDS:
            raise unknown_name("command", name, COMMANDS)
        return name, load_command(name), others


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
