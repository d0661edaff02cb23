"""The command line: one module a subcommand."""

import contextlib
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; a Ctrl-C while it is still being imported ends it as any other does."""
    with contextlib.suppress(AttributeError):  # a stand-in for standard output may lack the method
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        from chainrule.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(130)
