"""The scalar chain of one weight: every path from it to the cost, and the product along each.

A weight W_l[i, j] acts on one unit's z_l[j]; from there a path goes through one unit a layer, and

    ∂J/∂W_l[i, j] = Σ_observations Σ_paths  (the product of the local derivatives along the path).

There are n_{l+1} ⋯ n_L paths an observation. The largest are found without enumerating them: from the
cost back, every unit keeps the largest products of the ways that lead on from it (dynamic programming),
which is exact, for the size of a product is the product of the sizes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np

from chainrule.errors import ParameterError
from chainrule.explain.convention import Convention
from chainrule.explain.values import Values, dense
from chainrule.nn.arrays import Array
from chainrule.nn.parametrization import weight_factor
from chainrule.notation.formula import Equation, Formula, Item, Partial, Product, SumOver, Symbol
from chainrule.notation.plain import plain

__all__ = ["Chain", "Factor", "Path", "chain"]

ENTRY = re.compile(r"\s*([Wb]\d+)\s*\[\s*(\d+)\s*(?:,\s*(\d+)\s*)?\]\s*")


@dataclass(frozen=True)
class Factor:
    """One local derivative: ∂Z2[0, 1]/∂A1[0, 3] = W2[3, 1], and its number."""

    derivative: Formula
    form: Formula
    value: float


@dataclass(frozen=True)
class Path:
    """One way from the weight to the cost.

    Parameters
    ----------
    observation : int
        Counted from 0.
    units : tuple of int
        The unit that the path goes through, in each layer from the weight's on.
    factors : tuple of Factor
        From the cost to the weight.
    product : float
    """

    observation: int
    units: tuple[int, ...]
    factors: tuple[Factor, ...]
    product: float


@dataclass(frozen=True)
class Chain:
    """The derivative of the cost by one weight or bias, taken apart.

    Parameters
    ----------
    entry : str
        ``"W1[2,3]"``.
    equation : Equation
        The sum over the paths, in symbols.
    paths : tuple of Path
        The largest ones, largest first.
    count : int
        How many paths there are, over all observations.
    remainder : float
        What the paths that are not listed add up to.
    penalty : float
        What the penalty adds.
    value : float
        ∂J/∂(entry): the sum of all of it.
    """

    entry: str
    equation: Equation
    paths: tuple[Path, ...]
    count: int
    remainder: float
    penalty: float
    value: float


def chain(values: Values, entry: str, most: int = 10) -> Chain:
    """Return the scalar chain of one weight or bias.

    Parameters
    ----------
    values : Values
    entry : str
        ``"W1[2,3]"`` or ``"b1[3]"``, counted from 0.
    most : int
        The number of paths to list, the largest first.

    Returns
    -------
    Chain

    Raises
    ------
    ParameterError
        If there is no such entry.
    """
    if most < 1:
        raise ParameterError(f"at least 1 path must be listed, not {most}")
    name, row, column = parsed(values, entry)
    layer = int(name[1:])
    walk = Walk(values, layer, row, column)
    paths = walk.largest(most)
    value = float(values.back.gradients[name][row or 0, column])
    penalty = values.network.penalty
    extra = 0.0
    if penalty is not None and penalty.covers(name):
        m = values.m if values.weight is None else float(values.weight.sum())
        extra = penalty.gradient_factor(m) * float(values.parameters[name][row or 0, column])
    listed = float(sum(path.product for path in paths))
    shown = f"{name}[{column}]" if row is None else f"{name}[{row},{column}]"
    count = values.m * walk.count
    remainder = value - extra - listed if len(paths) < count else 0.0
    return Chain(shown, walk.equation(shown), tuple(paths), count, remainder, extra, value)


def parsed(values: Values, entry: str) -> tuple[str, int | None, int]:
    """Return the parameter's name, its row (None for a bias) and its column."""
    found = ENTRY.fullmatch(entry) if isinstance(entry, str) else None
    if found is None:
        raise ParameterError(
            f"{entry!r} names no weight: write W1[2,3], its row and column counted from 0, or b1[3]"
        )
    name, first = found[1], int(found[2])
    second = int(found[3]) if found[3] else None
    rows, columns = values.parameters[name].shape
    if name[0] == "b" and second is None:
        first, second = 0, first
    if second is None:
        raise ParameterError(f"{entry!r} needs a row and a column: {name} is {rows} × {columns}")
    if first >= rows or second >= columns:
        raise ParameterError(f"there is no {entry}: {name} is {rows} × {columns}, counted from 0")
    return name, None if name[0] == "b" else first, second


