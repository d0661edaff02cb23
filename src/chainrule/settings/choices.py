"""The names that a setting may have: rows of other tables, which are asked when it matters."""

from __future__ import annotations

__all__ = [
    "NETWORK_LOSS",
    "activations",
    "efforts",
    "initializers",
    "metrics",
    "parametrizations",
    "schedules",
    "solvers",
    "solvers_with",
]

# scikit-learn's "squared_error" is half of it; the network's names say which.
NETWORK_LOSS = {"squared_error": "half_squared_error", "poisson": "poisson"}
# scikit-learn's word for a schedule that is called otherwise here.
SCHEDULE_ALIASES = {"invscaling": "inverse_scaling"}
# scikit-learn heeds these two with solver="sgd" alone; so that an import line is all that changes,
# the same holds here. The other schedules work with every solver that takes steps.
SGD_SCHEDULES = ("inverse_scaling", "adaptive")


def activations() -> list[str]:
    """Return the activations that a hidden layer may have."""
    from chainrule.nn import ACTIVATIONS

    return [name for name, activation in ACTIVATIONS.items() if not activation.output_only]


def efforts() -> list[str]:
    """Return the words for how much is put into a pack."""
    from chainrule.pack.recipe import EFFORTS

    return list(EFFORTS)


def initializers() -> list[str]:
    """Return the ways to draw the first weights."""
    from chainrule.nn import INITIALIZERS

    return list(INITIALIZERS)


def parametrizations() -> list[str]:
    """Return what a layer may multiply by."""
    from chainrule.nn.architecture import PARAMETRIZATIONS

    return list(PARAMETRIZATIONS)


def solvers() -> list[str]:
    """Return the optimizers, and L-BFGS."""
    from chainrule.optim import OPTIMIZERS

    return [*OPTIMIZERS, "lbfgs"]


def solvers_with(parameter: str) -> list[str]:
    """Return the optimizers that an estimator's parameter is a setting of."""
    from chainrule.optim import OPTIMIZERS

    return [
        name
        for name, kind in OPTIMIZERS.items()
        if parameter in {kind.names_in_estimators.get(own, own) for own in kind.settings}
    ]


def schedules(*, of_sgd: bool) -> list[str]:
    """Return the schedules that every solver heeds, or those that sgd alone does."""
    from chainrule.optim import SCHEDULES

    called = {name: alias for alias, name in SCHEDULE_ALIASES.items()}
    return [called.get(name, name) for name in SCHEDULES if (name in SGD_SCHEDULES) == bool(of_sgd)]


def metrics(classification: bool | None = None) -> list[str]:
    """Return the scores of validation rows: of classes, of numbers, or all and the cost."""
    from chainrule.train import METRICS

    if classification is None:
        return ["cost", *METRICS]
    return [n for n, metric in METRICS.items() if metric.classification == classification]
