"""scikit-learn: `MLPClassifier`, without penalty, momentum, shuffles or an early end."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from benchmarks.speed.peers.engine import Engine

__all__ = ["Classifier"]


class Classifier(Engine):
    """One `fit` a run, which goes on from the weights that are there."""

    def prepare(self, X: Any, labels: Any) -> None:
        """Let a first small fit make the arrays, and fill them with the initial weights."""
        task = self.workload
        self.rows = X, labels
        self.limits = None if self.threads is None else threadpool_limits(self.threads)
        self.model = MLPClassifier(
            task.sizes[1:-1],
            activation=task.hidden,
            solver=task.optimizer,
            alpha=0.0,
            batch_size=task.batch,
            learning_rate="constant",
            learning_rate_init=task.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
            tol=0.0,
            n_iter_no_change=10**9,
            warm_start=True,
        )
        classes = np.arange(max(2, task.sizes[-1]))
        few = len(classes)  # which the first rows are
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a batch may be larger than these few rows
            self.model.partial_fit(X[:few], labels[:few], classes=classes)
        arrays = task.weights()
        self.model.coefs_, self.model.intercepts_ = arrays[::2], arrays[1::2]

    def run(self, epochs: int) -> float:
        """Fit for so many epochs more; Adam begins its moments anew, which takes no longer."""
        self.model.max_iter = epochs
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            self.model.fit(*self.rows)
        return float(self.model.loss_curve_[-1])

    def weights(self) -> list[Any]:
        """Return the coefficients and intercepts in turn."""
        pairs = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        return [array for pair in pairs for array in pair]
