"""The option tables of docs/command-line.md, written from the commands themselves.

``PYTHONPATH=. python tests/docs/option_tables.py`` writes them into the page anew.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Any

import typer.main

from benchmarks.speed.__main__ import app as speed
from chainrule.cli.commands import load_command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "command-line.md"
PLACE = re.compile(
    r"(?P<start><!-- options of (?P<command>\w+), written by [\w/.]+ -->\n)"
    r"(?P<table>.*?)(?P<end><!-- end of options -->)",
    re.DOTALL,
)


def options(command: str) -> list[Any]:
    """Return the options of a subcommand, --help apart, panel by panel."""
    # bench hands its options on
    found = typer.main.get_command(speed) if command == "bench" else load_command(command)
    getattr(found, "fill_help", lambda: None)()  # which --help-all of train does
    return [parameter for parameter in found.params if parameter.param_type_name == "option"]


def table(command: str) -> str:
    """Return the option tables of a subcommand as Markdown."""
    lines = []
    for panel, members in groupby(options(command), key=lambda o: o.rich_help_panel):
        lines += ["", f"**{panel}**", "", "| option | default | |", "|---|---|---|"]
        lines += [row(option) for option in members]
    return "\n".join(lines) + "\n\n"


def row(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = f" {option.metavar}" if option.metavar else ""
    default = "required" if option.required else ""
    if not option.required and option.default is not None and not option.is_flag:
        default = f"`{option.default}`"
    return f"| {names}{value} | {default} | {option.help} |"


def updated(page: str) -> str:
    """Return the page with every table as it should be."""
    return PLACE.sub(lambda m: m["start"] + table(m["command"]) + m["end"], page)


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text("utf-8")), "utf-8")
