"""Metrics: how good outputs are, apart from their cost. For early stopping and for reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from chainrule.errors import ParameterError, unknown_name
from chainrule.nn import Network, Output
from chainrule.nn.activations import log_softmax
from chainrule.nn.arrays import Array
from chainrule.train.ranking import area_under_precision, area_under_roc, rarer

__all__ = ["METRICS", "Metric", "get_metric", "labels_of"]


def labels_of(network: Network, A: Array) -> Array:
    """Return the decisions that outputs stand for.

    A single probability gives 0 or 1, several give a row of 0 and 1 each, a distribution the index of
    its largest part.
    """
    if network.loss_function.targets == "probability":
        decisions = (A > 0.5).astype(np.int64)
        return decisions[:, 0] if A.shape[1] == 1 else decisions
    return A.argmax(axis=1)


def accuracy(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    right = labels_of(network, A) == labels_of(network, Y)
    return float(np.average(right if right.ndim == 1 else right.all(axis=1), weights=weight))


def balanced_accuracy(
    network: Network, Z: Array, A: Array, Y: Array, weight: Array | None
) -> float:
    """Mean recall of the classes; of several labels, the mean of each label's."""
    truth, decisions = labels_of(network, Y), labels_of(network, A)
    w = np.ones(len(Y)) if weight is None else weight
    columns = zip(truth.T, decisions.T, strict=True) if truth.ndim == 2 else [(truth, decisions)]
    return float(np.mean([mean_recall(t, d, w) for t, d in columns]))


def mean_recall(truth: Array, decisions: Array, weight: Array) -> float:
    recalls = [
        np.average(decisions[truth == label] == label, weights=weight[truth == label])
        for label in np.unique(truth[weight > 0])
    ]
    return float(np.mean(recalls))


