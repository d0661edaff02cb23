"""chainrule: its training loop, and its estimator, as their users get them."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from benchmarks.speed.peers.engine import Engine
from chainrule.nn import Network, Parameters
from chainrule.optim import SGD, Adam
from chainrule.train import Dataset, Trainer

__all__ = ["Estimator", "Loop"]


class Loop(Engine):
    """`Trainer.run`."""

    def prepare(self, X: Any, labels: Any) -> None:
        """Build the network, its parameters and the optimizer, which are kept from run to run."""
        task = self.workload
        self.network = Network(task.sizes, hidden=task.hidden, loss=task.loss)
        vector = np.concatenate([array.ravel() for array in task.weights()])
        self.parameters = Parameters(task.sizes, vector)
        self.optimizer = {"sgd": SGD, "adam": Adam}[task.optimizer](task.learning_rate)
        self.dataset = Dataset(X, task.targets(labels))

    def run(self, epochs: int) -> float:
        """Train by a new trainer: what it costs to make one is part of the time."""
        trainer = Trainer(
            self.network,
            self.optimizer,
            batch_size=self.workload.batch,
            epochs=epochs,
            shuffle=False,
            n_threads=self.threads,
        )
        return float(trainer.run(self.parameters, self.dataset).cost[-1])

    def weights(self) -> list[Any]:
        """Return the views into the vector."""
        return list(self.parameters.values())


class Estimator(Engine):
    """`chainrule.MLPClassifier`, for the time that a whole program takes."""

    def prepare(self, X: Any, labels: Any) -> None:
        """Set it up as scikit-learn's is."""
        from chainrule.estimators import MLPClassifier  # with scikit-learn behind it

        task = self.workload
        self.rows = X, labels
        self.model = MLPClassifier(
            task.sizes[1:-1],
            activation=task.hidden,
            solver=task.optimizer,
            learning_rate_init=task.learning_rate,
            momentum=0.0,
            alpha=0.0,
            batch_size=task.batch,
            shuffle=False,
            tol=0.0,
            n_iter_no_change=10**9,
            random_state=0,
        )

    def run(self, epochs: int) -> float:
        """Fit anew."""
        self.model.set_params(max_iter=epochs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            self.model.fit(*self.rows)
        return float(self.model.loss_curve_[-1])

    def weights(self) -> list[Any]:
        """Return the fitted parameters."""
        return list(self.model.parameters_.values())
