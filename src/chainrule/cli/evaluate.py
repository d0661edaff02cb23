"""``chainrule evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule.cli.console import Reporter, guarded
from chainrule.cli.options import (
    DataArgument,
    JsonOption,
    ModelArgument,
    QuietOption,
    ThreadsOption,
)
from chainrule.cli.process import leave_pandas_out
from chainrule.cli.reading_options import NOTHING_SAID, Reading, with_reading
from chainrule.cli.tables import labels_and_counts, metrics_table

__all__ = ["EXAMPLES", "evaluate"]

EXAMPLES = """
**Examples**

`chainrule evaluate breast_cancer.model.safetensors holdout.csv`

`chainrule evaluate prices.model.safetensors prices-2026.parquet --json`
"""


@guarded
@with_reading
def evaluate(
    model: ModelArgument,
    data: DataArgument,
    threads: ThreadsOption = None,
    reading: Reading = NOTHING_SAID,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say how good a model is on a table whose target is known.

    The table needs the columns that the model was trained on and its target; if the model was
    trained with weights, their column too.
    """
    leave_pandas_out()
    from chainrule.cli.loading import load_table, load_table_model  # tables: not for --help
    from chainrule.estimators.table_figures import are_unequal

    reporter = Reporter(quiet, as_json)
    with reporter.hearing_warnings():
        table_model = load_table_model(model, threads)
        table = load_table(data, reading, reporter)
        results = table_model.evaluate(table)
    codec = table_model.target
    classes = table_model.class_counts(table)
    document: dict[str, Any] = {"model": model, "data": data, "task": codec.task}
    if classes:
        document["classes"] = {str(label): rows for label, rows in classes.items()}
    shown = metrics_table({Path(data).name: results}, unequal=are_unequal(list(classes.values())))
    if classes:
        shown.caption = f"{', '.join(codec.targets)}: {labels_and_counts(classes.items())}"
        shown.caption_justify = "left"
    reporter.result({**document, **results}, shown)
