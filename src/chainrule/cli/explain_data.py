"""What ``chainrule explain`` works on: a network, its parameters, and rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.cli.networks import Described, build_network
from chainrule.data import read_table, to_numeric
from chainrule.errors import DataError, ParameterError
from chainrule.files import read_regular
from chainrule.files.npz import read_npz_arrays
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array

__all__ = [
    "Subject",
    "described_subject",
    "drawn_rows",
    "model_subject",
    "network_rows",
    "of_member",
    "read_arrays",
    "read_numbers",
    "take",
]

MOST_JSON = 200_000_000  # bytes of parameters that a .json file may have
DRAWN = 3  # rows, where none are given


@dataclass(frozen=True)
class Subject:
    """What is explained."""

    network: Network
    parameters: Parameters
    X: Any
    Y: Array
    weight: Array | None = None
    drawn: tuple[str, ...] = ()
    """What the user has to know of numbers that nobody gave."""


def read_arrays(path: str) -> dict[str, Array]:
    """Read named arrays from a .json or .npz file.

    Raises
    ------
    DataError
        If the file cannot be read, or is not such a file.
    """
    ending = Path(path).suffix.lower()
    if ending not in (".json", ".npz"):
        raise DataError(f"{path!r}: parameters are read from a .json or .npz file")
    try:
        if ending == ".npz":
            return read_npz_arrays(path)
        document = json.loads(read_regular(path, MOST_JSON))
    except FileNotFoundError:
        raise DataError(f"{path!r}: there is no such file: check the path") from None
    except DataError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "it is cut short, or of another kind"
        raise DataError(f"{path!r} does not read as {ending[1:].upper()}: {reason}") from None
    if not isinstance(document, dict):
        raise DataError(f'{path!r} must hold an object of arrays: {{"W1": [[…]], "b1": […]}}')
    return {str(name): numeric_array(path, name, value) for name, value in document.items()}


def numeric_array(path: str, name: str, value: Any) -> Array:
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{path!r}: {name} is not an array of numbers") from None


def read_numbers(text: str, option: str) -> Array:
    """Read rows of numbers: "0.05,0.10" or "1,2;3,4"."""
    try:
        rows = [[float(cell) for cell in row.split(",")] for row in text.split(";")]
        return np.array(rows, dtype=np.float64)
    except ValueError:
        raise ParameterError(
            f"{option} must be numbers such as 0.05,0.10, with ; between rows, not {text!r}"
        ) from None


def rows_of(text: str, count: int) -> list[int]:
    """Read row numbers, counted from 1: "1-3", "2", "1,4,7-9"; return them counted from 0."""
    out: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", part)
        if found is None:
            raise ParameterError(f"--rows must be row numbers such as 1-3 or 2,5, not {text!r}")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= count:
            raise ParameterError(
                f"--rows {part.strip()}: the rows are numbered from 1 to {count:,}"
            )
        out += range(first - 1, last)
    return out


def take(subject: Subject, rows: str | None) -> Subject:
    """Return the subject with some of its rows."""
    if rows is None:
        return subject
    chosen = rows_of(rows, len(subject.Y))
    weight = None if subject.weight is None else subject.weight[chosen]
    return replace(subject, X=subject.X[chosen], Y=subject.Y[chosen], weight=weight)


def model_subject(path: str, data: str | None, reading: Mapping[str, Any]) -> Subject:
    """Return the network of a model file, and the rows of a table as the model reads them.

    Raises
    ------
    ModelFileError, DataError
        If either file cannot be used.
    """
    from chainrule.estimators import TableModel  # what can be loaded
    from chainrule.modelfile import load

    model = load(path)
    model = getattr(model, "model_", model)  # that of a TableClassifier or a TableRegressor
    if data is None:
        raise ParameterError(f"explain {path!r} needs a table too: chainrule explain MODEL DATA")
    table = read_table(data, **reading)
    if isinstance(model, tuple):
        network, parameters = model
        return Subject(
            network, parameters, *split_columns(table, network.sizes[0], network.sizes[-1])
        )
    if not isinstance(model, TableModel):
        network, parameters = model.network_, model.parameters_
        X, Y = split_columns(table, model.n_features_in_, network.sizes[-1])
        return Subject(network, parameters, model.encode(X), Y)
    network, parameters = model.fitted.network, model.fitted.parameters
    return Subject(network, parameters, *model.network_rows(table))


def of_member(subject: Subject, member: int | None) -> Subject:
    """Return the subject with one member of its ensemble for a network, the first if none is named."""
    count = subject.network.members
    if member is None and count == 1:
        return subject
    network, parameters = subject.network.member(subject.parameters, member or 0)
    said = subject.drawn
    if member is None:
        said = (*said, f"an ensemble of {count} networks: the first is explained (--member 0)")
    return replace(subject, network=network, parameters=parameters, drawn=said)


def network_rows(path: str, network: Network, reading: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return X and Y of a table of numbers: first the inputs, then the targets."""
    return split_columns(read_table(path, **reading), network.sizes[0], network.sizes[-1])


