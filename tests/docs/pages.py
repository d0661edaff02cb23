"""The pages of the documentation, and how Sybil runs the blocks in them.

A page is README.md or a file of docs/. Every fenced block of it is run, in the order of the page, in one
temporary folder and one namespace:

- ``python`` is executed; ``pycon`` is compared with the output that it shows.
- ``console``: each line that starts with ``$ `` is a command for the shell, with the running
  interpreter's folder first on the PATH; a backslash at its end continues it. What stands below it must
  be its output (standard error too), with ``...`` for what varies; where nothing does, it may say
  anything. The exit code must be 0, unless the next command is ``echo $?``, which then shows it.

In all output the last digit shown of a number may differ by one. `STATIC` languages are not run, nor is
a ``console`` block behind a comment ``<!-- not run: REASON -->``, which may hold `SETUP` commands alone.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sybil import Document, Example, Region, Sybil
from sybil.evaluators.doctest import NUMBER, DocTestEvaluator
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

STATIC = ("text", "math", "mermaid", "toml", "json", "bibtex")
SETUP = ("git clone ", "cd ", "make", "pip install ", "python -m pip install ", "python -m venv ")
DOCTEST_FLAGS = doctest.ELLIPSIS | NUMBER
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>\S[^\n]*?) -->\n+\Z")
# What makes typer and rich believe in a terminal, and libraries draw or speak differently.
TERMINAL_HINTS = ("FORCE_COLOR", "PY_COLORS", "GITHUB_ACTIONS", "COLUMNS", "TTY_COMPATIBLE")
SECONDS = 120
DECIMAL = re.compile(r"(?<![\w.])-?\d+\.\d+(?![\w.])")

FENCES = RawFencedCodeBlockLexer(re.compile(r"(?P<language>[^\n]*)\n"))


@dataclass
class Block:
    """One fenced block of a page."""

    language: str
    region: Region
    line: int
    reason: str | None
    """Why it is not run; None if it is."""

    @property
    def source(self) -> str:
        return self.region.lexemes["source"]


def blocks(document: Document) -> Iterator[Block]:
    for region in FENCES(document):
        marked = NOT_RUN.search(document.text, 0, region.start)
        line = document.text.count("\n", 0, region.start) + 1
        language = region.lexemes["language"].strip()
        yield Block(language, region, line, marked and marked["reason"])


def python_blocks(document: Document) -> Iterator[Region]:
    for block in blocks(document):
        if block.language == "python":
            block.region.parsed = block.source
            block.region.evaluator = PythonEvaluator()
            yield block.region


def doctest_blocks(document: Document) -> Iterator[Region]:
    parser = DocTestStringParser(DocTestEvaluator(DOCTEST_FLAGS))
    for block in blocks(document):
        if block.language == "pycon":
            for region in parser(block.source, document.path):
                region.adjust(block.region, block.source)
                yield region


def console_blocks(document: Document) -> Iterator[Region]:
    for block in blocks(document):
        if block.language == "console" and block.reason is None:
            block.region.parsed = commands(block.source)
            block.region.evaluator = run_console
            yield block.region


def commands(source: str) -> list[tuple[str, str]]:
    """Return each command of a console block, and the output that is shown below it."""
    found: list[tuple[str, str]] = []
    for line in source.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].rstrip("\n"), ""))
        elif not found:
            raise ValueError(f"a console block starts with a command, not with {line!r}")
        elif found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line.rstrip()}", "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return found


def run_console(example: Example) -> str | None:
    """Run the commands of a block; return what is wrong, if anything is."""
    status = 0
    script = example.parsed
    for place, (command, wanted) in enumerate(script):
        done = subprocess.run(
            f"(exit {status}); {command}",  # what `echo $?` shows
            shell=True,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        status, shown = done.returncode, f"$ {command}\n{done.stdout}"
        told = script[place + 1 : place + 2] and script[place + 1][0].startswith("echo $?")
        if status != 0 and not told:
            return f"{shown}exit code {status}"
        if wanted.strip() and not matches(wanted, done.stdout):
            return f"{shown}--- does not match what the page shows:\n{wanted}"
    return None


def matches(wanted: str, shown: str) -> bool:
    """Compare outputs: ``...`` is anything, the last digit of a decimal may differ by one.

    Sybil's own comparison gives up on the digits where there is an ellipsis. How many blanks stand
    beside each other does not matter, so that columns can be kept in line around an ellipsis.
    """
    wanted, shown = (re.sub(r"[ \t]+", " ", text).strip() for text in (wanted, shown))
    pattern, numbers = "", []
    for part in re.split(rf"(\.\.\.|{DECIMAL.pattern})", wanted):
        if part == "...":
            pattern += ".*?"
        elif DECIMAL.fullmatch(part):
            pattern += f"({DECIMAL.pattern})"
            numbers.append(part)
        else:
            pattern += re.escape(part)
    found = re.fullmatch(pattern, shown, re.DOTALL)
    return found is not None and all(
        abs(float(number) - float(other)) <= 1.01 * 10.0 ** -len(number.partition(".")[2])
        for number, other in zip(numbers, found.groups(), strict=True)
    )


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in TERMINAL_HINTS}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    # One thread each: small products gain nothing from more, and the tests run side by side.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    text = {"NO_COLOR": "1", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return {**kept, "PATH": path, **threads, **text}


PARSER = Sybil([python_blocks, doctest_blocks, console_blocks], path=str(ROOT), patterns=["*.md"])


def parsed(page: Path) -> Document:
    return PARSER.parse(page)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()
