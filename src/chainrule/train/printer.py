"""One line an epoch, for logs."""

from __future__ import annotations

from chainrule.train.callbacks import Callback, TrainingRun

__all__ = ["Printer"]


class Printer(Callback):
    """Prints the costs, and the validation score, after each epoch."""

    def on_epoch_end(self, run: TrainingRun) -> None:
        """Print one line."""
        history = run.history
        line = f"epoch {len(history)}: cost {history.cost[-1]:.8f}"
        if history.validation_cost:
            line += f", validation cost {history.validation_cost[-1]:.8f}"
            if history.metric != "cost":
                line += f", validation {history.metric} {history.validation_score[-1]:.6f}"
        print(f"{line}, {run.note}" if run.note else line)

    def on_train_end(self, run: TrainingRun) -> None:
        """Say why it ended."""
        print(f"training ended: {run.history.stopped}")
