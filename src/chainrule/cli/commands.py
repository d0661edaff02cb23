"""The subcommands as data: the first page of help and the completion of names import none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer.main
from typer.core import TyperCommand

from chainrule.cli.console import guarded
from chainrule.cli.usage import OneLineGroup
from chainrule.errors import unknown_name

__all__ = ["COMMANDS", "CommandGroup", "load_command"]

# Name and first line of help. The module of that name in this room holds a function of that name.
COMMANDS = {
    "look": "Show how each column of a table is taken, before anything is trained.",
    "train": "Train a network on a table, and save it.",
    "predict": "Predict every row of a table, in its order, however large it is.",
    "evaluate": "Say how good a model is on a table whose target is known.",
    "explain": "Show every factor of the chain rule for a network and data: formula, shape and numbers.",
    "derive": "Write the derivation of a network, from the cost back to every weight, without data.",
    "check": "Check every formula for gradients in a document, and name the mistakes.",
    "bench": "Measure how fast training is, beside scikit-learn, PyTorch and JAX.",
}


def load_command(name: str) -> Any:
    """Return a subcommand with all its options; its module is imported now."""
    module = import_module(f"chainrule.cli.{name}")
    settings = {"epilog": "EXAMPLES", "context_settings": "SETTINGS", "cls": "COMMAND"}
    given: dict[str, Any] = {key: getattr(module, place, None) for key, place in settings.items()}
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    alone.command(name, **given)(getattr(module, name))
    return typer.main.get_command(alone)


class CommandGroup(OneLineGroup):
    """All subcommands by name and first line of help; the one that is called is imported."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a subcommand as pages of help list it, by its first line; None if there is none."""
        help_text = COMMANDS.get(cmd_name)
        return None if help_text is None else TyperCommand(cmd_name, help=help_text)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write all subcommands with the whole of their first lines, which click would cut."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    @guarded
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the subcommand with all its options; of an unknown one say which it may have been."""
        if not args or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        name, *others = args
        if name not in COMMANDS:
            raise unknown_name("command", name, COMMANDS)
        return name, load_command(name), others
