"""``chainrule train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.column_options import (
    COLUMNS,
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
    OUTPUT,
    READING,
    DataArgument,
    JsonOption,
    QuietOption,
    check_output,
    names_of,
)
from chainrule.cli.process import INTERRUPTED, leave_pandas_out
from chainrule.cli.reading_options import NOTHING_SAID, Reading, with_reading
from chainrule.cli.setting_options import (
    HelpAllOption,
    SettingsCommand,
    check_options,
    chosen_settings,
    with_settings,
)
from chainrule.errors import ParameterError
from chainrule.files.tables import stem_of
from chainrule.settings.presets import AUTO, named_preset
from chainrule.settings.rows import COMPUTING, NETWORK, TRAINING

__all__ = ["COMMAND", "EXAMPLES", "train"]

EXAMPLES = """
**Examples**

`chainrule train customers.csv --target churned`

`chainrule train prices.parquet --target price --drop id --hidden 128,64 --plot curves.png`

`chainrule train films.csv --target comedy --target drama --weight votes --json`

`chainrule train data.csv --target y --validation-data valid.csv --test-data test.csv`

`chainrule train claims.csv --target cost --ensemble 8 --bins 16`

`chainrule train small.csv --target y --preset plain --solver lbfgs`
"""

TABLE = "The table"
ROWS = "Rows for validation and test"
PANELS = (TABLE, COLUMNS, ROWS, NETWORK, TRAINING, COMPUTING, OUTPUT, READING)


class TrainCommand(SettingsCommand):
    """``chainrule train``, whose first page of help has the options that most people use."""

    common = frozenset(
        ("target", "task", "drop", "test", "preset", "model", "plot", "as_json", "help_all")
    )


COMMAND = TrainCommand


def option(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


TargetOption = Annotated[
    list[str],
    option("The column to predict; again for several.", TABLE, "--target", "-t", metavar="COLUMN"),
]
TaskOption = Annotated[
    str | None,
    option(
        "binary, multiclass, classification, multilabel or regression; read off the target by "
        "default.",
        TABLE,
    ),
]
WeightOption = Annotated[
    str | None, option("The column of observation weights.", TABLE, metavar="COLUMN")
]
MostCategoriesOption = Annotated[
    int, option("Categories of a column that are told apart.", TABLE, min=1)
]
ValidationOption = Annotated[
    float | None,
    option(
        "Part of the rows set aside to stop by, 0 for none; 0.15 by default, 0 for lbfgs, which "
        "does not stop by them.",
        ROWS,
        show_default=False,
    ),
]
TestOption = Annotated[float, option("Part of the rows set aside to judge by; 0 for none.", ROWS)]
ValidationDataOption = Annotated[
    str | None, option("Your own validation rows, in their place.", ROWS, metavar="FILE")
]
TestDataOption = Annotated[
    str | None, option("Your own test rows, in their place.", ROWS, metavar="FILE")
]
PresetOption = Annotated[
    str,
    option(
        "Where the settings start from: pack, the best ensemble of many networks whose settings are "
        "drawn at random; realmlp, a recipe for one network; plain, one hidden layer trained until the "
        "validation cost stops falling; or auto, pack unless an option describes one network.",
        NETWORK,
    ),
]
ModelOption = Annotated[
    str | None,
    option(
        "Where to save the model; DATA.model.safetensors here by default.",
        OUTPUT,
        "--model",
        "-m",
        metavar="FILE",
    ),
]
PlotOption = Annotated[
    str | None,
    option("Draw the learning curves: a .png, .svg or .pdf.", OUTPUT, metavar="FILE"),
]


@guarded
@with_settings(PANELS)
@with_reading
def train(
    data: DataArgument,
    target: TargetOption,
    task: TaskOption = None,
    weight: WeightOption = None,
    max_categories: MostCategoriesOption = 100,
    drop: DropOption = None,
    categorical: CategoricalOption = None,
    numeric: NumericOption = None,
    kind: KindOption = None,
    missing: MissingOption = None,
    decimal: DecimalOption = None,
    thousands: ThousandsOption = None,
    date_format: DateFormatOption = None,
    day_first: DayFirstOption = None,
    strict: StrictOption = False,
    validation: ValidationOption = None,
    test: TestOption = 0.15,
    validation_data: ValidationDataOption = None,
    test_data: TestDataOption = None,
    preset: PresetOption = AUTO,
    model: ModelOption = None,
    plot: PlotOption = None,
    reading: Reading = NOTHING_SAID,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
    help_all: HelpAllOption = False,
    **options: Any,
) -> None:
    """Train a network on a table, and save it.

    Columns are encoded by what they hold: numbers, truth values, categories, dates; missing values
    are welcome. Rows are set aside for validation, by which the best epoch is chosen, and for a test,
    by which the result is judged. Ctrl-C ends the training and saves the best model so far.
    """
    leave_pandas_out()
    from chainrule.cli.training import Job, Rows, run_job

    chosen = chosen_settings(options)
    if validation is None:  # L-BFGS does not stop by validation rows
        validation = 0.0 if chosen.settings["solver"] == "lbfgs" else 0.15
    check_parts(validation, test)
    validated = bool(validation or validation_data)
    named = named_preset(preset, {**chosen.all, "early_stopping": validated})
    check_options(named, chosen, task)
    inputs = [data, validation_data, test_data]
    destination = model if model is not None else f"{stem_of(data)}.model.safetensors"
    check_outputs(destination, plot, inputs)
    parts = (0.0 if validation_data else validation, 0.0 if test_data else test)
    read = {
        "categorical": categorical,
        "numeric": numeric,
        "missing": missing,
        "decimal": decimal,
        "thousands": thousands,
        "date_format": date_format,
        "day_first": day_first,
        "strict": strict,
    }
    job = Job(
        Rows(data, *parts, validation_data, test_data, reading),
        targets=names_of(target),
        task=task,
        weight=weight,
        columns={**column_settings(drop, kind, **read), "max_categories": max_categories},
        preset=named,
        chosen=chosen,
        model=destination,
        plot=plot,
    )
    reporter = Reporter(quiet, as_json)
    with reporter.hearing_warnings():
        interrupted = run_job(job, reporter)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def check_parts(validation: float, test: float) -> None:
    """Raise a ParameterError unless the two parts leave rows to train on."""
    for name, part in (("--validation", validation), ("--test", test)):
        if not 0 <= part < 1:
            raise ParameterError(f"{name} must be at least 0 and below 1, not {part:g}")
    if validation + test >= 1:
        raise ParameterError(
            f"--validation {validation:g} and --test {test:g} leave no rows to train on: together "
            "they must be below 1"
        )


def check_outputs(model: str, plot: str | None, inputs: list[str | None]) -> None:
    """Refuse, before any work is done, a model or a plot that cannot be written where it is to be."""
    check_output(model, inputs)
    if plot is None:
        return
    from chainrule.train.plot import check_plot_path

    check_plot_path(plot)
    check_output(plot, inputs)
    if Path(plot).absolute() == Path(model).absolute():
        raise ParameterError(f"--plot and --model name the same file, {plot!r}")
