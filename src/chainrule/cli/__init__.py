"""The command line: one module a subcommand."""

import contextlib
import sys

from chainrule.cli.console import guarded
from chainrule.cli.process import check_environment, ending_signals, open_streams, own_process

__all__ = ["main"]


def main() -> None:
    """Run the command line, and leave with its exit code."""
    own_process()
    open_streams()
    check_environment()
    with contextlib.suppress(AttributeError):  # a stand-in for standard output may lack the method
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    with ending_signals():
        run()
    sys.exit(0)


@guarded
def run() -> None:
    """Run what the arguments ask for; what goes wrong around a command is told as in one."""
    try:
        if sys.argv[1:] == ["--version"]:  # at once, without the machinery of a command line
            from chainrule.version import __version__

            print(f"chainrule {__version__}")
        else:
            from chainrule.cli.app import app

            app()
    finally:
        sys.stdout.flush()
