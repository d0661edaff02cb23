"""How good a table model is on rows whose target is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from chainrule.core import forward_output
from chainrule.nn import prediction, propagation
from chainrule.train import METRICS

if TYPE_CHECKING:
    from chainrule.estimators.table_model import TableModel

__all__ = ["figures"]

REPORTED = {
    "binary": ("accuracy", "roc_auc", "log_loss"),
    "multiclass": ("accuracy", "roc_auc", "log_loss"),
    "multilabel": ("accuracy", "roc_auc", "log_loss"),
    "regression": ("r2", "rmse", "mae"),
}


def figures(model: TableModel, table: pa.Table) -> dict[str, float]:
    """Return the rows, the cost and the metrics of a fitted model; see `TableModel.evaluate`."""
    X, targets, weight = model.network_rows(table)
    network, parameters = model.estimator.network_, model.estimator.parameters_
    members = forward_output(network, parameters, X, model.estimator.n_threads)
    cost = propagation.cost(network, parameters, members, targets, weight)
    record = prediction(network, members)
    own = propagation.ForwardRecord(  # in the target's own units
        record.Z, [model.scaling.backward(record.A[-1].astype(np.float64))]
    )
    Y = model.output_targets(table)
    reported = REPORTED[model.target.task]
    return {
        "rows": table.num_rows,
        "cost": float(cost),
        **{name: METRICS[name](network, own, Y, weight) for name in reported},
    }
