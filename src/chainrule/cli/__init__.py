"""The command line: one module a subcommand."""

from chainrule.cli.app import main

__all__ = ["main"]
