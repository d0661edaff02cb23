"""The parameters of `TableClassifier` and `TableRegressor`: made from the rows of the settings.

They are those of a table model: the preset, what is said about columns, and each setting. One that a
preset decides is "preset" by default.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import field, make_dataclass
from textwrap import wrap
from typing import Any

from chainrule.data import READING_OPTIONS, options_of
from chainrule.errors import ParameterError
from chainrule.estimators.table_model import TableModel
from chainrule.nn.arrays import Array
from chainrule.settings import AUTO, PRESETS
from chainrule.settings.rows import Setting, rows_of

__all__ = ["PRESET", "described", "new_model", "parameters_class"]

PRESET = "preset"  # the value that the preset has
# A table model begins anew with each fit, and standardizes the targets of a regression itself.
WITHOUT = ("warm_start", "standardize_target")
COLUMN_OPTIONS = {
    **{
        name: parameter.default
        for name, parameter in inspect.signature(TableModel).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name not in ("dtype", "preset")
    },
    **{name: inspect.signature(options_of).parameters[name].default for name in READING_OPTIONS},
}
# What is said of the preset and of the columns; the settings speak for themselves.
TEXT = """
preset : {presets} or None
    The settings to start from: where a parameter is "preset", its value is that of the preset. "auto"
    is the pack, or realmlp where a parameter describes one network.
categorical, numeric, drop : sequence of str or int
    Columns to take as categories, as numbers, to leave out, by name or number.
max_categories : int
    Most categories of a column that are told apart.
kinds : dict of str to {"number", "category", "date", "truth"}
    What columns are, by name or number.
missing : sequence of str
    More words, or numbers, that stand for a missing value.
decimal, thousands, date_format : str
    What stands before decimals and between thousands, and how dates are written.
day_first : bool
    Whether the day stands before the month.
strict : bool
    Whether what is in doubt about a column is an error, and no warning.
"""
NAMED = ("categorical", "numeric", "drop")  # those that hold names of columns


def settings_rows(settings: type) -> dict[str, Setting]:
    """Return the settings that a table estimator has, by name."""
    return {name: row for name, row in rows_of(settings).items() if name not in WITHOUT}


def parameters_class(name: str, settings: type) -> Any:
    """Return a dataclass of all parameters, each of which may be given by name alone.

    Parameters
    ----------
    name : str
        Of the class.
    settings : type
        `ClassifierSettings` or `RegressorSettings`.
    """
    defaults = {"preset": AUTO, **COLUMN_OPTIONS}
    for row in settings_rows(settings).values():
        defaults[row.name] = PRESET if row.presets else row.default
    fields = [(own, Any, field(default=value)) for own, value in defaults.items()]
    return make_dataclass(name, fields, kw_only=True, eq=False, repr=False)


def described(settings: type) -> str:
    """Return the lines of a docstring about all parameters."""
    presets = "{" + ", ".join(f'"{preset}"' for preset in (AUTO, *PRESETS)) + "}"
    lines = TEXT.strip().replace("{presets}", presets).splitlines()
    for row in settings_rows(settings).values():
        lines.append(f"{row.name} : {row.kind.words}")
        lines += ["    " + line for line in wrap(row.filled(row.text), 92)]
    return "\n    ".join(lines)


def new_model(
    parameters: Mapping[str, Any], settings: type, names: Sequence[str], numbers: bool
) -> TableModel:
    """Return a table model, not yet fitted, with the parameters of an estimator.

    Parameters
    ----------
    parameters : mapping
        What ``get_params`` returned; the weights of classes by their numbers.
    settings : type
        `ClassifierSettings` or `RegressorSettings`.
    names : sequence of str
        Of the columns.
    numbers : bool
        Whether the rows are a matrix of numbers: its columns are, unless it is said otherwise.
    """
    rows = settings_rows(settings)
    given = {name: parameters[name] for name in rows if not is_preset(parameters[name])}
    dtype = given.pop("precision", None)
    options = {name: parameters[name] for name in COLUMN_OPTIONS}
    for option in NAMED:
        options[option] = tuple(name_of(entry, names, option) for entry in options[option] or ())
    kinds = options["kinds"] or {}
    options["kinds"] = {name_of(entry, names, "kinds"): kind for entry, kind in kinds.items()}
    if numbers:
        said = {*options["categorical"], *options["drop"], *options["kinds"]}
        options["numeric"] = tuple(
            dict.fromkeys((*options["numeric"], *(name for name in names if name not in said)))
        )
    return TableModel(dtype=dtype, preset=parameters["preset"], **options, **given)


def is_preset(value: Any) -> bool:
    """Say whether a parameter is left to the preset."""
    return isinstance(value, str) and value == PRESET


def name_of(entry: Any, names: Sequence[str], option: str) -> str:
    """Return the name of a column that is named, or numbered from 0."""
    if str(entry) in names or isinstance(entry, str):
        return str(entry)
    try:
        return names[entry]
    except (IndexError, TypeError):
        raise ParameterError(
            f"{option}: there is no column {entry!r}, they are numbered from 0 to {len(names) - 1}"
        ) from None


def numbered_weights(class_weight: Any, classes: Array) -> Any:
    """Return the weights of classes by their numbers, where they are given by their labels."""
    if not isinstance(class_weight, dict):
        return class_weight
    known = classes.tolist()
    unknown = [label for label in class_weight if label not in known]
    if unknown:
        raise ParameterError(f"class_weight has {unknown[0]!r}, which is no class of y: {known}")
    return {known.index(label): weight for label, weight in class_weight.items()}
