"""Numeric columns without a missing value, many at a time: as `numeric` does each, to the bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chainrule.data.kinds.numeric import NumericEncoder
from chainrule.data.number_blocks import NumberBlock
from chainrule.data.scaling import Scale

__all__ = ["encode_block", "fit_block"]


def fit_block(names: Sequence[str], block: NumberBlock) -> list[NumericEncoder | None]:
    """Return the encoders of the columns of a block, None for those that are constant.

    Parameters
    ----------
    names : sequence of str
        Of the columns of the block.
    block : NumberBlock
    """
    # As `fit_scale`: divided by a power of two, sums and squares of huge values are finite.
    exponents = np.frexp(np.maximum(-block.lowest, block.highest))[1]
    small = np.ldexp(block.values, -exponents[:, None])
    medians = np.ldexp(np.median(small, axis=1), exponents)
    means = np.mean(small, axis=1)
    stds = np.ldexp(np.sqrt(np.mean((small - means[:, None]) ** 2, axis=1)), exponents)
    stds[block.lowest == block.highest] = 0
    found = zip(
        names, medians.tolist(), np.ldexp(means, exponents).tolist(), stds.tolist(), strict=True
    )
    return [
        NumericEncoder(name, median, Scale(mean, std), False) if std > 0 else None
        for name, median, mean, std in found
    ]


def encode_block(
    encoders: Sequence[NumericEncoder], block: NumberBlock, dtype: np.dtype
) -> tuple[NDArray[np.floating], NDArray[np.bool_]]:
    """Return the standardized columns of a block, and which of them could be standardized so.

    The others have values too far from those of the training rows for a plain subtraction, or for
    the type.

    Parameters
    ----------
    encoders : sequence of NumericEncoder
        Of the k columns of the block; each has a scale.
    block : NumberBlock
    dtype : dtype
        The type of the result.

    Returns
    -------
    encoded : ndarray of shape (k, m)
    done : ndarray of bool, of shape (k,)
    """
    scales = [encoder.scale for encoder in encoders]
    means = np.array([[scale.mean if scale else 0.0] for scale in scales])
    stds = np.array([[scale.std if scale else 1.0] for scale in scales])
    with np.errstate(over="ignore", invalid="ignore"):
        centered = block.values - means
        done = np.isfinite(centered).all(axis=1)
        encoded = np.divide(centered, stds, out=centered).astype(dtype, copy=False)
        done &= np.isfinite(encoded).all(axis=1)
    return encoded, done
