"""A picture of a training: its learning curves."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from chainrule.errors import MissingExtraError, ParameterError
from chainrule.modelfile import replacing
from chainrule.train.history import History

__all__ = ["check_plot_path", "plot_history"]

FORMATS = (".png", ".svg", ".pdf")


def check_plot_path(path: str | os.PathLike[str]) -> None:
    """Raise before any work is done if `plot_history` could not write such a file.

    Raises
    ------
    ParameterError
        If the ending is not .png, .svg or .pdf.
    MissingExtraError
        If matplotlib is not installed.
    """
    if Path(path).suffix.lower() not in FORMATS:
        raise ParameterError(
            f"cannot draw {os.fspath(path)!r}: the ending must be one of {', '.join(FORMATS)}"
        )
    try:
        import matplotlib  # noqa: F401  # whether it is there is the question
    except ImportError:
        raise MissingExtraError(
            "plots need matplotlib: pip install 'chainrule[plot]', or leave the plot out"
        ) from None


def plot_history(history: History, path: str | os.PathLike[str], title: str = "") -> None:
    """Draw the learning curves: costs on the left, the validation score, if any, on the right.

    Parameters
    ----------
    history : History
    path : str or path-like
        A .png, .svg or .pdf file; replaced if it exists, once the new one is complete.
    title : str
        Above the picture.

    Raises
    ------
    ParameterError
        If the ending is another.
    MissingExtraError
        If matplotlib is not installed.
    """
    check_plot_path(path)
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    scored = bool(history.validation_score) and history.metric != "cost"
    figure = Figure(figsize=(10 if scored else 6, 4), layout="constrained")
    axes = figure.subplots(1, 2 if scored else 1, squeeze=False)[0]
    draw_costs(axes[0], history)
    if scored:
        draw_score(axes[1], history)
    figure.suptitle(title, parse_math=False)  # a file's name may hold dollars
    suffix = Path(path).suffix.lower()
    with replacing(Path(path)) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(temporary, format=suffix[1:], dpi=150)


def draw_costs(axes: Any, history: History) -> None:
    epochs = range(1, len(history) + 1)
    axes.plot(epochs, history.cost, marker_of(history), label="training")
    if history.validation_cost:
        axes.plot(epochs, history.validation_cost, marker_of(history), label="validation")
    mark_best(axes, history)
    axes.set(xlabel="epoch", ylabel="cost")
    if all(cost > 0 for cost in (*history.cost, *history.validation_cost)):
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend()


def draw_score(axes: Any, history: History) -> None:
    epochs = range(1, len(history) + 1)
    axes.plot(epochs, history.validation_score, marker_of(history), color="C1")
    mark_best(axes, history)
    axes.set(xlabel="epoch", ylabel=f"validation {history.metric}")
    axes.grid(alpha=0.3)
    if history.best_epoch is not None:
        axes.legend()


def marker_of(history: History) -> str:
    """Return the format of a curve: one epoch alone is no line."""
    return "o-" if len(history) == 1 else "-"


def mark_best(axes: Any, history: History) -> None:
    if history.best_epoch is not None:
        axes.axvline(
            history.best_epoch, color="gray", linestyle="--", label=f"kept: {history.best_epoch}"
        )
