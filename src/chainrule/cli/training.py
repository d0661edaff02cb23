"""What ``chainrule train`` does, step by step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from chainrule.cli.console import Reporter
from chainrule.cli.progress import bar_or_lines
from chainrule.cli.tables import metrics_table
from chainrule.data import TargetCodec, read_table
from chainrule.errors import DataError, ParameterError
from chainrule.estimators import TableModel
from chainrule.modelfile import save
from chainrule.train.plot import check_plot_path, plot_history
from chainrule.train.splitting import split_indices

__all__ = ["Job", "Rows", "run_job"]


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
    dtype: str
    settings: dict[str, Any]
    of_classes: dict[str, Any]
    of_numbers: dict[str, Any]
    batch_size: int | None
    model: str
    plot: str | None


def run_job(job: Job, reporter: Reporter) -> bool:
    """Read, train, judge, save and report; say whether the user interrupted the training."""
    if job.plot is not None:
        check_plot_path(job.plot)
    table = read_table(job.rows.data, **job.rows.reading)
    codec = TargetCodec.fit(table, job.targets, job.task)
    announce(job, table, codec, reporter)
    parts = divide(job, table, codec)

    started = time.perf_counter()
    model = fitted(job, parts, codec.task, reporter)
    seconds = time.perf_counter() - started
    history = model.estimator.history_
    if history.interrupted and len(history) == 0:
        raise KeyboardInterrupt  # there is no model to keep yet

    results = {part: judged(model, rows) for part, rows in parts.items() if rows is not None}
    results["training"]["seconds"] = seconds
    model.summary = summary(job, model, results, seconds)
    save(model, job.model)
    if job.plot is not None:
        plot_history(history, job.plot, title=f"{job.rows.data}: {', '.join(job.targets)}")
    report(job, model, results, seconds, reporter)
    return bool(history.interrupted)


def announce(job: Job, table: pa.Table, codec: TargetCodec, reporter: Reporter) -> None:
    """Say what was read, and what the task is."""
    reporter.note(f"{job.rows.data}: {table.num_rows:,} rows, {table.num_columns} columns")
    classes = ""
    if codec.task in ("binary", "multiclass"):
        shown = [str(label) for label in codec.labels[:6]]
        classes = f" ({', '.join(shown)}{', …' if len(codec.labels) > 6 else ''})"
    source = "read off the target" if job.task is None else "as named"
    reporter.note(f"target {', '.join(job.targets)}: {codec.task}{classes}, {source}")


def divide(job: Job, table: pa.Table, codec: TargetCodec) -> dict[str, pa.Table | None]:
    """Return the rows for training, validation and test."""
    rows = job.rows
    strata = None
    if codec.task in ("binary", "multiclass"):
        Y = codec.encode(table)
        strata = Y[:, 0] if codec.task == "binary" else Y.argmax(axis=1)
    indices = split_indices(
        table.num_rows,
        rows.validation,
        rows.test,
        np.random.RandomState(job.settings["random_state"]),
        strata,
    )
    training, validation, test = (table.take(pa.array(index)) for index in indices)
    if rows.validation_data is not None:
        validation = read_table(rows.validation_data, **rows.reading)
    elif rows.validation > 0 and validation.num_rows < 2:
        raise DataError(
            f"{table.num_rows} rows are too few to set {rows.validation:g} of them aside: take "
            "--validation 0, or give --validation-data"
        )
    if rows.test_data is not None:
        test = read_table(rows.test_data, **rows.reading)
    return {
        "training": training,
        "validation": validation if validation.num_rows else None,
        "test": test if test.num_rows else None,
    }


def fitted(
    job: Job, parts: dict[str, pa.Table | None], task: str, reporter: Reporter
) -> TableModel:
    """Train the model."""
    training, validation = parts["training"], parts["validation"]
    assert training is not None
    settings = {**job.settings, **kind_settings(job, task)}
    settings["batch_size"] = batch_size(job.batch_size, training.num_rows)
    settings["early_stopping"] = validation is not None and settings["solver"] != "lbfgs"
    if reporter.talks:
        settings["callbacks"] = [bar_or_lines(reporter.err)]
    model = TableModel(**job.columns, dtype=job.dtype, **settings)
    model.fit(training, job.targets, task=task, weight=job.weight, validation=validation)
    for notice in model.encoder.notices:
        reporter.note(f"note: {notice}")
    return model


def judged(model: TableModel, rows: pa.Table) -> dict[str, float]:
    """Return the figures of one set of rows, and how long it took to predict and judge them."""
    started = time.perf_counter()
    figures = model.evaluate(rows)
    return {**figures, "seconds": time.perf_counter() - started}


def kind_settings(job: Job, task: str) -> dict[str, Any]:
    """Return the settings that this kind of task has; refuse those of the other kind."""
    mine, others = (
        (job.of_numbers, job.of_classes)
        if task == "regression"
        else (job.of_classes, job.of_numbers)
    )
    neutral = {"label_smoothing": 0.0, "class_weight": None, "loss": "squared_error"}
    for name, value in others.items():
        if value != neutral[name]:
            raise ParameterError(f"--{name.replace('_', '-')} does not apply to a {task} task")
    return mine


def batch_size(given: int | None, rows: int) -> int:
    """Return the rows of a mini-batch: some fifty updates an epoch, if nothing else is asked for."""
    chosen = max(16, min(200, rows // 50)) if given is None else given
    return min(chosen, rows)


def summary(
    job: Job, model: TableModel, results: dict[str, dict[str, float]], seconds: float
) -> dict[str, Any]:
    """Return the training record that goes into the model file."""
    network, history = model.estimator.network_, model.estimator.history_
    return {
        "data": job.rows.data,
        "task": model.target.task,
        "targets": list(job.targets),
        "network": network.to_dict(),
        "parameters": int(model.estimator.parameters_.vector.size),
        "epochs": len(history),
        "best_epoch": history.best_epoch,
        "stopped": history.stopped,
        "interrupted": history.interrupted,
        "seconds": seconds,
        "seed": job.settings["random_state"],
        "results": {
            part: {name: None if value != value else value for name, value in figures.items()}
            for part, figures in results.items()
        },
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
    network, history = model.estimator.network_, model.estimator.history_
    sizes = "-".join(map(str, network.sizes))
    kept = f", epoch {history.best_epoch} kept" if history.best_epoch is not None else ""
    reporter.note(
        f"network {sizes} ({', '.join((*network.hidden, str(network.output)))}), "
        f"{model.estimator.parameters_.vector.size:,} parameters"
    )
    reporter.note(f"{len(history)} epochs in {seconds:.2f} seconds{kept}: {history.stopped}")
    reporter.result({"model": job.model, "plot": job.plot, **model.summary}, metrics_table(results))
    reporter.note(f"model saved: {job.model}")
    if job.plot is not None:
        reporter.note(f"learning curves: {job.plot}")
    reporter.note("next:")
    reporter.note(f"  chainrule predict {job.model} {job.rows.data} -o predicted.csv")
    reporter.note(f"  chainrule evaluate {job.model} {job.rows.data}")
    reporter.note("  chainrule train --help    (other networks, solvers and schedules)")
