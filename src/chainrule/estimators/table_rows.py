"""The rows that a table model takes: read by their schema, and those without a target left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from chainrule.data import ColumnOptions, Findings, Schema, read_table, rows_with_targets
from chainrule.data.task import check_targets

__all__ = ["as_table", "known_rows", "training_rows"]


def as_table(source: Any, notes: list[str] | None = None) -> pa.Table:
    """Return a table; files and data frames are read, with a line in `notes` for what is odd."""
    return source if isinstance(source, pa.Table) else read_table(source, notes=notes)


def training_rows(
    source: Any,
    target: str | Sequence[str],
    weight: str | None,
    options: ColumnOptions,
    schema: Schema | None,
) -> tuple[pa.Table, Schema, str]:
    """Return the rows to train on, how they are read, and a line on those that are left out.

    Parameters
    ----------
    source : str, path, data frame or pyarrow.Table
    target : str or sequence of str
    weight : str or None
        The column of the weights, which is not read as others are.
    options : ColumnOptions
    schema : Schema or None
        How the columns are read; found out by these rows if it is None.
    """
    table = as_table(source)
    targets = check_targets(table, target)
    if schema is None:
        schema = Schema.of(table, options, targets, [] if weight is None else [weight])
    rows, left_out = rows_with_targets(schema.read(table), targets)
    return rows, schema, left_out


def known_rows(
    source: Any, schema: Schema, targets: Sequence[str], findings: Findings | None = None
) -> pa.Table:
    """Return the rows of a table whose targets are known, with values in place of text.

    Parameters
    ----------
    source : str, path, data frame or pyarrow.Table
    schema : Schema
        How the columns are read.
    targets : sequence of str
    findings : Findings, optional
        Where to note what cannot be read, and how many rows are left out.
    """
    rows, left_out = rows_with_targets(schema.read(as_table(source), findings), targets)
    if findings is not None and left_out:
        findings.add_line(left_out)
    return rows
