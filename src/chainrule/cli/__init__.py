"""The command line: one module a subcommand."""

import contextlib
import sys

from chainrule.cli.process import FAILED, INTERRUPTED, READER_GONE, abandon, open_streams, trouble

__all__ = ["main"]


def main() -> None:
    """Run the command line, and leave with its exit code.

    What happens before a command begins or after it has ended, while modules are imported or a page of
    help is printed, ends in one line as everything else does.
    """
    open_streams()
    with contextlib.suppress(AttributeError):  # a stand-in for standard output may lack the method
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        try:
            run()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        leave(INTERRUPTED, "interrupted")
    except BrokenPipeError:
        leave(READER_GONE)
    except OSError as error:
        leave(FAILED, f"cannot go on: {trouble(error)}")
    except MemoryError:
        leave(FAILED, "out of memory, before anything was done: allow the process more")
    except SystemExit as end:
        # The libraries below end with 1 where a page of help finds no reader.
        if isinstance(end.__context__, BrokenPipeError):
            leave(READER_GONE)
        raise


def run() -> None:
    """Run what the arguments ask for."""
    if sys.argv[1:] == ["--version"]:  # at once, without the machinery of a command line
        from chainrule.version import __version__

        print(f"chainrule {__version__}")
        return
    from chainrule.cli.app import app

    app()


def leave(code: int, text: str = "") -> None:
    """Leave with an exit code, and one line on standard error if there is something to say."""
    abandon(sys.stdout)
    if text:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"error: {text}\n")
            sys.stderr.flush()
    sys.exit(code)
