"""Table models on the table of people, one for each task."""

from __future__ import annotations

import warnings
from typing import Any

from sklearn.exceptions import ConvergenceWarning

from chainrule import TableModel
from helpers.cli import TARGETS

TASKS: dict[str, dict[str, Any]] = {
    "binary": {"target": "grown"},
    "multiclass": {"target": "grade"},
    "multilabel": {"target": ["likes_tea", "likes_rye"]},
    "regression": {"target": "score"},
    "several numbers": {"target": ["score", "visits"], "task": "regression"},
    "counts": {"target": "visits", "task": "regression"},
}


def new_model(target: str | list[str], **settings: Any) -> TableModel:
    """Return a model that leaves out the other targets."""
    targets = [target] if isinstance(target, str) else target
    settings = {
        "hidden_layer_sizes": (6,),
        "solver": "lbfgs",
        "alpha": 0.1,
        "max_iter": 300,
        "random_state": 0,
        "drop": [name for name in TARGETS if name not in targets],
        **settings,
    }
    return TableModel(**settings)


def fitted(case: str, frame: Any, fit: dict[str, Any] | None = None, **settings: Any) -> TableModel:
    """Fit the model of a task; whether it converges is of no importance."""
    how = TASKS[case]
    if case == "counts":
        settings = {"loss": "poisson", "alpha": 1.0, **settings}
    model = new_model(how["target"], **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(frame, **how, **(fit or {}))
