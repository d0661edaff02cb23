"""Loading the model and the table of a command."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from chainrule.cli.console import Reporter
from chainrule.data import read_table
from chainrule.errors import ModelFileError
from chainrule.estimators import TableModel
from chainrule.modelfile import load

__all__ = ["load_table", "load_table_model"]


def load_table_model(path: str, n_threads: int | None = None) -> TableModel:
    """Load a model that can read tables, to compute on so many threads.

    Raises
    ------
    ModelFileError
        If the file is no model, or a bare estimator, which knows arrays alone.
    """
    model = load(path)
    model = getattr(model, "model_", model)  # that of a TableClassifier or a TableRegressor
    if not isinstance(model, TableModel):
        raise ModelFileError(
            f"{path!r} holds a bare {type(model).__name__}, which takes arrays: use it from Python, "
            "with chainrule.load"
        )
    model.n_threads = n_threads
    return model


def load_table(path: str, reading: dict[str, Any], reporter: Reporter) -> pa.Table:
    """Read a table, and say what was decided about its file."""
    notes: list[str] = []
    try:
        return read_table(path, notes=notes, **reading)
    finally:
        reporter.notes(notes)
