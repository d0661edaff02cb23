"""The same fit by chainrule and by scikit-learn, over data × solver × every setting that both have.

``python -m helpers.trajectories``, from the folder of the tests, prints the table of differences.
"""

import warnings
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import scipy.sparse as sp
import sklearn.neural_network as sk
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    make_multilabel_classification,
)
from sklearn.preprocessing import scale
from threadpoolctl import threadpool_limits

import chainrule as cr

EPOCHS = 50
TOLERANCE = 1e-8
DATA = ("binary", "multiclass", "digits", "multilabel", "diabetes", "counts", "three outputs")
CLASSES = DATA[:4]


@cache
def rows_of(data):
    """Return X and y."""
    match data:
        case "binary":
            X, y = load_breast_cancer(return_X_y=True)
            return scale(X), y
        case "multiclass":
            X, y = load_iris(return_X_y=True)
            return scale(X), y
        case "digits":
            X, y = load_digits(return_X_y=True)
            return X[:300] / 16, y[:300]
        case "multilabel":
            X, y = make_multilabel_classification(150, 8, n_classes=4, random_state=0)
            return scale(X), y
        case "diabetes":
            X, y = load_diabetes(return_X_y=True)
            return scale(X), scale(y)
        case "counts":
            X = np.random.RandomState(0).normal(size=(150, 4))
            return X, np.random.RandomState(1).poisson(np.exp(X[:, 0]))
        case _:
            X, y = load_diabetes(return_X_y=True)
            X = scale(X)
            return X[:, :7], np.column_stack([scale(y), X[:, 7], X[:, 8] - X[:, 1]])


@dataclass(frozen=True)
class Case:
    """One fit: `settings` go to both estimators."""

    data: str
    settings: dict = field(default_factory=dict)
    weighted: bool = False
    sparse: bool = False

    @property
    def name(self):
        words = [f"{key}={value}" for key, value in self.settings.items()]
        words += ["weighted"] * self.weighted + ["sparse"] * self.sparse
        return f"{self.data}: {', '.join(words)}"

    def rows(self):
        X, y = rows_of(self.data)
        return (sp.csr_array(X) if self.sparse else X), y

    def sample_weight(self):
        m = len(rows_of(self.data)[0])
        return np.random.RandomState(2).uniform(0.2, 3, m) if self.weighted else None

    def estimators(self):
        """Return chainrule's and scikit-learn's estimator, not fitted yet."""
        settings = {"hidden_layer_sizes": (8,), "max_iter": EPOCHS, "random_state": 3}
        settings |= {"learning_rate_init": 0.01} | self.settings
        if self.data in CLASSES:
            return cr.MLPClassifier(**settings), sk.MLPClassifier(**settings)
        loss = "poisson" if self.data == "counts" else "squared_error"
        return cr.MLPRegressor(loss, **settings), sk.MLPRegressor(loss, **settings)

    def fitted(self):
        """Return both estimators, fitted."""
        ours, theirs = self.estimators()
        X, y = self.rows()
        # One thread: in which order several add up is not what is compared.
        with warnings.catch_warnings(), threadpool_limits(1, "blas"):
            warnings.simplefilter("ignore")  # both warn that 50 epochs are few
            ours.fit(X, y, self.sample_weight())
            theirs.fit(X, y, self.sample_weight())
        return ours, theirs


def cases():
    """Yield the cases: solver × data × early stopping × activation, then one setting at a time."""
    for data in DATA[:6]:
        for solver in ("sgd", "adam"):
            for stopping in (False, True):
                for activation in ("identity", "logistic", "tanh", "relu"):
                    yield Case(
                        data,
                        {"solver": solver, "early_stopping": stopping, "activation": activation},
                    )
    for data in ("binary", "multiclass", "multilabel", "diabetes"):
        for settings in (
            {"solver": "sgd", "learning_rate": "invscaling", "power_t": 0.3},
            {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.05, "n_iter_no_change": 2},
            {"solver": "adam", "learning_rate": "invscaling"},
            {"solver": "adam", "learning_rate": "adaptive"},
            {"solver": "sgd", "learning_rate": "adaptive", "early_stopping": True, "tol": 0.01},
            {"solver": "sgd", "nesterovs_momentum": False},
            {"solver": "sgd", "momentum": 0.0},
            {"solver": "sgd", "momentum": 1.0, "learning_rate_init": 1e-4},
            {"solver": "adam", "beta_1": 0.5, "beta_2": 0.7, "epsilon": 1e-3},
        ):
            yield Case(data, settings)
        for solver in ("sgd", "adam"):
            for settings in (
                {"shuffle": False},
                {"batch_size": 7},
                {"batch_size": 64, "shuffle": False},
                {"hidden_layer_sizes": ()},
                {"hidden_layer_sizes": (), "activation": "logistic"},
                {"hidden_layer_sizes": (9, 5), "activation": "logistic"},
                {"hidden_layer_sizes": 6},
                {"alpha": 0.0},
                {"alpha": 3.0, "batch_size": 31},
                {"n_iter_no_change": 2, "tol": 0.01},
                {"early_stopping": True, "validation_fraction": 0.3, "n_iter_no_change": 3},
            ):
                yield Case(data, {"solver": solver, **settings})
            for settings in ({}, {"early_stopping": True}, {"batch_size": 50}):
                yield Case(data, {"solver": solver, **settings}, weighted=True)
                yield Case(data, {"solver": solver, **settings}, sparse=True)
    for solver in ("sgd", "adam"):
        for stopping in (False, True):
            yield Case("three outputs", {"solver": solver, "early_stopping": stopping, "tol": 0.0})


def all_weights(model):
    """Return every weight and bias in one vector, in scikit-learn's order."""
    return np.concatenate([np.ravel(V) for V in (*model.coefs_, *model.intercepts_)])


def weight_difference(ours, theirs):
    """Return ‖θ_ours − θ_theirs‖ / ‖θ_theirs‖."""
    theta = all_weights(theirs)
    return float(np.linalg.norm(all_weights(ours) - theta) / np.linalg.norm(theta))


def loss_difference(ours, theirs):
    """Return the largest relative difference between the loss curves; infinity if lengths differ."""
    a, b = np.array(ours.loss_curve_), np.array(theirs.loss_curve_)
    return float(np.max(np.abs(a - b) / np.abs(b))) if len(a) == len(b) else np.inf


def trajectory_differences():
    """Return the rows (case, difference of the weights, difference of the loss curves).

    With several outputs the second is None: there the losses differ by definition.
    """
    table = []
    for case in cases():
        ours, theirs = case.fitted()
        several = case.data == "three outputs"
        curves = None if several else loss_difference(ours, theirs)
        table.append((case.name, weight_difference(ours, theirs), curves))
    return table


if __name__ == "__main__":
    for name, weights, curves in trajectory_differences():
        print(f"{weights:.1e}  {'' if curves is None else format(curves, '.1e'):7}  {name}")
