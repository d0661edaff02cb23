"""What ``chainrule train`` does, step by step."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from chainrule.cli.console import Reporter, without_nan
from chainrule.cli.loading import load_table
from chainrule.cli.progress import Display, progress_of
from chainrule.cli.setting_options import Chosen, in_options
from chainrule.cli.tables import labels_and_counts, metrics_table
from chainrule.data import Schema, TableEncoder, TargetCodec, weights
from chainrule.data.task import task_line
from chainrule.errors import DataError, InputError
from chainrule.estimators import TableModel
from chainrule.estimators.network_words import network_words, sampled_words
from chainrule.estimators.table_figures import are_unequal
from chainrule.estimators.table_rows import training_rows
from chainrule.modelfile import save
from chainrule.nn.arrays import Array
from chainrule.train import Callback, TrainingRun
from chainrule.train.plot import plot_history
from chainrule.train.splitting import split_indices

__all__ = ["Job", "Rows", "run_job"]

ENDS = ("_low", "_high")  # of intervals


@dataclass(frozen=True)
class Rows:
    """Where the rows come from, and how they are divided."""

    data: str
    validation: float
    test: float
    validation_data: str | None
    test_data: str | None
    reading: dict[str, Any]


@dataclass(frozen=True)
class Job:
    """Everything that the user asked for."""

    rows: Rows
    targets: list[str]
    task: str | None
    weight: str | None
    columns: dict[str, Any]
    preset: str | None
    chosen: Chosen
    model: str
    plot: str | None


def run_job(job: Job, reporter: Reporter) -> bool:
    """Read, train, judge, save and report; say whether the user interrupted the training."""
    table, schema, left_out = training_rows(
        load_table(job.rows.data, job.rows.reading, reporter),
        job.targets,
        job.weight,
        TableEncoder(**job.columns).options,
        None,
    )
    codec = TargetCodec.fit(table, job.targets, job.task)
    parts = divide(job, table, codec, reporter)
    model = TableModel(
        **job.columns,
        dtype=job.chosen.dtype,
        preset=job.preset,
        **settings_of(job, codec.task, parts["validation"] is not None),
    )

    def begin() -> None:
        if parts["test"] is not None:
            model.check_rows(parts["test"])  # what is wrong with them must not wait for the end
        doubt = task_line(table, model.target.targets, codec.task) if job.task is None else ""
        model.encoder.notices += [line for line in (left_out, doubt) if line]
        announce(job, table, parts, model, reporter)

    started = time.perf_counter()
    try:
        train(model, job, codec.task, parts, schema, begin, progress_of(reporter))
    except InputError:
        say_where(model, job, table, parts, schema)
        raise
    seconds = time.perf_counter() - started
    history = model.fitted.history
    if history.interrupted and len(history) == 0:
        raise KeyboardInterrupt  # there is no model to keep yet

    results = judged(model, parts, seconds)
    model.summary = summary(job, model, table, results, seconds)
    save(model, job.model)
    if job.plot is not None:
        plot_history(
            history, job.plot, title=f"{Path(job.rows.data).name}: {', '.join(job.targets)}"
        )
    report(job, model, results, seconds, reporter)
    return bool(history.interrupted)


def announce(
    job: Job,
    table: pa.Table,
    parts: dict[str, pa.Table | None],
    model: TableModel,
    reporter: Reporter,
) -> None:
    """Say what was read, and what is learned from it."""
    codec = model.target
    reporter.note(f"{job.rows.data}: {table.num_rows:,} rows, {table.num_columns} columns")
    counts = [f"{rows.num_rows:,} for {part}" for part, rows in parts.items() if rows is not None]
    reporter.note(f"rows: {', '.join(counts)}")
    counts_of_classes = codec.counts(table)
    classes = f" ({labels_and_counts(counts_of_classes.items())})" if counts_of_classes else ""
    source = "read off the target" if job.task is None else "as named"
    reporter.note(f"target {', '.join(job.targets)}: {codec.task}{classes}, {source}")
    for notice in model.encoder.notices:
        reporter.note(f"note: {notice}")


def divide(
    job: Job, table: pa.Table, codec: TargetCodec, reporter: Reporter
) -> dict[str, pa.Table | None]:
    """Return the rows for training, validation and test."""
    rows = job.rows
    if job.weight is not None:
        weights(table, job.weight)  # a bad one is to be found under its number in the whole table
    indices = split_indices(
        table.num_rows,
        rows.validation,
        rows.test,
        np.random.RandomState(job.chosen.settings["random_state"]),
        strata_of(codec, table),
    )
    training, validation, test = (table.take(pa.array(index)) for index in indices)
    if rows.validation_data is not None:
        validation = load_table(rows.validation_data, rows.reading, reporter)
    elif rows.validation > 0 and validation.num_rows < 2:
        raise too_few(table.num_rows, rows, codec)
    if rows.test_data is not None:
        test = load_table(rows.test_data, rows.reading, reporter)
    return {
        "training": training,
        "validation": validation if validation.num_rows else None,
        "test": test if test.num_rows else None,
    }


def too_few(count: int, rows: Rows, codec: TargetCodec) -> DataError:
    """Return the error for a table of which no part can be set aside."""
    text = f"{count:,} rows are too few to set {rows.validation:g} of them aside for validation"
    none, own = "--validation 0", "--validation-data"
    if rows.test > 0:
        text += f" and {rows.test:g} for a test"
        none, own = f"{none} and --test 0", f"{own} and --test-data"
    if len(codec.labels) > count / 2:
        text += f" with one of each of the {len(codec.labels):,} classes left to train on"
    return DataError(f"{text}: take {none}, or give {own}")


def strata_of(codec: TargetCodec, table: pa.Table) -> Array | None:
    """Return the class of each row: of several labels the rarest that it has."""
    if codec.task == "regression":
        return None
    Y = codec.encode(table)
    if codec.task == "multilabel":
        rare = np.where(Y.mean(axis=0) <= 0.5, Y, 1 - Y)
        Y = np.hstack([rare[:, rare.sum(axis=0).argsort(kind="stable")], np.ones((len(Y), 1))])
    return Y[:, 0] if codec.task == "binary" else Y.argmax(axis=1)


def settings_of(job: Job, task: str, validated: bool) -> dict[str, Any]:
    """Return the estimator's parameters, as far as they are not left to the preset."""
    settings = job.chosen.of_task(task)
    settings["early_stopping"] = validated and settings["solver"] != "lbfgs"
    return settings


