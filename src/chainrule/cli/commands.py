"""The subcommands as data: the first page of help and the completion of names import none of them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer.main

__all__ = ["COMMANDS", "load_command"]

# Name and first line of help. The module of that name in this room holds a function of that name.
COMMANDS = {
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
    alone = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    alone.command(name, epilog=module.EXAMPLES)(getattr(module, name))
    return typer.main.get_command(alone)
