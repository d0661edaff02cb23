"""Splitting rows into those for training, for validation and for the final test."""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from chainrule.errors import ParameterError
from chainrule.nn.arrays import Array
from chainrule.nn.initializers import RandomGenerator

__all__ = ["split_indices"]


def split_indices(
    m: int,
    validation: float,
    test: float,
    rng: RandomGenerator,
    strata: Array | None = None,
) -> tuple[Array, Array, Array]:
    """Divide 0 … m − 1 at random, each class in the same proportions up to one row.

    Every class leaves at least one row for training, so that the network has an output for it.

    Parameters
    ----------
    m : int
        The number of rows.
    validation, test : float
        Their parts of the rows, in [0, 1) together.
    rng : RandomState or Generator
    strata : ndarray of shape (m,), optional
        The class of each row.

    Returns
    -------
    training, validation, test : ndarray of int
        Row numbers, ascending.

    Raises
    ------
    ParameterError
        If the parts are negative, or leave nothing to train on.
    """
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise ParameterError(
            f"the parts for validation ({validation:g}) and test ({test:g}) must be at least 0, and "
            "below 1 together"
        )
    strata = np.zeros(m) if strata is None else strata
    groups = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    parts: tuple[list[Array], list[Array], list[Array]] = ([], [], [])
    seen = tested = held_out = 0
    for group in groups:
        rows = rng.permutation(group)
        seen += len(rows)
        # What one class falls short of its part by rounding, the next ones make up for.
        n_test = share(test, len(rows), round(test * seen) - tested, len(rows) - 1)
        n_validation = share(
            validation, len(rows), round(validation * seen) - held_out, len(rows) - 1 - n_test
        )
        tested, held_out = tested + n_test, held_out + n_validation
        parts[0].append(rows[n_test + n_validation :])
        parts[1].append(rows[n_test : n_test + n_validation])
        parts[2].append(rows[:n_test])
    training, set_aside, for_test = (np.sort(np.concatenate(part)) for part in parts)
    return training, set_aside, for_test


def share(part: float, m: int, due: int, most: int) -> int:
    """Return how many of a class's m rows to set aside: part · m rounded up or down."""
    return min(max(due, floor(part * m)), ceil(part * m), most)