def f1(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    truth, decisions = labels_of(network, Y), labels_of(network, A)
    average = "binary" if truth.ndim == 1 and Y.shape[1] == 1 else "macro"
    sklearn_metrics = import_module("sklearn.metrics")  # now, and not before: it takes a second
    return float(
        sklearn_metrics.f1_score(
            truth, decisions, average=average, sample_weight=weight, zero_division=0
        )
    )


def log_loss(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    """Mean of the cross-entropy, from the logits: a certain mistake costs |z|, not log(0)."""
    from_logits = network.loss_function.value_from_logits
    assert from_logits is not None  # it is a metric for classes
    each = from_logits(Z.astype(np.float64), Y.astype(np.float64))
    return float(np.average(each, weights=weight))


def roc_auc(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    """Area under the ROC curve; of several classes or labels, the mean of one against the rest."""
    areas = []
    # From the logits: probabilities that round to 1 would all rank the same.
    scores = log_softmax(Z) if network.output == "softmax" else Z
    for truth, score in zip(Y.T, scores.T, strict=True):
        counted = truth if weight is None else truth[weight > 0]
        if counted.size == 0 or counted.min() == counted.max():
            return float("nan")  # one class only: there is no curve
        areas.append(area_under_roc(truth, score, weight))
    return float(np.mean(areas))


def average_precision(
    network: Network, Z: Array, A: Array, Y: Array, weight: Array | None
) -> float:
    """Area under precision over recall: of two classes the rarer one's; of more, or labels, the mean."""
    scores = log_softmax(Z) if network.output == "softmax" else Z
    if Y.shape[1] == 1:
        Y, scores = np.hstack([1 - Y, Y]), np.hstack([-Z, Z])
    two_classes = A.shape[1] == 1 or (network.output == "softmax" and A.shape[1] == 2)
    columns = [rarer(Y, weight)] if two_classes else range(Y.shape[1])
    return float(np.mean([area_under_precision(Y[:, j], scores[:, j], weight) for j in columns]))


def r2(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    """1 − the squared error ÷ that of the mean; 0 for a constant target that is missed."""
    if len(Y) < 2:
        return float("nan")
    kind = np.result_type(Y, A, *([] if weight is None else [weight]))
    Y, A = Y.astype(kind), A.astype(kind)
    w = 1.0 if weight is None else weight[:, np.newaxis]
    missed = np.sum(w * (Y - A) ** 2, axis=0)
    spread = np.sum(w * (Y - np.average(Y, axis=0, weights=weight)) ** 2, axis=0)
    scores = np.where(missed == 0, 1.0, 0.0).astype(missed.dtype)
    usual = (missed != 0) & (spread != 0)
    scores[usual] = 1 - missed[usual] / spread[usual]
    return float(np.average(scores))


def rmse(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    return float(np.sqrt(np.average(((A - Y) ** 2).mean(axis=1), weights=weight)))


def mae(network: Network, Z: Array, A: Array, Y: Array, weight: Array | None) -> float:
    return float(np.average(np.abs(A - Y).mean(axis=1), weights=weight))


SQUARED = 500  # 2 to this power has a square that is finite and not subnormal


def exponent_of(*arrays: Array) -> int:
    """Return the power of two that the largest magnitude has; to divide by it loses no digit."""
    return int(np.frexp(max(float(np.abs(values).max(initial=0)) for values in arrays))[1])


@dataclass(frozen=True)
class Metric:
    """A named figure of merit.

    Parameters
    ----------
    name : str
    function : callable
        ``function(network, Z, A, Y, weight)``, with Z, A and Y of shape (m, n_L).
    greater_is_better : bool
    classification : bool
        Whether it is for classes, or for numbers.
    units : callable, optional
        From outputs and targets as the network has them to those in the user's own units, in float64.
    """

    name: str
    function: Callable[[Network, Array, Array, Array, Array | None], float]
    greater_is_better: bool = True
    classification: bool = True
    units: Callable[[Array], Array] | None = None

    def __call__(
        self, network: Network, output: Output, Y: Array, weight: Array | None = None
    ) -> float:
        """Return the metric's value on the outputs of a forward pass; NaN if they are not finite."""
        Z, A = output.Z, output.A
        if not np.isfinite(A).all():
            return float("nan")
        if weight is not None:  # only their ratios count: sums of huge ones are finite then
            weight = np.ldexp(weight.astype(np.float64), -exponent_of(weight))
        exponent = 0 if self.classification else exponent_of(A, Y)
        if abs(exponent) < SQUARED:
            return self.function(network, Z, A, Y, weight)
        A, Y = (np.ldexp(values.astype(np.float64), -exponent) for values in (A, Y))
        value = self.function(network, Z, A, Y, weight)
        return value if self.name == "r2" else float(np.ldexp(value, exponent))

    def in_units(
        self, network: Network, output: Output, Y: Array, weight: Array | None = None
    ) -> float:
        """Return the metric's value in the user's own units."""
        if self.units is not None:
            output = Output(output.Z, self.units(output.A))
            Y = self.units(Y)
        return self(network, output, Y, weight)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", accuracy),
        Metric("balanced_accuracy", balanced_accuracy),
        Metric("f1", f1),
        Metric("roc_auc", roc_auc),
        Metric("average_precision", average_precision),
        Metric("log_loss", log_loss, greater_is_better=False),
        Metric("r2", r2, classification=False),
        Metric("rmse", rmse, greater_is_better=False, classification=False),
        Metric("mae", mae, greater_is_better=False, classification=False),
    )
}


def get_metric(name: str, *, classification: bool) -> Metric:
    """Return the metric called `name`, if it is one for classes, or for numbers, as asked.

    Raises
    ------
    ParameterError
        If it is unknown, or of the other kind.
    """
    if not isinstance(name, str):
        raise ParameterError(f"metric must be a name, not {name!r}")
    fitting = [key for key, metric in METRICS.items() if metric.classification == classification]
    if name in METRICS and name not in fitting:
        kind = "classification" if classification else "regression"
        raise ParameterError(f"metric {name!r} is not one for {kind}: take {', '.join(fitting)}")
    if name not in METRICS:
        raise unknown_name("metric", name, [*fitting, "cost"])
    return METRICS[name]
