"""Progress of a training: a bar on a terminal, a few plain lines in a log."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.train import Callback, TrainingRun

__all__ = ["Lines", "bar_or_lines"]


def describe(run: TrainingRun) -> str:
    """Return the last epoch in words."""
    history = run.history
    text = f"cost {history.cost[-1]:.5f}"
    if history.validation_cost:
        text += f", validation {history.validation_cost[-1]:.5f}"
        if history.metric != "cost":
            text += f", {history.metric} {history.validation_score[-1]:.4f}"
    return text


class Bar(Callback):
    """A progress bar that goes away when the training ends."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("epochs · {task.description}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )

    def on_train_begin(self, run: TrainingRun) -> None:
        """Show the bar."""
        self.task = self.progress.add_task("", total=run.clock.total_epochs)
        self.progress.start()

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Move it."""
        self.progress.update(self.task, completed=len(run.history), description=describe(run))

    def on_train_end(self, run: TrainingRun) -> None:
        """Take it away."""
        self.progress.stop()


class Lines(Callback):
    """A line after epoch 1, 2, 5, 10, 20, 50 and so on, and after the last one."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.last = 0

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Print the line, if it is one of those."""
        if str(len(run.history)).rstrip("0") in ("1", "2", "5"):
            self._print(run)

    def on_train_end(self, run: TrainingRun) -> None:
        """Print the last one."""
        if len(run.history) > self.last:
            self._print(run)

    def _print(self, run: TrainingRun) -> None:
        self.last = len(run.history)
        self.console.print(f"epoch {self.last}: {describe(run)}")


def bar_or_lines(console: Console) -> Any:
    """Return the callback that suits where the console writes to."""
    return Bar(console) if console.is_terminal else Lines(console)
