"""Which of two models is the better one, and whether the goals are met.

Two models are compared by the differences of their figures within each seed, for both had the same
rows. Where the mean difference is no larger than its standard error over the seeds, s/√n with s the
standard deviation of the n differences, they are level. With three seeds that is a coarse measure: of
two models that are equally good, one is called the better by chance in about four cases of ten, to
either side alike.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import sqrt
from statistics import mean, median, stdev

from .measure import Fit
from .models import ENSEMBLE, MLP, PIECEWISE, PLAIN, PRESET, SCALED_MLP, TREES
from .sets import TABLES

HIGHER = {"accuracy": True, "log_loss": False, "auc": True, "rmse": False}
WIN, LEVEL, LOSS = "wins", "level", "losses"
PAIRS = (
    (PLAIN, MLP),
    (PLAIN, TREES),
    (PRESET, MLP),
    (PRESET, SCALED_MLP),
    (PRESET, TREES),
    (PRESET, PLAIN),
    (PIECEWISE, MLP),
    (PIECEWISE, TREES),
    (PIECEWISE, PRESET),
    (ENSEMBLE, MLP),
    (ENSEMBLE, TREES),
    (ENSEMBLE, PRESET),
)
FEWEST_TABLES = 10
SECONDS = {"phoneme": 3, "magic": 15, "diamonds": 100}


class Figures:
    """The figures of many fits, by table, model and seed."""

    def __init__(self, fits: Iterable[Fit]) -> None:
        self.fits = {(fit.table, fit.model, fit.seed): fit for fit in fits}
        self.tables = [name for name in TABLES if any(key[0] == name for key in self.fits)]

    def of(self, table: str, model: str) -> list[Fit]:
        """Return the fits of a model to a table, by seed."""
        found = [fit for key, fit in self.fits.items() if key[:2] == (table, model)]
        return sorted(found, key=lambda fit: fit.seed)

    def mean(self, table: str, model: str, figure: str) -> float | None:
        """Return the mean of a figure over the seeds; None if it was not measured."""
        values = [fit.figures[figure] for fit in self.of(table, model) if figure in fit.figures]
        return mean(values) if values else None

    def seconds(self, table: str, model: str) -> float | None:
        """Return the median seconds of a fit; None if there was none."""
        fits = self.of(table, model)
        return median(fit.seconds for fit in fits) if fits else None

    def verdict(self, table: str, one: str, other: str, figure: str) -> str | None:
        """Say how `one` does against `other`: wins, level or losses; None if not measured."""
        theirs = {fit.seed: fit.figures for fit in self.of(table, other)}
        gains = [
            gain(fit.figures[figure], theirs[fit.seed][figure], figure)
            for fit in self.of(table, one)
            if fit.seed in theirs and figure in fit.figures
        ]
        return judged_gains(gains) if gains else None


def main_figure(table: str) -> str:
    """Return the figure that decides: accuracy, or the error of a regression."""
    return "accuracy" if TABLES[table].classification else "rmse"


def gain(ours: float, theirs: float, figure: str) -> float:
    """Return by how much the first figure is the better one."""
    return ours - theirs if HIGHER[figure] else theirs - ours


def judged_gains(gains: list[float]) -> str:
    """Say wins, level or losses.

    Examples
    --------
    >>> judged_gains([0.02, 0.01, 0.03]), judged_gains([0.02, -0.03, 0.01]), judged_gains([-0.01])
    ('wins', 'level', 'losses')
    >>> judged_gains([0.0, 0.0, 0.0])
    'level'
    """
    average = mean(gains)
    error = stdev(gains) / sqrt(len(gains)) if len(gains) > 1 else 0.0
    if abs(average) <= error:
        return LEVEL
    return WIN if average > 0 else LOSS


@dataclass
class Tally:
    """The tables on which a model wins, is level, or loses.

    Examples
    --------
    >>> str(Tally({"wins": ["a", "b"], "level": [], "losses": ["c"]}))
    '2 – 0 – 1'
    """

    tables: dict[str, list[str]] = field(default_factory=lambda: {WIN: [], LEVEL: [], LOSS: []})

    def __str__(self) -> str:
        return " – ".join(str(len(names)) for names in self.tables.values())

    def __len__(self) -> int:
        return sum(map(len, self.tables.values()))


def tally(figures: Figures, one: str, other: str, figure_of: Callable[[str], str]) -> Tally:
    """Compare two models on every table that both were measured on."""
    found = Tally()
    for table in figures.tables:
        # Classes are not standardized: there the two are one model.
        same = other == SCALED_MLP and TABLES[table].classification
        verdict = figures.verdict(table, one, MLP if same else other, figure_of(table))
        if verdict is not None:
            found.tables[verdict].append(table)
    return found


@dataclass
class Goal:
    """A goal, what was measured, and whether that meets it; None if it was not measured."""

    text: str
    measured: str
    met: bool | None


def goals(figures: Figures) -> list[Goal]:
    """Judge the goals of the preset: on ten tables 9 and 6; on more of them, as large a part."""
    mlp, scaled, trees = (
        tally(figures, PRESET, other, main_figure) for other in (MLP, SCALED_MLP, TREES)
    )
    ensemble = tally(figures, ENSEMBLE, PRESET, lambda _: "log_loss")
    return [
        counted("better than scikit-learn's MLP", 9, mlp, (WIN,)),
        counted("better than scikit-learn's MLP, its target standardized", 9, scaled, (WIN,)),
        counted("level with the trees, or better", 6, trees, (WIN, LEVEL)),
        *(timed(figures, table, limit) for table, limit in SECONDS.items()),
        majority("the ensemble's log loss lower than the preset's", ensemble),
    ]


def counted(text: str, tenths: int, found: Tally, good: tuple[str, ...]) -> Goal:
    """Judge a goal that is about a part of at least ten tables."""
    text = f"the preset {text}, on {tenths} tables of 10"
    count, total = sum(len(found.tables[word]) for word in good), len(found)
    if total < FEWEST_TABLES:
        return Goal(text, f"{count} of {total}: {FEWEST_TABLES} tables are needed", None)
    return Goal(text, f"{count} of {total}", 10 * count >= tenths * total)


def majority(text: str, found: Tally) -> Goal:
    """Judge a goal that is about more than half of the tables."""
    count, total = len(found.tables[WIN]), len(found)
    text = f"{text}, on more than half of the tables"
    return Goal(text, f"{count} of {total}", 2 * count > total if total else None)


def timed(figures: Figures, table: str, limit: int) -> Goal:
    """Judge a goal that is about seconds."""
    text = f"a fit of the preset to {table} in at most {limit} s"
    seconds = figures.seconds(table, PRESET)
    if seconds is None:
        return Goal(text, "not measured", None)
    return Goal(text, f"{seconds:.1f} s", seconds <= limit)