class Starting(Callback):
    """Does the last things before the first epoch, when the rows are encoded."""

    def __init__(self, action: Callable[[], None]) -> None:
        self.action, self.done = action, False

    def on_train_begin(self, run: TrainingRun) -> None:
        """Do them, once: a training that diverges begins again."""
        if not self.done:
            self.done = True
            self.action()


def train(
    model: TableModel,
    job: Job,
    task: str,
    parts: dict[str, pa.Table | None],
    schema: Schema,
    begin: Callable[[], None],
    progress: Display,
) -> None:
    """Train the model; call `begin` when the rows are encoded, before the first epoch."""
    model.settings["callbacks"] = [Starting(begin), progress]
    with in_options(), contextlib.closing(progress):
        model.fit(
            parts["training"],
            job.targets,
            task=task,
            weight=job.weight,
            validation=parts["validation"],
            schema=schema,
        )


def say_where(
    model: TableModel,
    job: Job,
    table: pa.Table,
    parts: dict[str, pa.Table | None],
    schema: Schema,
) -> None:
    """Raise the error of a bad cell once more, now with its file and its row in that file.

    The training saw the rows dealt out into parts, where they have other numbers.
    """
    used = [*job.targets, *filter(None, [job.weight])]
    TableEncoder(**job.columns).fit(table, exclude=used, schema=schema)
    if not model.encoder.columns:
        return
    model.check_rows(table)
    own = {"validation": job.rows.validation_data, "test": job.rows.test_data}
    for part, path in own.items():
        try:
            if path is not None:
                model.check_rows(parts[part])
        except InputError as error:
            raise type(error)(f"{path}: {error}") from None


