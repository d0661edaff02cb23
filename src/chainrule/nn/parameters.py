"""Parameters: one flat vector with named views W1, b1, W2, b2 and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from chainrule.errors import ShapeError, unknown_name
from chainrule.nn.arrays import Array

__all__ = ["Parameters"]


class Parameters(Mapping[str, Array]):
    """The weights and biases of a network, or a gradient with respect to them.

    `vector` is contiguous: an optimizer is one loop over it, a file is one buffer. The names are views
    into it, so that a change of either is a change of both.

    Parameters
    ----------
    sizes : sequence of int
        n_0 … n_L, the units of each layer, the inputs first.
    vector : ndarray of shape (Σ_l (n_{l−1} + 1) n_l,)
        The values, W1 b1 W2 b2 …, each W row by row. Used as it is, not copied.

    Raises
    ------
    ShapeError
        If the vector's length is not the one that the sizes ask for.

    Examples
    --------
    >>> params = Parameters.zeros((3, 4, 1))
    >>> params["W1"].shape, params["b1"].shape, params.vector.shape
    ((3, 4), (1, 4), (21,))
    >>> params["b2"][...] = 7
    >>> float(params.vector[-1])
    7.0
    """

    __slots__ = ("_views", "sizes", "vector")

    def __init__(self, sizes: tuple[int, ...], vector: Array) -> None:
        self.sizes = tuple(sizes)
        self.vector = vector
        wanted = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
        if vector.shape != (wanted,):
            raise ShapeError(
                f"a network of sizes {self.sizes} has {wanted} parameters in one vector, "
                f"not an array of shape {vector.shape}"
            )
        self._views = {
            name: vector[start:stop].reshape(shape)
            for name, shape, start, stop in self.layout(self.sizes)
        }

    @staticmethod
    def layout(sizes: tuple[int, ...]) -> Iterator[tuple[str, tuple[int, int], int, int]]:
        """Yield (name, shape, start, stop) for W1, b1, W2, b2, … in the vector."""
        start = 0
        for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            for name, shape in ((f"W{layer}", (n_in, n_out)), (f"b{layer}", (1, n_out))):
                stop = start + shape[0] * shape[1]
                yield name, shape, start, stop
                start = stop

    @classmethod
    def zeros(cls, sizes: tuple[int, ...], dtype: DTypeLike = np.float64) -> Parameters:
        """Return parameters that are all zero."""
        length = max((stop for *_, stop in cls.layout(sizes)), default=0)
        return cls(sizes, np.zeros(length, dtype))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, ArrayLike]) -> Parameters:
        """Build parameters from W1, b1, W2, b2, …, copying them.

        Parameters
        ----------
        arrays : mapping of str to array-like
            W_l of shape (n_{l−1}, n_l); b_l of shape (n_l,) or (1, n_l).

        Raises
        ------
        ShapeError
            If a layer is missing or the shapes do not form a chain.
        """
        given = {name: np.asarray(value) for name, value in arrays.items()}
        depth = len(given) // 2
        expected = [f"{letter}{layer}" for layer in range(1, depth + 1) for letter in "Wb"]
        if not depth or sorted(expected) != sorted(given):
            raise ShapeError(
                f"parameters must be named W1, b1, W2, b2 and so on; got {', '.join(given)}"
            )
        for name in expected[::2]:
            if given[name].ndim != 2:
                raise ShapeError(f"{name} must be a matrix, not of shape {given[name].shape}")
        for name, following in pairwise(expected[::2]):
            columns, rows = given[name].shape[1], given[following].shape[0]
            if columns != rows:
                raise ShapeError(f"{name} has {columns} columns, {following} has {rows} rows")
        sizes = tuple(given[f"W{layer}"].shape[0] for layer in range(1, depth + 1))
        dtype = np.result_type(*given.values())
        parameters = cls.zeros(
            (*sizes, given[f"W{depth}"].shape[1]),
            dtype if dtype.kind in "fc" else np.dtype(np.float64),
        )
        for name, value in given.items():
            parameters[name] = value
        return parameters

    def __getitem__(self, name: str) -> Array:
        try:
            return self._views[name]
        except KeyError:
            raise unknown_name("parameter", name, self._views) from None

    def __setitem__(self, name: str, value: ArrayLike) -> None:
        view = self[name]
        value = np.asarray(value)
        if value.shape != view.shape and (name[0] != "b" or value.shape != view.shape[1:]):
            raise ShapeError(f"{name} is {view.shape[0]} × {view.shape[1]}, not {value.shape}")
        view[...] = value

    def __contains__(self, name: object) -> bool:
        return name in self._views

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self.sizes, self.vector)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Parameters)
            and self.sizes == other.sizes
            and np.array_equal(self.vector, other.vector)
        )

    __hash__ = None  # type: ignore[assignment]  # it is mutable

    def __repr__(self) -> str:
        return f"<Parameters of {'-'.join(map(str, self.sizes))}, {self.vector.size} {self.dtype}>"

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return len(self.sizes) - 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """The vector's dtype."""
        return self.vector.dtype

    def copy(self) -> Parameters:
        """Return parameters with a vector of their own."""
        return Parameters(self.sizes, self.vector.copy())

    def mask(self, names: tuple[str, ...]) -> Array:
        """Return a boolean vector that is true where one of the named parameters lies."""
        marked = Parameters.zeros(self.sizes, np.bool_)
        for name in names:
            marked[name][...] = True
        return marked.vector