class Walk:
    """The stages between a pre-activation z_l[j] and the cost.

    A stage is (letter of what it leads to, layer, how to get its factors of one observation). From z to
    a of the same layer the factors are g' (a vector: each unit to itself) or a softmax's Jacobian (a
    matrix, [from, to]); from a to the next z they are W.
    """

    def __init__(self, values: Values, layer: int, row: int | None, unit: int) -> None:
        self.values, self.layer, self.row, self.unit = values, layer, row, unit
        L = values.network.depth
        self.fused = values.network.loss_function.logit_derivative is not None
        self.stages: list[tuple[str, int]] = []
        for at in range(layer, L + 1):
            if at > layer:
                self.stages.append(("Z", at))
            if at < L or not self.fused:
                self.stages.append(("A", at))
        self.ends = values.back.dZ[L] if self.fused else values.back.dA[L]
        self.slope = cache(values.slope)

    @property
    def count(self) -> int:
        """How many paths an observation has."""
        sizes, network = self.values.network.sizes, self.values.network
        return prod(
            1 if letter == "A" and network.activations[at - 1].is_elementwise else sizes[at]
            for letter, at in self.stages
        )

    def factors(self, stage: tuple[str, int], observation: int) -> Array:
        """Return what leads into a stage: a vector, or a matrix [from, to]."""
        letter, at = stage
        if letter == "Z":
            return self.values.weights(at)
        if self.values.network.activations[at - 1].is_elementwise:
            return self.slope(at)[observation]
        return self.values.jacobian_of(at, observation).T

    def start(self, observation: int) -> float:
        """Return ∂z/∂w: the layer's input, 1 for a bias."""
        if self.row is None:
            return 1.0
        X = self.values.record.layer_input(self.layer - 1)
        return float(dense(X[[observation]])[0, self.row]) * self.weight_factor()

    def weight_factor(self) -> float:
        """Return ∂V/∂W of the weight: 1 in a plain network."""
        network = self.values.network
        factor = weight_factor(network, self.layer)
        if network.input_scale and self.layer == 1:
            factor *= float(self.values.parameters["scale"][0, self.row])
        return factor

    def largest(self, most: int) -> list[Path]:
        """Return the largest paths, over all observations."""
        # A path among the largest is in one of the `most` observations whose best path is largest.
        best = np.array([abs(self.best(i)) for i in range(self.values.m)])
        chosen = np.argsort(-best, kind="stable")[:most]
        found = [path for i in chosen for path in self.paths_of(int(i), most)]
        found.sort(key=lambda path: -abs(path.product))
        return found[:most]

    def best(self, observation: int) -> float:
        """Return the size of an observation's largest path."""
        size = np.abs(self.ends[observation])
        for stage in reversed(self.stages):
            F = np.abs(self.factors(stage, observation))
            size = F * size if F.ndim == 1 else (F * size).max(axis=1)
        return float(size[self.unit]) * abs(self.start(observation))

    def paths_of(self, observation: int, most: int) -> list[Path]:
        """Return the largest paths of one observation."""
        # products[u, s]: the s-th largest way on from unit u; the links say through which unit.
        products = self.ends[observation][:, np.newaxis]
        links: list[Array] = []
        slots: list[Array] = []
        for stage in reversed(self.stages):
            F = self.factors(stage, observation)
            if F.ndim == 1:
                products = F[:, np.newaxis] * products
                to = np.broadcast_to(np.arange(len(F))[:, np.newaxis], products.shape)
                slot = np.broadcast_to(np.arange(products.shape[1]), products.shape)
            else:
                width = products.shape[1]
                every = (F[:, :, np.newaxis] * products).reshape(len(F), -1)
                kept = np.argsort(-np.abs(every), axis=1, kind="stable")[:, :most]
                products = np.take_along_axis(every, kept, axis=1)
                to, slot = kept // width, kept % width
            links.insert(0, to)
            slots.insert(0, slot)
        start = self.start(observation)
        found = []
        for s in range(products.shape[1]):
            units, at, place = [self.unit], self.unit, s
            for to, slot in zip(links, slots, strict=True):
                at, place = int(to[at, place]), int(slot[at, place])
                units.append(at)
            found.append(self.path(observation, units, start))
        return found

    def path(self, observation: int, units: list[int], start: float) -> Path:
        """Return a path with its factors, from the cost to the weight."""
        i, end = observation, units[-1]
        letter, at = self.stages[-1] if self.stages else ("Z", self.layer)
        here = entry_of(letter, at, i, end)
        J = Symbol("J")
        parts = [Factor(Partial(J, here), Item(Symbol(f"d{letter}", str(at)), f"{i},{end}"),
                        float(self.ends[i, end]))]  # fmt: skip
        for place in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[place]
            before, after = units[place], units[place + 1]
            F = self.factors(stage, i)
            value = float(F[before] if F.ndim == 1 else F[before, after])
            parts.append(self.local(stage, i, before, after, value))
        weight = f"{self.row},{self.unit}" if self.row is not None else f"{self.unit}"
        of = Item(Symbol("b" if self.row is None else "W", str(self.layer)), weight)
        form: Formula = Symbol("1")
        if self.row is not None:
            c = Convention(self.values.network)
            form = Item(c.A_in(self.layer), f"{i},{self.row}")
            if c.network.input_scale and self.layer == 1:
                form = form * Item(c.scale(), f"{self.row}")
            kappa = c.kappa(self.layer)
            form = form if kappa is None else kappa * form
        parts.append(Factor(Partial(entry_of("Z", self.layer, i, self.unit), of), form, start))
        layers = tuple(
            unit for unit, (letter, _) in zip(units[1:], self.stages, strict=True) if letter == "Z"
        )
        return Path(i, (self.unit, *layers), tuple(parts), prod(part.value for part in parts))

    def local(
        self, stage: tuple[str, int], i: int, before: int, after: int, value: float
    ) -> Factor:
        letter, at = stage
        to = entry_of(letter, at, i, after)
        if letter == "Z":
            form: Formula = Item(Convention(self.values.network).V(at), f"{before},{after}")
            return Factor(Partial(to, entry_of("A", at - 1, i, before)), form, value)
        source = entry_of("Z", at, i, before)
        if self.values.network.activations[at - 1].is_elementwise:
            form = Symbol("g", str(at), prime=True)(source)
        else:
            form = Item(Symbol("Jac", str(at)), f"{i},{after},{before}")
        return Factor(Partial(to, source), form, value)

    def equation(self, entry: str) -> Equation:
        """Return the sum over observations and paths, in symbols."""
        of = Item(Symbol(entry[0], entry[1 : entry.index("[")]), entry[entry.index("[") + 1 : -1])
        nodes = [("Z", self.layer, str(self.unit))]
        running: list[str] = []
        for letter, at in self.stages:
            same = letter == "A" and self.values.network.activations[at - 1].is_elementwise
            if not same:
                running.append("jklpqrstuvw"[len(running) % 11])
            nodes.append((letter, at, nodes[-1][2] if same else running[-1]))
        symbols = [Item(Symbol(letter, str(at)), f"i,{unit}") for letter, at, unit in nodes]
        factors: list[Formula] = [Partial(Symbol("J"), symbols[-1])]
        for before, after in reversed(list(pairwise(symbols))):
            factors.append(Partial(after, before))
        factors.append(Partial(symbols[0], of))
        body: Formula = Product(tuple(factors), scalars=True)
        for letter in reversed(["i", *running]):
            body = SumOver(body, "index", letter)
        return Equation(Partial(Symbol("J"), of), (body,))


def entry_of(letter: str, layer: int, observation: int, unit: int) -> Formula:
    base = Symbol("X") if layer == 0 else Symbol(letter, str(layer))
    return Item(base, f"{observation},{unit}")


def path_text(path: Path) -> str:
    """Return a path's product as text: numbers with their names."""
    return " · ".join(f"{plain(part.form)}" for part in path.factors)


def chain_document(chain: Chain) -> dict[str, Any]:
    """Return a chain as plain values."""
    return {
        "entry": chain.entry,
        "formula": plain(chain.equation),
        "value": chain.value,
        "count": chain.count,
        "remainder": chain.remainder,
        "penalty": chain.penalty,
        "paths": [
            {
                "observation": path.observation,
                "units": list(path.units),
                "product": path.product,
                "factors": [
                    {
                        "derivative": plain(part.derivative),
                        "form": plain(part.form),
                        "value": part.value,
                    }
                    for part in path.factors
                ],
            }
            for path in chain.paths
        ],
    }
