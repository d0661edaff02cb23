"""Speaking to the user: notes and warnings to standard error, results to standard output."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

from chainrule.cli.process import (
    BAD_INPUT,
    FAILED,
    INTERRUPTED,
    READER_GONE,
    Heedless,
    abandon,
    trouble,
)
from chainrule.errors import ChainruleError, InputError, lacks_memory
from chainrule.notices import EngineWarning

if TYPE_CHECKING:  # to print is a command's business: to complete a name is not
    from rich.console import Console
    from rich.table import Table

__all__ = ["Reporter", "guarded", "json_text"]

P = ParamSpec("P")
R = TypeVar("R")


class Reporter:
    """What a command says, and how: for people, quietly, or as JSON.

    Parameters
    ----------
    quiet : bool
        Say nothing but errors.
    as_json : bool
        Print one JSON document on standard output, and nothing else there or beside it.
    """

    def __init__(self, quiet: bool = False, as_json: bool = False) -> None:
        self.quiet = quiet
        self.as_json = as_json
        self.out = console()
        self.err = console(stderr=True)
        self.warned: set[str] = set()

    @property
    def talks(self) -> bool:
        """Whether there is anybody to talk to."""
        return not self.quiet and not self.as_json

    def note(self, text: str) -> None:
        """Say something on standard error."""
        if self.talks:
            self.err.print(text)

    def notes(self, texts: Iterable[str]) -> None:
        """Say what was decided for the user, a line for each decision."""
        for text in texts:
            self.note(f"note: {text}")

    def warn(self, text: str) -> None:
        """Say something, once, on standard error that the user should know."""
        if not self.quiet and text not in self.warned:
            self.warned.add(text)
            self.err.print(labeled("warning", "yellow", text))

    def result(self, document: dict[str, Any], table: Table | None = None) -> None:
        """Give the result: the document as JSON, or the table."""
        if self.as_json:
            self.write(json_text(document))
        elif table is not None and not self.quiet:
            self.out.print(table)

    def write(self, text: str) -> None:
        """Write a document on standard output, as UTF-8 whatever the terminal is."""
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()

    @contextlib.contextmanager
    def hearing_warnings(self) -> Iterator[None]:
        """Say the warnings of libraries in our own way: one line, no file names."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", UserWarning)
            warnings.simplefilter("always", EngineWarning)
            # Some libraries make their notes to developers both.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.filterwarnings("ignore", "training was interrupted", UserWarning)
            warnings.showwarning = self._show_warning
            yield

    def _show_warning(self, message: Any, category: type[Warning], *_: Any, **__: Any) -> None:
        text = " ".join(str(message).split())
        if category.__name__ == "ConvergenceWarning":  # which names parameters that are no options
            text = "training ended before it had converged: raise --epochs"
        elif "=" in text:  # a parameter, which is an option here
            from chainrule.cli.setting_options import as_options

            text = as_options(text)
        self.warn(text)


def json_text(document: dict[str, Any]) -> str:
    """Return a document as JSON, with a line's end."""
    return json.dumps(without_nan(document), indent=2, ensure_ascii=False) + "\n"


def without_nan(value: Any) -> Any:
    """Return `value` with null in place of NaN and infinity, which JSON does not have."""
    if isinstance(value, dict):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def guarded(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors of a command into one line on standard error and an exit code.

    With ``CHAINRULE_DEBUG=1`` in the environment, an error that nobody foresaw keeps its traceback.
    """

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ChainruleError as error:
            fail(str(error), BAD_INPUT if isinstance(error, InputError) else FAILED)
        except KeyboardInterrupt:
            fail("interrupted", INTERRUPTED)
        except BrokenPipeError:
            unheard()
        except SystemExit as end:
            # Rich and typer leave with 1 where a page finds no reader.
            if isinstance(end.__context__, BrokenPipeError):
                unheard()
            raise
        except Exception as error:
            unforeseen(error)

    return run


def unforeseen(error: Exception) -> NoReturn:
    """Leave because of an error that is none of ours."""
    typer = sys.modules.get("typer")
    if typer is not None and isinstance(error, (typer.Exit, typer.Abort)):  # that is no error
        raise error
    if lacks_memory(error):
        fail("out of memory: take fewer rows or columns, or a smaller network", FAILED)
    if isinstance(error, OSError):  # a full disk behind standard output, say
        abandon(sys.stdout)
        fail(f"cannot go on: {trouble(error)}", FAILED)
    if os.environ.get("CHAINRULE_DEBUG"):
        raise error
    fail(f"{type(error).__name__}: {error} (CHAINRULE_DEBUG=1 shows where)", FAILED)


def fail(text: str, code: int) -> NoReturn:
    """Print one line on standard error and leave with `code`."""
    print_error(text)
    sys.exit(code)


def unheard() -> NoReturn:
    """Leave without a word: whoever read the output has gone."""
    abandon(sys.stdout)
    sys.exit(READER_GONE)


def print_error(text: str) -> None:
    """Print an error on standard error, as one line."""
    console(stderr=True).print(labeled("error", "red", " ".join(text.split())))


def labeled(label: str, color: str, text: str) -> Any:
    """Return a text behind a colored label."""
    from rich.text import Text

    return Text.assemble((f"{label}:", color), f" {text}")


def console(stderr: bool = False) -> Console:
    """Return a console that prints names and texts as they are: no emoji codes, no colored numbers."""
    from rich.console import Console

    file = Heedless(sys.stderr) if stderr else None
    plain = {"highlight": False, "soft_wrap": True, "emoji": False, "markup": False}
    return Console(file=file, **plain)  # type: ignore[arg-type]
