"""``chainrule evaluate``."""

from __future__ import annotations

from pathlib import Path

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
from chainrule.cli.tables import metrics_table

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

    reporter = Reporter(quiet, as_json)
    with reporter.hearing_warnings():
        table_model = load_table_model(model, threads)
        table = load_table(data, reading, reporter)
        results = table_model.evaluate(table)
    reporter.result(
        {"model": model, "data": data, "task": table_model.target.task, **results},
        metrics_table({Path(data).name: results}),
    )
