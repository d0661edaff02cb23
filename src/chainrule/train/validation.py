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
    prediction, in the network's units.
    """
    cost, score, _ = judged(network, parameters, data, metric, n_threads, engine)
    return cost, score


def judged(
    network: Network,
    parameters: Parameters,
    data: Dataset,
    metric: Metric | None,
    n_threads: int | None,
    engine: CompiledEngine | None,
) -> tuple[float, float, float]:
    """Return cost, score, and the score in the user's units."""
    output = forward_output(network, parameters, data.X, n_threads, engine)
    cost = float(propagation.cost(network, parameters, output, data.Y, data.weight))
    if metric is None:
        return cost, cost, cost
    given = (network, propagation.prediction(network, output), data.Y, data.weight)
    score = metric(*given)
    return cost, score, score if metric.units is None else metric.in_units(*given)


def validate(
    network: Network,
    parameters: Parameters,
    validation: Dataset | None,
    metric: Metric | None,
    history: History,
    n_threads: int | None = None,
    engine: CompiledEngine | None = None,
) -> float:
    """Add the validation rows' cost and score to the history; return the score to be watched.

    The history has it in the user's units. The network's own are those that tolerances are meant in:
    there all outputs of a regression count the same. NaN without validation rows.
    """
    if validation is None:
        return float("nan")
    cost, score, in_units = judged(network, parameters, validation, metric, n_threads, engine)
    history.validation_cost.append(cost)
    history.validation_score.append(in_units)
    return score
