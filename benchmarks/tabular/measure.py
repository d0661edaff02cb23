"""Fitting every model to the same rows of every table, by the clock, and keeping each figure at once.

A quarter of the rows is the test, drawn anew by each seed, each class in its proportion. All models get
the other three quarters; those that need validation rows take them out of these. The order of the models
rotates from seed to seed. One fit at a time, all in one process, on all the cores there are.

The figures go into ``results.jsonl``, a line of JSON a fit. What stands there already is not measured
again, so that a run that was ended goes on where it was; of two lines about the same fit, the later one
counts.
"""

import json
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

from benchmarks.speed.machine import cpu_name
from chainrule.errors import DataError
from chainrule.version import __version__

from .models import Model, Prediction
from .sets import TARGET, Table

TEST = 0.25
QUICK_ROWS = 1000
RESULTS = "results.jsonl"


@dataclass(frozen=True)
class Fit:
    """One fit of one model to one table, and what came of it.

    Attributes
    ----------
    table, model : str
    seed : int
    quick : bool
        Whether the table was cut down to `QUICK_ROWS`.
    rows : int
        Of the training.
    figures : dict of str to float
        accuracy, log_loss and auc of the test rows; or rmse, over the standard deviation of the target.
    seconds, cpu_seconds : float
        Of the fit, encoding included: by the clock on the wall, and of all cores together.
    load : float
        The load average of the machine before: much above the number of cores, seconds mean little.
    machine : str
        Processor, cores, versions.
    """

    table: str
    model: str
    seed: int
    quick: bool
    rows: int
    figures: dict[str, float]
    seconds: float
    cpu_seconds: float
    load: float
    machine: str

    @property
    def key(self) -> tuple[str, str, int, bool]:
        """Say which fit it is."""
        return self.table, self.model, self.seed, self.quick


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    tables: tuple[Table, ...]
    models: tuple[Model, ...]
    seeds: int
    quick: bool

    def fits(self) -> Iterator[tuple[Table, int, list[Model]]]:
        """Yield each split with the models in their order of turns."""
        for table in self.tables:
            for seed in range(self.seeds):
                models = [model for model in self.models if table.task in model.tasks]
                start = seed % max(1, len(models))
                yield table, seed, [*models[start:], *models[:start]]


def measure(
    plan: Plan, done: Iterable[Fit], keep: Callable[[Fit], None], warn: Callable[[str], None]
) -> None:
    """Fit what is not done yet; hand each result to `keep`, and in one line what fails to `warn`."""
    known = {fit.key for fit in done}
    loaded: dict[str, pd.DataFrame] = {}
    for table, seed, models in plan.fits():
        missing = [m for m in models if (table.name, m.name, seed, plan.quick) not in known]
        if not missing:
            continue
        if table.name not in loaded:
            loaded = {table.name: cut(table) if plan.quick else table.load()}
        training, test = split(loaded[table.name], table, seed)
        for model in missing:
            try:
                keep(timed(table, model, seed, plan.quick, training, test))
            except Exception as error:  # the others are to be measured all the same
                warn(f"{table.name}, {model.name}, seed {seed}: {type(error).__name__}: {error}")


def split(frame: pd.DataFrame, table: Table, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the training and the test rows."""
    strata = frame[TARGET] if table.classification else None
    training, test = train_test_split(frame, test_size=TEST, random_state=seed, stratify=strata)
    return training.reset_index(drop=True), test.reset_index(drop=True)


def cut(table: Table) -> pd.DataFrame:
    """Return some rows of a table, each class in its proportion."""
    frame = table.load()
    if len(frame) <= QUICK_ROWS:
        return frame
    strata = frame[TARGET] if table.classification else None
    some, _ = train_test_split(frame, train_size=QUICK_ROWS, random_state=0, stratify=strata)
    return some.reset_index(drop=True)


def timed(
    table: Table, model: Model, seed: int, quick: bool, training: pd.DataFrame, test: pd.DataFrame
) -> Fit:
    """Fit a model, and judge it."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that 200 epochs were not enough, for instance
        wall, cpu = time.perf_counter(), time.process_time()
        predict = model.fit(training, table.task, seed)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        figures = judged(predict(test), test[TARGET])
    return Fit(
        table.name, model.name, seed, quick, len(training), figures,
        round(wall, 4), round(cpu, 4), round(load, 2), machine(),
    )  # fmt: skip


def judged(prediction: Prediction, target: pd.Series) -> dict[str, float]:
    """Return the figures of a prediction, by scikit-learn's functions whatever the model is."""
    y = target.to_numpy()
    if prediction.probabilities is None:
        return {"rmse": float(root_mean_squared_error(y, prediction.values) / y.std())}
    order = np.argsort(prediction.labels)
    labels = [prediction.labels[place] for place in order]
    P = prediction.probabilities[:, order].astype(np.float64)
    P /= P.sum(axis=1, keepdims=True)  # single precision sums to 1 but for the last digits
    binary = len(labels) == 2
    auc = roc_auc_score(y, P[:, 1] if binary else P, multi_class="ovr", labels=labels)
    return {
        "accuracy": float(accuracy_score(y, np.asarray(prediction.values, dtype=object))),
        "log_loss": float(log_loss(y, P, labels=labels)),
        "auc": float(auc),
    }


def machine() -> str:
    return (
        f"{cpu_name()}, {joblib.cpu_count()} cores, chainrule {__version__}, "
        f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}"
    )


def read_fits(path: Path) -> list[Fit]:
    """Return the fits of a file of results, none if there is no file.

    Raises
    ------
    DataError
        If a line is not what this program writes; a last line that was cut off is passed over.
    """
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    *lines, unfinished = text.split("\n")
    if unfinished:
        path.write_text(text.removesuffix(unfinished), "utf-8")
    fits = {}
    for number, line in enumerate(lines, start=1):
        try:
            fit = Fit(**json.loads(line))
        except (ValueError, TypeError):
            raise DataError(f"{path}, line {number} is no result: remove the line") from None
        fits[fit.key] = fit
    return list(fits.values())


def append_fit(path: Path, fit: Fit) -> None:
    """Add a fit to a file of results."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(fit)) + "\n")