def judged(
    model: TableModel, parts: dict[str, pa.Table | None], seconds: float
) -> dict[str, dict[str, float]]:
    """Return the figures of each set of rows; of none of the rest after a Ctrl-C.

    The seconds of the training rows are those of the training, else those of predicting and judging.
    """
    results = {}
    try:
        for part, rows in parts.items():
            if rows is not None:
                started = time.perf_counter()
                figures = model.evaluate(rows)
                if part != "test":  # the others took part in the choice
                    figures = {k: v for k, v in figures.items() if not k.endswith(ENDS)}
                results[part] = {**figures, "seconds": time.perf_counter() - started}
    except KeyboardInterrupt:  # the trained model is to be saved all the same
        model.fitted.history.interrupted = True
    if results:
        results["training"]["seconds"] = seconds
    return results


def summary(
    job: Job,
    model: TableModel,
    table: pa.Table,
    results: dict[str, dict[str, float]],
    seconds: float,
) -> dict[str, Any]:
    """Return the training record that goes into the model file."""
    network, history = model.fitted.network, model.fitted.history
    return {
        "data": job.rows.data,
        "task": model.target.task,
        "targets": list(job.targets),
        "classes": {str(label): rows for label, rows in model.target.counts(table).items()},
        "network": network.to_dict(),
        "parameters": int(model.fitted.parameters.vector.size),
        **({"sampled": list(model.fitted.sampled)} if model.fitted.sampled else {}),
        "epochs": len(history),
        "best_epoch": history.best_epoch,
        "stopped": history.stopped,
        "interrupted": history.interrupted,
        "seconds": seconds,
        "seed": job.chosen.settings["random_state"],
        "results": {part: without_nan(figures) for part, figures in results.items()},
        "notices": list(model.encoder.notices),
    }


def report(
    job: Job,
    model: TableModel,
    results: dict[str, dict[str, float]],
    seconds: float,
    reporter: Reporter,
) -> None:
    """Print the result."""
    network, history = model.fitted.network, model.fitted.history
    kept = f", epoch {history.best_epoch} kept" if history.best_epoch is not None else ""
    activations = ", ".join((*(network.networks or (network,))[0].hidden, str(network.output)))
    reporter.note(
        f"{network_words(model.fitted)} ({activations}), "
        f"{model.fitted.parameters.vector.size:,} parameters"
    )
    drawn = sampled_words(model.fitted)
    if drawn:
        reporter.note(f"drawn and chosen: {drawn}")
    unit = "iteration" if job.chosen.settings["solver"] == "lbfgs" else "epoch"
    most = model.estimator_settings["max_iter"]
    trained = f"{len(history)} of {most} {unit}{'' if most == 1 else 's'}"
    reporter.note(f"{trained} in {seconds:.2f} seconds{kept}: {history.stopped}")
    unequal = are_unequal(list(model.summary["classes"].values()))
    table = metrics_table(results, unequal=unequal) if results else None
    reporter.result({"model": job.model, "plot": job.plot, **model.summary}, table)
    reporter.note(f"model saved: {job.model}")
    if job.plot is not None:
        reporter.note(f"learning curves: {job.plot}")
    reporter.note("next, with rows that it has not seen:")
    name = shlex.quote(job.model)
    reporter.note(f"  chainrule predict {name} NEW.csv -o predicted.csv")
    reporter.note(f"  chainrule evaluate {name} NEW.csv")
    reporter.note("  chainrule train --help-all    (other networks, solvers and schedules)")
