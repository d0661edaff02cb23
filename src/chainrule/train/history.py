"""What a training records, one entry an epoch."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from chainrule.errors import DataError

__all__ = ["History"]


@dataclass
class History:
    """The course of a training.

    Attributes
    ----------
    cost : list of float
        The training cost of each epoch: the mean over its batches, each weighted by its rows, taken
        as the batches went by (dropout and all).
    validation_cost, validation_score : list of float
        On the validation rows after each epoch; empty without them, NaN where only some epochs of a
        training that went on had them.
    learning_rate : list of float
        The rate of the epoch's last update; likewise under L-BFGS.
    seconds : list of float
        Time since the training began.
    metric : str or None
        What `validation_score` is.
    best_epoch : int or None
        The epoch, counted from 1, whose parameters were kept.
    stopped : str
        Why the training ended, in words.
    interrupted : bool
        Whether the user ended it.
    """

    cost: list[float] = field(default_factory=list)
    validation_cost: list[float] = field(default_factory=list)
    validation_score: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    metric: str | None = None
    best_epoch: int | None = None
    stopped: str = ""
    interrupted: bool = False

    def begin(self, metric: str | None) -> None:
        """Start the clock of a training, or of one more that goes on with this history."""
        self.metric = metric
        if metric is not None:
            self.fill(self.validation_cost, self.validation_score)
        self.stopped, self.interrupted = "", False
        self._started = time.perf_counter() - (self.seconds[-1] if self.seconds else 0.0)

    def tick(self) -> None:
        """Note the time; an epoch is complete with this."""
        self.seconds.append(time.perf_counter() - self._started)

    def fill(self, *columns: list[float]) -> None:
        """Put NaN for the epochs that did without what these columns hold."""
        for column in columns:
            column.extend([math.nan] * (len(self) - len(column)))

    def end(self, reason: str) -> None:
        """Note why the training ended, and drop what an interrupted epoch left half done."""
        self.stopped = reason
        for column in (
            self.cost,
            self.validation_cost,
            self.validation_score,
            self.learning_rate,
        ):
            del column[len(self) :]
            if column:
                self.fill(column)

    def __len__(self) -> int:
        return len(self.seconds)

    def to_dict(self) -> dict[str, Any]:
        """Return the history as plain lists and values, ready for JSON or a data frame."""
        return asdict(self)  # fields alone: the running clock is none

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> History:
        """Build a history from what `to_dict` returned.

        Raises
        ------
        DataError
            If an entry is missing, or is not of its type.
        """
        history = cls(**record)
        for name in (entry.name for entry in fields(cls)):
            value = record.get(name)
            fits = {
                "metric": value is None or isinstance(value, str),
                "best_epoch": value is None or type(value) is int,
                "stopped": isinstance(value, str),
                "interrupted": isinstance(value, bool),
            }.get(name, is_column(value))
            if name not in record or not fits:
                raise DataError(f"{name!r} of the training's history cannot be {value!r:.80}")
        return history


def is_column(value: Any) -> bool:
    return isinstance(value, list) and all(type(entry) in (int, float) for entry in value)
