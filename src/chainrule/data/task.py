"""What there is to learn: telling classification from regression by the target columns.

========================================================  =======================================
the target                                                the task
========================================================  =======================================
text, truth values, categories of a data frame            binary (two classes) or multiclass
whole numbers with at most 20 distinct values             binary or multiclass
other numbers                                             regression
several columns, each of at most two distinct values      multilabel
several columns of numbers                                regression
========================================================  =======================================

A number is whole by its value: 3.0 is. Text of which every value is a number counts as numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.cells import TEXT, date_cells
from chainrule.data.columns import canonical_text, to_numeric
from chainrule.data.labels import check_present
from chainrule.data.messages import listed, shown
from chainrule.data.plain import all_numbers, plain_column
from chainrule.errors import DataError, ParameterError, unknown_name

__all__ = ["TASKS", "Task", "check_targets", "infer_task", "resolve_task", "task_line"]

Task = Literal["binary", "multiclass", "multilabel", "regression"]
"""What a network learns."""

TASKS: tuple[Task, ...] = ("binary", "multiclass", "multilabel", "regression")
"""All tasks."""

_MOST_WHOLE_CLASSES = 20
# Of more, nobody would think that they are classes.
_MOST_DOUBTFUL = 100


def infer_task(table: pa.Table, targets: str | Sequence[str]) -> Task:
    """Say what there is to learn from the target columns.

    Parameters
    ----------
    table : pyarrow.Table
        The training rows.
    targets : str or sequence of str
        The target column, or several.

    Returns
    -------
    Task
        ``"binary"``, ``"multiclass"``, ``"multilabel"`` or ``"regression"``.

    Raises
    ------
    DataError
        If the columns fit no task, or have missing or infinite values.
    ParameterError
        If there is no such column.
    """
    names = check_targets(table, targets)
    columns = {name: table.column(name) for name in names}
    for name, cells in columns.items():
        check_present(name, plain_column(name, cells))
        _check_not_date(name, cells)
    if len(names) == 1:
        (name,) = names
        if _is_numeric(name, columns[name]) and not _is_few_whole(name, columns[name]):
            return "regression"
        return "binary" if _distinct(name, columns[name]) <= 2 else "multiclass"
    if all(_distinct(name, cells) <= 2 for name, cells in columns.items()):
        return "multilabel"
    words = [name for name, cells in columns.items() if not _is_numeric(name, cells)]
    if words:
        raise DataError(
            "several targets are either all two-valued (multilabel) or all numbers (regression), "
            f"but {listed(words, 3)} {'is' if len(words) == 1 else 'are'} not: name one target, or "
            "others"
        )
    return "regression"


def task_line(table: pa.Table, targets: Sequence[str], task: Task) -> str:
    """Return a line on whole numbers that may be classes or numbers, "" if there is no doubt.

    Parameters
    ----------
    table : pyarrow.Table
        The rows, as they were read.
    targets : sequence of str
    task : Task
        What `infer_task` says.
    """
    name = targets[0]
    cells = table.column(name)
    if len(targets) > 1 or not _is_numeric(name, cells):
        return ""
    values = np.unique(to_numeric(cells, name))
    if not (values == np.floor(values)).all() or not 3 <= len(values) <= _MOST_DOUBTFUL:
        return ""
    numbers = f"target {shown(name)}: {len(values)} different whole numbers, {values[0]:g} to"
    if task == "regression":
        return f"{numbers} {values[-1]:g}, are taken as numbers (--task multiclass for classes)"
    return f"{numbers} {values[-1]:g}, are taken as classes (--task regression for numbers)"


def resolve_task(table: pa.Table, targets: str | Sequence[str], task: str | None) -> Task:
    """Return the task that was named, after a check that the targets fit it, or the inferred one.

    Parameters
    ----------
    table : pyarrow.Table
        The training rows.
    targets : str or sequence of str
        The target column, or several.
    task : str or None
        One of `TASKS`, ``"classification"`` for binary or multiclass, whichever fits, or None.
    """
    names = check_targets(table, targets)
    if task is None:
        return infer_task(table, names)
    if task not in TASKS and task != "classification":
        raise unknown_name("task", task, [*TASKS, "classification"])
    for name in names:
        _check_not_date(name, table.column(name))
    if task in ("binary", "multiclass", "classification"):
        if len(names) > 1:
            raise ParameterError(
                f"the task {task!r} has one target, not {len(names)}: name one, or the task "
                "'multilabel'"
            )
        distinct = _distinct(names[0], table.column(names[0]))
        if task == "binary":
            _check_two_values(names[0], distinct, task)
        return "binary" if distinct == 2 and task != "multiclass" else "multiclass"
    if task == "multilabel":
        for name in names:
            _check_two_values(name, _distinct(name, table.column(name)), task)
        return "multilabel"
    return "regression"


def check_targets(table: pa.Table, targets: str | Sequence[str]) -> tuple[str, ...]:
    """Return the names of the targets after a check that they are columns of the table."""
    names = (targets,) if isinstance(targets, str) else tuple(targets)
    if not names:
        raise ParameterError("no target column is named: name the column to be predicted")
    known, named = Counter(table.column_names), Counter(names)
    for name in names:
        if name not in known:
            raise unknown_name("target column", name, known)
        if named[name] > 1 or known[name] > 1:
            raise ParameterError(f"the target {shown(name)} is there twice: name every column once")
    if table.num_rows == 0:
        raise DataError("the table has no rows: there is nothing to learn")
    return names


def _check_two_values(name: str, distinct: int, task: str) -> None:
    # One value is a mistake as well, but one that is reported in its own words elsewhere.
    if distinct > 2:
        advice = (
            "leave it out"
            if task == "multilabel"
            else "choose the task 'multiclass' or 'regression'"
        )
        raise DataError(
            f"the target {shown(name)} has {distinct:,} distinct values where the task {task!r} "
            f"needs two: {advice}"
        )


def _check_not_date(name: str, cells: pa.ChunkedArray) -> None:
    plain = plain_column(name, cells)
    is_dates = pa.types.is_timestamp(plain.type)
    if plain.type == TEXT and plain.null_count < len(plain):
        is_dates = date_cells(plain).null_count == plain.null_count
    if is_dates:
        raise DataError(
            f"the target {shown(name)} holds dates, which cannot be predicted: convert them to "
            "numbers, such as days"
        )


def _is_numeric(name: str, cells: pa.ChunkedArray) -> bool:
    plain = plain_column(name, cells)
    if pa.types.is_dictionary(cells.type):
        return False
    return all_numbers(plain)


def _is_few_whole(name: str, cells: pa.ChunkedArray) -> bool:
    values = to_numeric(cells, name)
    return (
        bool((values == np.floor(values)).all()) and len(np.unique(values)) <= _MOST_WHOLE_CLASSES
    )


def _distinct(name: str, cells: pa.ChunkedArray) -> int:
    return len(pc.unique(canonical_text(cells, name, False).drop_null()))
