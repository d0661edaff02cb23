"""What a table model trains with: the settings, and the target, that its task asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.data import TargetCodec
from chainrule.errors import DataError, ParameterError, unknown_name
from chainrule.estimators.building import check_parameters
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.fitting import prepared
from chainrule.estimators.inputs import checked_random_state
from chainrule.estimators.labels import Labels
from chainrule.estimators.plan import FitPlan
from chainrule.estimators.scaling import TargetScaling
from chainrule.estimators.targets import ClassTarget, NumberTarget, Target
from chainrule.nn.arrays import Array
from chainrule.settings import ClassifierSettings, RegressorSettings
from chainrule.settings.presets import few_rows_batch, preset_settings
from chainrule.settings.rows import complete, rows_of

__all__ = ["encodes_further", "estimator_target", "fit_encoded", "table_settings", "table_target"]


def table_settings(
    task: str, given: Mapping[str, Any], preset: str | None, dtype: DTypeLike, rows: int
) -> dict[str, Any]:
    """Return all settings of a training.

    Parameters
    ----------
    task : str
        "regression", or one of classes.
    given : mapping
        What the user asked for.
    preset : str or None
        What the others start from.
    dtype : dtype
        Of the network.
    rows : int
        How many the table has.

    Raises
    ------
    ParameterError
        If there is no such setting, or not for this task.
    """
    regression = task == "regression"
    of_task, of_other = RegressorSettings, ClassifierSettings
    if not regression:
        of_task, of_other = of_other, of_task  # type: ignore[assignment]
    known = sorted(rows_of(of_task))
    for name in given:
        if name not in known:
            if name in rows_of(of_other):
                raise ParameterError(f"{name} does not apply to a {task} task")
            raise unknown_name("setting", name, known)
    if given.get("pack") is not None and preset not in (None, "pack"):
        raise ParameterError(
            f"pack={given['pack']!r} is of the preset 'pack', and this one is {preset!r}: take "
            "preset='pack', or leave it out"
        )
    usual = preset_settings(preset, classification=not regression)
    if preset == "plain":
        usual["batch_size"] = few_rows_batch(rows)
    chosen = {**usual, **given, "precision": None}  # the rows come in it
    if dtype == np.float32 and encodes_further(chosen):
        chosen["precision"] = "float32"  # they come in float64
    if regression:
        chosen["standardize_target"] = False  # which is done by the table model
    return complete(of_task, chosen)


def encodes_further(settings: Mapping[str, Any]) -> bool:
    """Say whether the encoded columns of a table are encoded once more, for which they are float64.

    Beside an outlier of 1e12 the values of a column are one in float32, however robustly it is scaled
    then.
    """
    return settings.get("scaling") is not None or bool(settings.get("piecewise_linear"))


def table_target(
    codec: TargetCodec, settings: Mapping[str, Any], scaling: TargetScaling | None
) -> Target:
    """Return the target of a training whose y is what `TableModel` makes of a table's.

    Parameters
    ----------
    codec : TargetCodec
        Numbers the classes.
    settings : mapping
    scaling : TargetScaling or None
        Of a regression.
    """
    if codec.task == "regression":
        return NumberTarget.of(settings, scaling)
    if codec.task == "binary":
        return ClassTarget(Labels(np.arange(2), "binary").with_output(settings["binary_output"]))
    return ClassTarget(Labels(np.arange(codec.width), codec.task))


def estimator_target(codec: TargetCodec, Y: Array) -> Array:
    """Return what an estimator takes as y: class numbers, an indicator matrix, or numbers."""
    match codec.task:
        case "binary":
            return Y[:, 0].astype(np.int64)
        case "multiclass":
            return Y.argmax(axis=1)
        case "multilabel":
            return Y.astype(np.int64)
        case _:
            return Y[:, 0] if Y.shape[1] == 1 else Y


def fit_encoded(
    settings: Mapping[str, Any],
    target: Target,
    rows: tuple[Array, Array, Array | None],
    validation: tuple[Array, Array, Array | None] | None,
    names: Sequence[str],
) -> Fitted:
    """Return the network trained on encoded rows.

    Parameters
    ----------
    settings : mapping
        All of them, as `table_settings` returns them.
    target : Target
    rows, validation : tuple (X, y, weight)
        As `TableModel` makes them of a table.
    names : sequence of str
        Of the encoded columns.
    """
    check_parameters(target.settings_class, settings)
    target.metric(settings)
    rng = checked_random_state(settings["random_state"])
    plan = FitPlan.of(settings, fitted=False, incremental=False, validated=validation is not None)
    target = target.in_training(rows[1], settings)
    parts = [None if part is None else dataset(target, *part) for part in (rows, validation)]
    training, aside = parts
    assert training is not None
    return prepared(settings, plan, target, training, aside, rng, names=names).train()


def dataset(target: Target, X: Array, y: Array, weight: Array | None) -> Any:
    """Return rows as a fit takes them."""
    if len(X) == 0:
        raise DataError("there is no row: a training needs some, and so does a validation")
    if weight is not None:
        with np.errstate(over="ignore"):  # a sum that is infinite is refused
            weight = weight.astype(X.dtype)
    return target.dataset(X, y, weight)
