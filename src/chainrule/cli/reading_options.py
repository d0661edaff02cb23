"""The options of reading a table, made of their rows, for every command that reads one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import Field
from typing import Annotated, Any

import typer

from chainrule.cli.options import READING
from chainrule.files.reading import reading_rows

__all__ = ["NOTHING_SAID", "Reading", "with_reading"]

Reading = dict[str, Any]
"""What was said about the file of a table: keywords of `chainrule.data.read_table`."""

NOTHING_SAID: Reading = {}


def with_reading(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each row, in the place of its parameter `reading`."""

    @functools.wraps(command)
    def run(**given: Any) -> None:
        said = {name: given.pop(name) for name in reading_rows()}
        command(**given, reading={name: value for name, value in said.items() if value is not None})

    own = inspect.signature(command, eval_str=True).parameters.values()
    every = [
        parameter
        for own_one in own
        for parameter in (_parameters() if own_one.name == "reading" else [own_one])
    ]
    keywords = [p if p.kind is p.VAR_KEYWORD else p.replace(kind=p.KEYWORD_ONLY) for p in every]
    run.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in keywords}
    return run


def _parameters() -> list[inspect.Parameter]:
    return [_parameter(row) for row in reading_rows().values()]


def _parameter(row: Field[Any]) -> inspect.Parameter:
    told = row.metadata
    flag = "--" + row.name.replace("_", "-")
    kind: Any = told["kind"] | None
    option = typer.Option(
        f"{flag}/--no-{row.name}" if told["kind"] is bool else flag,
        help=told["text"],
        metavar=told["metavar"],
        min=told["least"],
        rich_help_panel=READING,
    )
    return inspect.Parameter(
        row.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind, option],
    )
