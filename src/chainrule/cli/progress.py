"""Progress of a training: a bar on a terminal, a few plain lines in a log."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chainrule.cli.console import Reporter
from chainrule.train import Callback, TrainingRun

__all__ = ["Display", "progress_of"]


def describe(run: TrainingRun) -> str:
    """Return the last epoch in words."""
    history = run.history
    text = f"cost {history.cost[-1]:.5f}"
    if history.validation_cost:
        text += f", validation {history.validation_cost[-1]:.5f}"
        if history.metric != "cost":
            text += f", {history.metric} {history.validation_score[-1]:.4f}"
    return f"{text}, {run.note}" if run.note else text


class Display(Callback):
    """What shows the progress of a training; this one shows nothing."""

    def close(self) -> None:
        """Take everything away, also after an error."""


class Bar(Display):
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
        """Show the bar; a training that diverged begins again."""
        for task in self.progress.task_ids:
            self.progress.remove_task(task)
        self.task = self.progress.add_task("", total=run.clock.total_epochs)
        self.progress.start()

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Move it."""
        self.progress.update(self.task, completed=len(run.history), description=describe(run))

    def on_train_end(self, run: TrainingRun) -> None:
        """Take it away."""
        self.close()

    def close(self) -> None:
        """Take it away, and show the cursor again."""
        self.progress.stop()


class Lines(Display):
    """A line after epoch 1, 2, 5, 10, 20, 50 and so on, and after the last one."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.last = 0
        self.trainings = 0

    def on_train_begin(self, run: TrainingRun) -> None:
        """Say so if a training that diverged begins again."""
        self.trainings += 1
        if self.trainings > 1 and run.optimizer is not None:
            rate = run.optimizer.initial_learning_rate
            self.console.print(f"diverged: again, with the learning rate {rate:g}")
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


def progress_of(reporter: Reporter) -> Display:
    """Return the display that suits the reporter and where it writes to."""
    if not reporter.talks:
        return Display()
    return Bar(reporter.err) if reporter.err.is_terminal else Lines(reporter.err)
