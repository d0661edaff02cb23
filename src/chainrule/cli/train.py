"""``chainrule train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.console import Reporter, guarded
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
    factors_of,
    hidden_of,
    names_of,
    one_or_names,
    reading,
    scaling_of,
)
from chainrule.cli.process import INTERRUPTED
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

`chainrule train claims.csv --target cost --ensemble 8 --bins 16`

`chainrule train small.csv --target y --preset plain --solver lbfgs`
"""

TABLE = "The table"
ROWS = "Rows for validation and test"
NETWORK = "The network"
TRAINING = "The training"


def option(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


def chosen(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return an option whose default, in brackets at the end of its text, is the preset's."""
    return option(text, panel, *names, show_default=False, **settings)


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
    preset: Annotated[
        str,
        option(
            "Where the settings below start from: realmlp, a recipe for tables, or plain, one hidden "
            "layer trained until the validation cost stops falling.",
            NETWORK,
        ),
    ] = "realmlp",
    hidden: Annotated[
        str | None,
        chosen(
            "Units of the hidden layers, such as 64,32; none for a linear model [256,256,256; plain: "
            "100].",
            NETWORK,
        ),
    ] = None,
    activation: Annotated[
        str | None,
        chosen(
            "Of the hidden layers: identity, sigmoid, tanh, relu, leaky_relu, elu, selu, softplus, "
            "gelu, silu, mish or softmax; or one for each: tanh,relu [selu, in a regression mish; "
            "plain: relu].",
            NETWORK,
        ),
    ] = None,
    loss: Annotated[
        str, option("Of a regression: squared_error, or poisson for counts.", NETWORK)
    ] = "squared_error",
    alpha: Annotated[
        float | None, chosen("Strength of the L2 penalty [0; plain: 0.0001].", NETWORK)
    ] = None,
    dropout: Annotated[
        str, option("Probability of dropping a hidden unit; or one for each layer.", NETWORK)
    ] = "0",
    label_smoothing: Annotated[
        float | None, chosen("Of a classification; 0 to 1 [0.1; plain: 0].", NETWORK)
    ] = None,
    class_weight: Annotated[
        str | None, option("`balanced` gives rare classes more weight.", NETWORK)
    ] = None,
    scaling: Annotated[
        str | None,
        chosen(
            "Of the inputs: robust (median, interquartile range, smooth clip) or standard (mean, "
            "standard deviation) [robust; plain: standard].",
            NETWORK,
        ),
    ] = None,
    bins: Annotated[
        int,
        option(
            "Encode each numeric input piecewise linearly, in so many bins between quantiles; 0 for "
            "none.",
            NETWORK,
            min=0,
        ),
    ] = 0,
    input_scale: Annotated[
        bool | None,
        chosen(
            "Learn a factor for each input [yes; plain: no].",
            NETWORK,
            "--input-scale/--no-input-scale",
        ),
    ] = None,
    parametrization: Annotated[
        str | None,
        chosen("ntk divides each W by √n_in; or standard [ntk; plain: standard].", NETWORK),
    ] = None,
    initializer: Annotated[
        str | None,
        chosen(
            "Of the weights: glorot_uniform, glorot_normal, he_normal, lecun_normal or normal "
            "[normal; plain: glorot_uniform].",
            NETWORK,
        ),
    ] = None,
    zero_output: Annotated[
        bool | None,
        chosen(
            "Begin with an output layer of 0 [yes; plain: no].",
            NETWORK,
            "--zero-output/--no-zero-output",
        ),
    ] = None,
    ensemble: Annotated[
        int,
        option(
            "Train so many networks that share their weights, and predict their mean.",
            NETWORK,
            min=1,
        ),
    ] = 1,
    bagging: Annotated[
        int,
        option(
            "Train so many networks from different seeds, side by side, and predict their mean.",
            NETWORK,
            min=1,
        ),
    ] = 1,
    dtype: Annotated[
        str | None, chosen("float64 or float32 [float32; plain: float64].", NETWORK)
    ] = None,
    solver: Annotated[str, option("adam, adamw, sgd, rmsprop or lbfgs.", TRAINING)] = "adam",
    learning_rate: Annotated[
        float | None,
        chosen(
            "Initial or greatest learning rate [0.04, in a regression 0.07; plain: 0.001].",
            TRAINING,
        ),
    ] = None,
    schedule: Annotated[
        str | None,
        chosen(
            "constant, step, cosine, one_cycle, coslog4; with sgd also invscaling, adaptive "
            "[coslog4; plain: constant].",
            TRAINING,
        ),
    ] = None,
    rate_factors: Annotated[
        str | None,
        chosen(
            "What multiplies the learning rate of some parameters, or none [scale=6,b=0.1; plain: "
            "none].",
            TRAINING,
        ),
    ] = None,
    momentum: Annotated[float, option("Of sgd.", TRAINING)] = 0.9,
    beta_2: Annotated[
        float | None, chosen("β₂ of adam and adamw [0.95; plain: 0.999].", TRAINING)
    ] = None,
    weight_decay: Annotated[float, option("Of adamw.", TRAINING)] = 0.01,
    batch_size: Annotated[
        int | None,
        chosen(
            "Rows of a mini-batch [256; plain: a fiftieth of them, 16 to 200].",
            TRAINING,
            min=1,
        ),
    ] = None,
    drop_last: Annotated[
        bool | None,
        chosen(
            "Leave out, in each epoch, the rows that make no whole batch [yes; plain: no].",
            TRAINING,
            "--drop-last/--no-drop-last",
        ),
    ] = None,
    epochs: Annotated[int | None, chosen("Most epochs [256; plain: 300].", TRAINING)] = None,
    patience: Annotated[
        int | None,
        chosen("Epochs without improvement before training stops [no end; plain: 20].", TRAINING),
    ] = None,
    metric: Annotated[
        str | None,
        chosen(
            "Keep the best epoch by this score of the validation rows: cost, accuracy, "
            "balanced_accuracy, f1, roc_auc, log_loss; r2, rmse, mae [accuracy, in a regression rmse; "
            "plain: cost].",
            TRAINING,
        ),
    ] = None,
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
    are welcome. Rows are set aside for validation, by which the best epoch is chosen, and for a test,
    by which the result is judged. Ctrl-C ends the training and saves the best model so far.
    """
    settings = given(
        {
            "hidden_layer_sizes": None if hidden is None else hidden_of(hidden),
            "activation": None if activation is None else one_or_names(activation),
            "alpha": alpha,
            "dropout": dropout_of(dropout),
            "piecewise_linear": bins,
            "input_scale": input_scale,
            "parametrization": parametrization,
            "initializer": initializer,
            "zero_output": zero_output,
            "ensemble": ensemble,
            "bagging": bagging,
            "solver": solver,
            "learning_rate_init": learning_rate,
            "learning_rate": schedule,
            "momentum": momentum,
            "beta_2": beta_2,
            "weight_decay": weight_decay,
            "batch_size": batch_size,
            "drop_last": drop_last,
            "max_iter": epochs,
            "n_iter_no_change": patience,
            "metric": metric,
            "clip_norm": clip_norm,
            "random_state": seed,
            "n_threads": threads,
        }
    )
    if scaling is not None:
        settings["scaling"] = scaling_of(scaling)
    if rate_factors is not None:
        settings["learning_rate_factors"] = factors_of(rate_factors)
    of_classes = given({"label_smoothing": label_smoothing, "class_weight": class_weight})
    of_numbers = {} if loss == "squared_error" else {"loss": loss}
    check_options(preset, settings, of_classes, of_numbers, task, dtype)
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
        preset=preset,
        dtype=dtype,
        settings=settings,
        of_classes=of_classes,
        of_numbers=of_numbers,
        model=destination,
        plot=plot,
    )
    reporter = Reporter(quiet, as_json)
    with reporter.hearing_warnings():
        interrupted = run_job(job, reporter)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def given(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the user has said, without what is left to the preset."""
    return {name: value for name, value in settings.items() if value is not None}


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
