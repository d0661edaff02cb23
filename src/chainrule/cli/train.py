"""``chainrule train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.console import INTERRUPTED, Reporter, guarded
from chainrule.cli.options import (
    OUTPUT,
    DataArgument,
    DelimiterOption,
    EncodingOption,
    HeaderOption,
    JsonOption,
    QuietOption,
    ThreadsOption,
    check_output,
    dropout_of,
    hidden_of,
    names_in,
    names_of,
    reading,
)
from chainrule.cli.settings import check_options
from chainrule.cli.training import Job, Rows, run_job
from chainrule.errors import ParameterError
from chainrule.train.plot import check_plot_path

__all__ = ["EXAMPLES", "train"]

EXAMPLES = """
**Examples**

`chainrule train customers.csv --target churned`

`chainrule train prices.parquet --target price --drop id --hidden 128,64 --plot curves.png`

`chainrule train films.csv --target comedy --target drama --weight votes --json`

`chainrule train data.csv --target y --validation-data valid.csv --test-data test.csv`
"""

TABLE = "The table"
ROWS = "Rows for validation and test"
NETWORK = "The network"
TRAINING = "The training"


def option(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


@guarded
def train(
    data: DataArgument,
    target: Annotated[
        list[str],
        option(
            "The column to predict; again for several.", TABLE, "--target", "-t", metavar="COLUMN"
        ),
    ],
    task: Annotated[
        str | None,
        option(
            "binary, multiclass, classification, multilabel or regression; read off the target by "
            "default.",
            TABLE,
        ),
    ] = None,
    weight: Annotated[
        str | None, option("The column of observation weights.", TABLE, metavar="COLUMN")
    ] = None,
    drop: Annotated[
        list[str] | None,
        option("A column to leave out; again for more.", TABLE, metavar="COLUMN"),
    ] = None,
    categorical: Annotated[
        list[str] | None,
        option("A column to take as categories; again for more.", TABLE, metavar="COLUMN"),
    ] = None,
    numeric: Annotated[
        list[str] | None,
        option("A column to take as numbers; again for more.", TABLE, metavar="COLUMN"),
    ] = None,
    max_categories: Annotated[
        int, option("Categories of a column that are told apart.", TABLE, min=1)
    ] = 100,
    validation: Annotated[
        float | None,
        option(
            "Part of the rows set aside to stop by, 0 for none; 0.15 by default, 0 for lbfgs, which "
            "does not stop by them.",
            ROWS,
            show_default=False,
        ),
    ] = None,
    test: Annotated[
        float, option("Part of the rows set aside to judge by; 0 for none.", ROWS)
    ] = 0.15,
    validation_data: Annotated[
        str | None, option("Your own validation rows, in their place.", ROWS, metavar="FILE")
    ] = None,
    test_data: Annotated[
        str | None, option("Your own test rows, in their place.", ROWS, metavar="FILE")
    ] = None,
    hidden: Annotated[
        str, option("Units of the hidden layers, such as 64,32; none for a linear model.", NETWORK)
    ] = "100",
    activation: Annotated[
        str,
        option(
            "Of the hidden layers: identity, sigmoid, tanh, relu, leaky_relu, elu, selu, softplus, "
            "gelu, silu, mish or softmax; or one for each: tanh,relu.",
            NETWORK,
        ),
    ] = "relu",
    loss: Annotated[
        str, option("Of a regression: squared_error, or poisson for counts.", NETWORK)
    ] = "squared_error",
    alpha: Annotated[float, option("Strength of the L2 penalty.", NETWORK)] = 1e-4,
    dropout: Annotated[
        str, option("Probability of dropping a hidden unit; or one for each layer.", NETWORK)
    ] = "0",
    label_smoothing: Annotated[float, option("Of a classification; 0 to 1.", NETWORK)] = 0.0,
    class_weight: Annotated[
        str | None, option("`balanced` gives rare classes more weight.", NETWORK)
    ] = None,
    dtype: Annotated[str, option("float64 or float32.", NETWORK)] = "float64",
    solver: Annotated[str, option("adam, adamw, sgd, rmsprop or lbfgs.", TRAINING)] = "adam",
    learning_rate: Annotated[float, option("Initial learning rate.", TRAINING)] = 1e-3,
    schedule: Annotated[
        str,
        option("constant, step, cosine, one_cycle; with sgd also invscaling, adaptive.", TRAINING),
    ] = "constant",
    momentum: Annotated[float, option("Of sgd.", TRAINING)] = 0.9,
    weight_decay: Annotated[float, option("Of adamw.", TRAINING)] = 0.01,
    batch_size: Annotated[
        int | None,
        option(
            "Rows of a mini-batch; by default a fiftieth of them, 16 to 200.",
            TRAINING,
        ),
    ] = None,
    epochs: Annotated[int, option("Most epochs.", TRAINING)] = 300,
    patience: Annotated[
        int, option("Epochs without improvement before training stops.", TRAINING)
    ] = 20,
    metric: Annotated[
        str,
        option(
            "Stop by this score of the validation rows: cost, accuracy, balanced_accuracy, f1, "
            "roc_auc, log_loss; r2, rmse, mae.",
            TRAINING,
        ),
    ] = "cost",
    clip_norm: Annotated[float | None, option("The gradient's greatest norm.", TRAINING)] = None,
    seed: Annotated[int, option("Same seed, same model.", TRAINING, min=0, max=2**32 - 1)] = 0,
    threads: ThreadsOption = None,
    model: Annotated[
        str | None,
        option(
            "Where to save the model; DATA.model.safetensors here by default.",
            OUTPUT,
            "--model",
            "-m",
            metavar="FILE",
        ),
    ] = None,
    plot: Annotated[
        str | None,
        option("Draw the learning curves: a .png, .svg or .pdf.", OUTPUT, metavar="FILE"),
    ] = None,
    delimiter: DelimiterOption = None,
    header: HeaderOption = None,
    encoding: EncodingOption = "utf-8",
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Train a network on a table, and save it.

    Columns are encoded by what they hold: numbers, truth values, categories, dates; missing values
    are welcome. Rows are set aside for validation, by which training stops and the best epoch is
    kept, and for a test, by which the result is judged. Ctrl-C ends the training and saves the best
    model so far.
    """
    settings = {
        "hidden_layer_sizes": hidden_of(hidden),
        "activation": activation if "," not in activation else names_in(activation),
        "alpha": alpha,
        "dropout": dropout_of(dropout),
        "solver": solver,
        "learning_rate_init": learning_rate,
        "learning_rate": schedule,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "batch_size": "auto" if batch_size is None else batch_size,
        "max_iter": epochs,
        "n_iter_no_change": patience,
        "metric": metric,
        "clip_norm": clip_norm,
        "random_state": seed,
        "n_threads": threads,
    }
    of_classes = {"label_smoothing": label_smoothing, "class_weight": class_weight}
    of_numbers = {"loss": loss}
    check_options(settings, of_classes, of_numbers, task, dtype)
    if validation is None:  # L-BFGS does not stop by validation rows
        validation = 0.0 if solver == "lbfgs" else 0.15
    check_parts(validation, test)
    inputs = [data, validation_data, test_data]
    destination = model if model is not None else f"{stem_of(data)}.model.safetensors"
    check_output(destination, inputs)
    if plot is not None:
        check_plot_path(plot)
        check_output(plot, inputs)
        if Path(plot).absolute() == Path(destination).absolute():
            raise ParameterError(f"--plot and --model name the same file, {plot!r}")
    job = Job(
        rows=Rows(
            data,
            validation if validation_data is None else 0.0,
            test if test_data is None else 0.0,
            validation_data,
            test_data,
            reading(delimiter, header, encoding),
        ),
        targets=names_of(target),
        task=task,
        weight=weight,
        columns={
            "categorical": names_of(categorical),
            "numeric": names_of(numeric),
            "drop": names_of(drop),
            "max_categories": max_categories,
        },
        dtype=dtype,
        settings=settings,
        of_classes=of_classes,
        of_numbers=of_numbers,
        batch_size=batch_size,
        model=destination,
        plot=plot,
    )
    reporter = Reporter(quiet, as_json)
    with reporter.hearing_warnings():
        interrupted = run_job(job, reporter)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def stem_of(path: str) -> str:
    """Return a file's name without what says its kind: sales.2024.csv.gz is sales.2024."""
    return Path(Path(path).name.removesuffix(".gz")).stem or "table"


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