def split_columns(table: Any, inputs: int, outputs: int) -> tuple[Array, Array]:
    names = table.schema.names
    if len(names) != inputs + outputs:
        raise DataError(
            f"the table has {len(names)} columns; this network needs {inputs} inputs and then "
            f"{outputs} targets, {inputs + outputs} in all"
        )
    values = [to_numeric(table.column(place), name) for place, name in enumerate(names)]
    XY = np.ascontiguousarray(np.stack(values, axis=1))
    missing = np.argwhere(np.isnan(XY))
    if len(missing):
        row, column = missing[0]
        raise DataError(f"column {names[column]!r} is empty in row {row + 1}: every cell is needed")
    return XY[:, :inputs], XY[:, inputs:]


def drawn_parameters(network: Network, seed: int) -> Parameters:
    """Return parameters to look at where none are given: those of a start, an embedding's at work."""
    parameters = network.init(seed)
    if network.embedding is not None:
        rng = np.random.default_rng(seed)
        for name in ("phase", "amplitude", "offset"):  # which start at 0
            parameters[name] = rng.normal(size=parameters[name].shape).round(2)
    return parameters


def drawn_rows(network: Network, seed: int) -> tuple[Array, Array]:
    """Return a few rows to look at where none are given: normal inputs, legal targets."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(DRAWN, network.sizes[0])).round(2)
    shape = (DRAWN, network.sizes[-1])
    match network.loss_function.targets:
        case "probability":
            Y = rng.integers(0, 2, shape).astype(float)
        case "distribution":
            Y = np.eye(shape[1])[rng.integers(0, shape[1], DRAWN)]
        case "count":
            Y = rng.poisson(1.0, shape).astype(float)
        case _:
            Y = rng.normal(size=shape).round(2)
    return X, Y


def described_subject(
    sizes: str | None,
    described: Described,
    note: str | None,
    data: str | None,
    table: dict[str, Any],
    x: str | None,
    y: str | None,
    path: str | None,
    seed: int,
) -> Subject:
    """Return the network that the options describe, with parameters and rows given or drawn."""
    arrays = {} if path is None else read_arrays(path)
    X, Y = arrays.pop("X", None), arrays.pop("Y", None)
    parameters = Parameters.from_arrays(arrays) if arrays else None
    given = sizes if sizes is not None or parameters is None else parameters.sizes
    network = build_network(given, described, note)
    drawn: list[str] = []
    if parameters is None:
        parameters = drawn_parameters(network, seed)
        drawn.append(f"parameters drawn, seed {seed}; --parameters FILE gives others")
    if x is not None or y is not None:
        if x is None or y is None:
            raise ParameterError("--x and --y belong together: give both")
        if data is not None:
            raise ParameterError(f"{data!r} and --x: give the rows in one way")
        X, Y = read_numbers(x, "--x"), read_numbers(y, "--y")
    elif data is not None:
        X, Y = network_rows(data, network, table)
    elif X is None or Y is None:
        X, Y = drawn_rows(network, seed)
        drawn.append(f"{len(X)} rows drawn, seed {seed}; --x and --y, or a table, give others")
    return Subject(
        network, parameters, np_rows(X), np_rows(Y, network.sizes[-1]), drawn=tuple(drawn)
    )


def np_rows(V: Any, columns: int | None = None) -> Any:
    """Return rows: a vector of targets of one output is a column."""
    return V[:, None] if V.ndim == 1 and columns == 1 else V
