"""``chainrule check``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from chainrule.cli.console import Reporter, guarded
from chainrule.cli.options import OUTPUT, JsonOption, names_in
from chainrule.doctor.catalog import CATALOG
from chainrule.doctor.formulas.documents import check_document
from chainrule.doctor.formulas.settings import LAYOUTS
from chainrule.errors import ParameterError, unknown_name
from chainrule.nn import ACTIVATIONS, LOSSES, get_activation
from chainrule.nn.architecture import REDUCTIONS
from chainrule.settings.choices import activations
from chainrule.settings.rows import listed

__all__ = ["EXAMPLES", "check"]

EXAMPLES = """
**Examples**

`chainrule check notes.md`

`chainrule check backprop.tex --layout columns --loss binary_cross_entropy --json`

`chainrule check --list`

**Exit codes**: 0 every formula holds, 1 something is wrong, 2 something could not be read.
"""

DECLARED = "What the document means (found out by default)"
WIDTH = 110  # of the table, where no terminal says how wide it is


def declared(help_text: str, *names: str, **settings: Any) -> Any:
    """Return an option that declares a convention."""
    return typer.Option(
        *names, help=help_text, rich_help_panel=DECLARED, show_default=False, **settings
    )


@guarded
def check(
    document: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="The document: Markdown, LaTeX (.tex), or formulas in NumPy notation (.py).",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[
        str | None, declared(f"Rows or columns for observations: {', '.join(LAYOUTS)}.")
    ] = None,
    layers: Annotated[int | None, declared("The number of layers with weights.", min=1)] = None,
    hidden: Annotated[
        str | None,
        declared(f"The hidden activation, or one for each layer: {', '.join(activations())}."),
    ] = None,
    output: Annotated[str | None, declared(f"Of the output: {', '.join(ACTIVATIONS)}.")] = None,
    loss: Annotated[str | None, declared(f"The loss: {', '.join(LOSSES)}.")] = None,
    reduction: Annotated[
        str | None, declared(f"Over the observations: {listed(REDUCTIONS)}.")
    ] = None,
    list_: Annotated[
        bool,
        typer.Option(
            "--list",
            help="Explain every mistake that is known by name, and exit.",
            rich_help_panel="Mistakes",
        ),
    ] = False,
    markdown: Annotated[
        bool,
        typer.Option("--markdown", help="Print the report as Markdown.", rich_help_panel=OUTPUT),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet", "-q", help="Say nothing: the exit code tells.", rich_help_panel=OUTPUT
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check every formula for gradients in a document, and name the mistakes.

    It reads each formula, finds out which conventions the document follows (rows or columns, where the
    1/m is, mean or sum, the loss, the activations) unless they are declared, and says of each formula
    whether it holds, which slip it has and how it is put right, or why it cannot be read.
    """
    reporter = Reporter(quiet, as_json)
    if list_:
        show_catalog(reporter)
        return
    if document is None:
        raise ParameterError("check needs a document, such as notes.md (or --list)")
    told = conventions(layout, layers, hidden, output, loss, reduction)
    report = check_document(document, **told)
    if as_json:
        reporter.result(report.to_dict())
    elif markdown and not quiet:
        reporter.out.print(report.to_markdown(), end="")
    elif not quiet:
        if not reporter.out.is_terminal:
            reporter.out.width = WIDTH
        reporter.out.print(report)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def conventions(
    layout: str | None,
    layers: int | None,
    hidden: str | None,
    output: str | None,
    loss: str | None,
    reduction: str | None,
) -> dict[str, Any]:
    """Return what was declared, checked."""
    told: dict[str, Any] = {}
    for kind, value, known in (
        ("layout", layout, LAYOUTS),
        ("loss", loss, tuple(LOSSES)),
        ("reduction", reduction, REDUCTIONS),
    ):
        if value is not None:
            if value not in known:
                raise unknown_name(kind, value, known)
            told[kind] = value
    if layers is not None:
        told["depth"] = layers
    if hidden is not None:
        told["hidden"] = tuple(get_activation(name, hidden=True).name for name in names_in(hidden))
    if output is not None:
        told["output"] = get_activation(output).name
    return told


def show_catalog(reporter: Reporter) -> None:
    """Print every mistake with an example."""
    document = {
        kind.code: {"meaning": kind.meaning, "wrong": kind.wrong, "right": kind.right}
        for kind in CATALOG.values()
    }
    table = Table(show_lines=True)
    table.add_column("code", style="bold", no_wrap=True)
    table.add_column("what it is, with an example", overflow="fold")
    for kind in CATALOG.values():
        table.add_row(kind.code, f"{kind.meaning}\nwrong: {kind.wrong}\nright: {kind.right}")
    reporter.result({"mistakes": document}, table)
