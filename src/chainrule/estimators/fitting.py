"""A fit, from checked rows to a fitted network: one straight line, for estimators and table models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.estimators.bagging import train_bag
from chainrule.estimators.building import (
    build_network,
    check_same_kind,
    check_with_network,
    drawn_parameters,
)
from chainrule.estimators.digits import warn_of_lost_digits
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.inputs import (
    can_be_stratified,
    learned_features,
    split_rows,
    weight_in_precision,
)
from chainrule.estimators.packing import train_pack
from chainrule.estimators.plan import FitPlan, Split
from chainrule.estimators.targets import Target
from chainrule.estimators.training import Task, TrainingState, train_network
from chainrule.nn import Network, Parameters
from chainrule.train import Dataset

__all__ = ["Fit", "prepared"]


@dataclass(frozen=True)
class Fit:
    """A fit of which all that can be wrong has been said: what is left is to train.

    Parameters
    ----------
    task : Task
    start : Fitted
        What it begins with, or goes on with.
    plan : FitPlan
    rng : RandomState
        Of shuffles and dropout.
    """

    task: Task
    start: Fitted
    plan: FitPlan
    rng: Any

    def train(self) -> Fitted:
        """Return the fitted network."""
        if self.task.settings["pack"] is not None:
            features = self.start.features
            outcome = train_pack(self.task, 0 if features is None else features.numbers, self.rng)
        elif self.task.settings["bagging"] > 1:
            outcome = train_bag(self.task, self.rng)
        else:
            state = TrainingState() if self.plan.fresh else self.start.state
            outcome = train_network(self.task, state, self.rng, incremental=self.plan.incremental)
        return self.start.trained(outcome, self.task)


def prepared(
    settings: Mapping[str, Any],
    plan: FitPlan,
    target: Target,
    training: Dataset,
    validation: Dataset | None,
    rng: Any,
    before: Fitted | None = None,
    names: Sequence[str] | None = None,
) -> Fit:
    """Split the rows, learn to encode them, build the network and draw its parameters.

    The random numbers are drawn in scikit-learn's order: weights and biases, then the split; but the
    split first, where something is learned from the training rows.

    Parameters
    ----------
    settings : mapping
        The estimator's parameters, checked.
    plan : FitPlan
    target : Target
    training, validation : Dataset
        Checked rows, as `Target.dataset` returns them.
    rng : RandomState
    before : Fitted, optional
        The fit to go on with, unless the plan is a fresh one.
    names : sequence of str, optional
        Of the columns of X.

    Raises
    ------
    ParameterError, DataError
        If the settings do not go with the rows.
    """
    if plan.split is Split.BEFORE_ENCODING:
        training, validation = divided(training, settings, target, plan, rng)
    if plan.fresh or before is None:
        dtype = np.dtype(settings["precision"] or training.X.dtype)
        features = learned_features(training.X, settings["scaling"], settings["piecewise_linear"])
        target = target.learned(training, settings)
        warn_of_lost_digits(training.X, dtype, features is not None, names)
    else:
        before.own_arrays()
        dtype, features = before.parameters.dtype, before.features
    inputs = training.X.shape[1] if features is None else features.inputs
    network = build_network(settings, inputs, training.Y.shape[1], target.loss)
    check_with_network(settings, network)  # before any training
    parameters = starting_parameters(settings, network, dtype, plan, rng, before)
    if plan.split is Split.AFTER_FIRST_WEIGHTS:
        training, validation = divided(training, settings, target, plan, rng)
    state = TrainingState() if before is None or plan.fresh else before.state
    start = Fitted(network, parameters, features, target, state)
    task = Task(
        network,
        parameters,
        encoded(start, training),
        None if validation is None else encoded(start, validation),
        settings,
        target.in_units(target.metric(settings), dtype),
    )
    return Fit(task, start, plan, rng)


def starting_parameters(
    settings: Mapping[str, Any],
    network: Network,
    dtype: Any,
    plan: FitPlan,
    rng: Any,
    before: Fitted | None,
) -> Parameters:
    """Return the parameters to begin with: drawn, or those of the fit before."""
    if plan.fresh or before is None:
        return drawn_parameters(settings, network, dtype, rng)
    check_same_kind(before.parameters, network)
    return before.parameters


def divided(
    rows: Dataset, settings: Mapping[str, Any], target: Target, plan: FitPlan, rng: Any
) -> tuple[Dataset, Dataset]:
    """Set a part of the rows aside for validation."""
    fraction = settings["validation_fraction"]
    stratify = target.is_classification and rows.Y.shape[1] == 1  # as scikit-learn does
    if target.is_classification and plan.split is Split.BEFORE_ENCODING:
        stratify = can_be_stratified(rows.Y, fraction)
    return split_rows(rows, fraction, rng, stratify=stratify)


def encoded(start: Fitted, rows: Dataset) -> Dataset:
    """Return rows as the network takes them."""
    dtype = start.parameters.dtype
    weight = None if rows.weight is None else weight_in_precision(rows.weight, dtype)
    return Dataset(start.inputs(rows.X), start.target.forward(rows.Y).astype(dtype), weight)
