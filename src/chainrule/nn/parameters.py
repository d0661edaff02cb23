"""Parameters: one flat vector with named views W1, b1, W2, b2 and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from chainrule.errors import ShapeError, unknown_name
from chainrule.nn.arrays import Array
from chainrule.nn.layout import Layout

__all__ = ["Parameters"]


class Parameters(Mapping[str, Array]):
    """The weights and biases of a network, or a gradient with respect to them.

    `vector` is contiguous: an optimizer is one loop over it, a file is one buffer. The names are views
    into it, so that a change of either is a change of both.

    Parameters
    ----------
    layout : Layout or sequence of int
        Which parameters there are; the sizes n_0 … n_L alone stand for W_1 b_1 … W_L b_L.
    vector : ndarray of shape (layout.count,)
        The values, W1 b1 W2 b2 …, each W row by row. Used as it is, not copied.

    Raises
    ------
    ShapeError
        If the vector's length is not the one that the layout asks for.

    Examples
    --------
    >>> params = Parameters.zeros((3, 4, 1))
    >>> params["W1"].shape, params["b1"].shape, params.vector.shape
    ((3, 4), (1, 4), (21,))
    >>> params["b2"][...] = 7
    >>> float(params.vector[-1])
    7.0
    """

    __slots__ = ("_views", "layout", "vector")

    def __init__(self, layout: Layout | Sequence[int], vector: Array) -> None:
        self.layout = layout if isinstance(layout, Layout) else Layout(tuple(layout))
        self.vector = vector
        if vector.shape != (self.layout.count,):
            raise ShapeError(
                f"a network of sizes {self.sizes} has {self.layout.count} parameters in one vector, "
                f"not an array of shape {vector.shape}"
            )
        self._views = {
            place.name: vector[place.start : place.stop].reshape(place.shape)
            for place in self.layout.places()
        }

    @classmethod
    def zeros(cls, layout: Layout | Sequence[int], dtype: DTypeLike = np.float64) -> Parameters:
        """Return parameters that are all zero."""
        layout = layout if isinstance(layout, Layout) else Layout(tuple(layout))
        return cls(layout, np.zeros(layout.count, dtype))

    def parts(self) -> list[Parameters]:
        """Return the parameters of each network of a pack, which share this vector."""
        ends = np.cumsum([part.count for part in self.layout.parts])
        return [
            Parameters(part, self.vector[end - part.count : end])
            for part, end in zip(self.layout.parts, ends, strict=True)
        ]

    @classmethod
    def of_layout(cls, layout: Layout, arrays: Mapping[str, Array]) -> Parameters:
        """Build parameters of a known layout from arrays of just its names and shapes.

        Raises
        ------
        ShapeError
            If a name is missing or too many, or an array has another shape.
        """
        shapes = dict(layout.shapes())
        if sorted(shapes) != sorted(arrays):
            raise ShapeError(
                f"the parameters are {', '.join(shapes)}; got {', '.join(sorted(arrays))}"
            )
        for name, shape in shapes.items():
            if arrays[name].shape != shape:
                raise ShapeError(f"{name} has shape {arrays[name].shape}, not {shape}")
        parameters = cls.zeros(layout, np.result_type(*arrays.values()))
        for name in shapes:
            parameters[name] = arrays[name]
        return parameters

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
        row = view.shape[0] == 1 and view.ndim == 2 and name[0] != "W"
        if value.shape != view.shape and not (row and value.shape == view.shape[1:]):
            raise ShapeError(f"{name} is {' × '.join(map(str, view.shape))}, not {value.shape}")
        view[...] = value

    def __contains__(self, name: object) -> bool:
        return name in self._views

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def __reduce__(self) -> tuple[Any, ...]:
        return Parameters, (self.layout, self.vector)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Parameters)
            and self.layout == other.layout
            and np.array_equal(self.vector, other.vector)
        )

    __hash__ = None  # type: ignore[assignment]  # it is mutable

    def __repr__(self) -> str:
        return f"<Parameters of {'-'.join(map(str, self.sizes))}, {self.vector.size} {self.dtype}>"

    @property
    def sizes(self) -> tuple[int, ...]:
        """n_0 … n_L, the units of each layer, the inputs first."""
        return self.layout.sizes

    @property
    def depth(self) -> int:
        """L, the number of layers with weights."""
        return self.layout.depth

    @property
    def dtype(self) -> np.dtype[Any]:
        """The vector's dtype."""
        return self.vector.dtype

    def copy(self) -> Parameters:
        """Return parameters with a vector of their own."""
        return Parameters(self.layout, self.vector.copy())

    def spread(self, values: Mapping[str, float]) -> Array:
        """Return a vector that holds, for every number, what `values` has for its parameter's name."""
        spread = Parameters.zeros(self.layout, self.dtype)
        for name in spread:
            spread[name][...] = values[name]
        return spread.vector

    def mask(self, names: tuple[str, ...]) -> Array:
        """Return a boolean vector that is true where one of the named parameters lies."""
        marked = Parameters.zeros(self.layout, np.bool_)
        for name in names:
            marked[name][...] = True
        return marked.vector
