"""What an epoch costs, and scores, on the validation rows."""

from __future__ import annotations

from chainrule.core import CompiledEngine, forward_output
from chainrule.nn import Network, Parameters, propagation
from chainrule.train.dataset import Dataset
from chainrule.train.history import History
from chainrule.train.metrics import Metric

__all__ = ["cost_and_score", "validate"]


def cost_and_score(
    network: Network,
    parameters: Parameters,
    data: Dataset,
    metric: Metric | None,
    n_threads: int | None = None,
    engine: CompiledEngine | None = None,
) -> tuple[float, float]:
    """Return the cost of `data` and its score, which is the cost again where there is no metric.

    The cost of an ensemble is the mean of its members', as in training; the score is that of their mean
    prediction.
    """
    record = forward_output(network, parameters, data.X, n_threads, engine)
    cost = float(propagation.cost(network, parameters, record, data.Y, data.weight))
    if metric is None:
        return cost, cost
    return cost, metric(network, propagation.prediction(network, record), data.Y, data.weight)


def validate(
    network: Network,
    parameters: Parameters,
    validation: Dataset | None,
    metric: Metric | None,
    history: History,
    n_threads: int | None = None,
    engine: CompiledEngine | None = None,
) -> None:
    """Add the validation rows' cost and score to the history, if there are such rows."""
    if validation is not None:
        cost, score = cost_and_score(network, parameters, validation, metric, n_threads, engine)
        history.validation_cost.append(cost)
        history.validation_score.append(score)
