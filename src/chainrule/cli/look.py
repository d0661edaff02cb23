"""``chainrule look``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chainrule.cli.column_options import (
    CategoricalOption,
    DateFormatOption,
    DayFirstOption,
    DecimalOption,
    DropOption,
    KindOption,
    MissingOption,
    NumericOption,
    StrictOption,
    ThousandsOption,
    column_settings,
)
from chainrule.cli.console import Reporter, guarded
from chainrule.cli.options import (
    DataArgument,
    JsonOption,
    names_of,
)
from chainrule.cli.reading_options import NOTHING_SAID, Reading, with_reading

__all__ = ["EXAMPLES", "look"]

EXAMPLES = """
**Examples**

`chainrule look customers.csv`

`chainrule look sales.csv --target price --decimal , --kind zip=category`
"""


@guarded
@with_reading
def look(
    data: DataArgument,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            "-t",
            metavar="COLUMN",
            help="The column to predict; again for several.",
            rich_help_panel="The table",
        ),
    ] = None,
    drop: DropOption = None,
    kind: KindOption = None,
    categorical: CategoricalOption = None,
    numeric: NumericOption = None,
    missing: MissingOption = None,
    decimal: DecimalOption = None,
    thousands: ThousandsOption = None,
    date_format: DateFormatOption = None,
    day_first: DayFirstOption = None,
    strict: StrictOption = False,
    reading: Reading = NOTHING_SAID,
    as_json: JsonOption = False,
) -> None:
    """Show how each column of a table is taken, before anything is trained.

    Every column is listed with its kind, three examples and how many values are missing; below stands
    a line for each decision, with the option that changes it.
    """
    from chainrule.data import (
        Schema,
        column_views,
        grouped_views,
        options_of,
        read_table,
    )  # not for --help
    from chainrule.data.task import check_targets, infer_task, task_line

    reporter = Reporter(as_json=as_json)
    with reporter.hearing_warnings():
        notes: list[str] = []
        table = read_table(data, notes=notes, **reading)
        settings = column_settings(
            drop, kind, categorical=categorical, numeric=numeric, missing=missing,
            decimal=decimal, thousands=thousands, date_format=date_format, day_first=day_first,
            strict=strict,
        )  # fmt: skip
        targets = check_targets(table, names_of(target)) if target else ()
        schema = Schema.of(table, options_of(**settings), targets)
        notes += schema.notes
        if targets:
            from chainrule.data.target_rows import rows_with_targets

            rows, left = rows_with_targets(schema.read(table.select(list(targets))), targets)
            notes += [left] if left else []
            task = infer_task(rows, targets)
            doubt = task_line(rows, targets, task)
            notes += [f"the target {', '.join(targets)}: {task}", *([doubt] if doubt else [])]
    views = column_views(table, schema, targets)
    document = {
        "data": data,
        "rows": table.num_rows,
        "columns": [view.to_dict() for view in views],
        "notes": notes,
    }
    if as_json:
        reporter.result(document)
        return
    reporter.note(f"{data}: {table.num_rows:,} rows, {table.num_columns} columns")
    reporter.result(document, views_table(grouped_views(views)))
    for line in notes:
        reporter.out.print(f"note: {line}")


def views_table(rows: list[tuple[str, ...]]) -> Any:
    """Return what is said of the columns as a table to print."""
    from rich.table import Table

    table = Table()
    for heading in ("column", "taken as", "examples"):
        table.add_column(heading, overflow="fold")
    for heading in ("missing", "different"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(*row)
    return table
