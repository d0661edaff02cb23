"""A network's derivation with numbers: `explain` and the `Trace` that it returns."""

from __future__ import annotations

import functools
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from chainrule.errors import ParameterError, unknown_name
from chainrule.explain.convention import LAYOUTS, Convention
from chainrule.explain.derivation import derivation_of
from chainrule.explain.step import Step
from chainrule.explain.steps import Steps
from chainrule.explain.values import Values
from chainrule.nn import Network, Parameters
from chainrule.nn.arrays import Array

if TYPE_CHECKING:
    from chainrule.explain.paths import Chain
    from chainrule.explain.update import Update

__all__ = ["Trace", "bind", "check_explainable", "convention_of", "explain"]

KNOWN_FIELDS = (
    "sizes", "hidden", "output", "loss", "reduction", "penalty", "cost_scale", "label_smoothing",
    "input_scale", "parametrization", "shared_weights", "embedding",
)  # fmt: skip


class Trace(Steps):
    """Every factor of the chain rule, in order: a mapping from the names of steps to the steps.

    Made by `explain`. ``trace["dZ2"].value`` is an array, ``trace["dZ2"].formula`` a text;
    ``print(trace)`` shows everything.

    Attributes
    ----------
    network : Network
    parameters : Parameters
    convention : Convention
    numbers : Values
        The library's own values, by the names of its steps, whatever the convention.
    steps : tuple of Step
    cost : float
        J.
    gradients : Parameters
        ∂J/∂W_l and ∂J/∂b_l, the library's own.
    """

    def chain(self, entry: str, paths: int = 10) -> Chain:
        """Return the scalar chain of one weight or bias; see `chainrule.explain.paths.chain`.

        Parameters
        ----------
        entry : str
            ``"W1[2,3]"`` or ``"b1[3]"``, counted from 0.
        paths : int
            The number of paths to list, the largest first; the others are summed up.
        """
        from chainrule.explain.paths import chain

        return chain(self.numbers, entry, paths)

    def update(self, learning_rate: float, **options: Any) -> Update:
        """Return steps of gradient descent; see `chainrule.explain.update.update`."""
        from chainrule.explain.update import update

        return update(self.numbers, learning_rate, **options)

    def to_dict(self, **options: Any) -> dict[str, Any]:
        """Return the trace as plain values; see `chainrule.explain.render.json.trace_document`."""
        from chainrule.explain.render.json import trace_document

        return trace_document(self, **options)

    def to_text(self, format: str = "text", **options: Any) -> str:
        """Return the trace as a text, Markdown, LaTeX or HTML document.

        Parameters
        ----------
        format : {"text", "markdown", "latex", "html"}
        **options
            See `chainrule.explain.pages.trace_page`.
        """
        from chainrule.explain.pages import trace_page
        from chainrule.explain.render import render

        return render(trace_page(self, **options), format)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.network.sizes))
        return f"<Trace of {sizes}, {self.numbers.m} observations, {len(self)} steps>"

    def _repr_html_(self) -> str:
        return self.to_text("html")


def explain(
    network: Network,
    parameters: Parameters,
    X: ArrayLike,
    Y: ArrayLike,
    observation_weight: ArrayLike | None = None,
    *,
    notation: str = "rows",
    note: str | None = None,
) -> Trace:
    """Return every factor of the chain rule for a network and data, with formulas and numbers.

    The numbers are the forward and the backward record that training uses.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    X : array-like or sparse array of shape (m, n_0)
    Y : array-like of shape (m, n_L), or (m,) for one output
    observation_weight : array-like of shape (m,), optional
    notation : {"rows", "columns"}
        Whether an observation is a row or a column, in the formulas and in the values.
    note : str, optional
        One of the lecture notes, in whose letters, layout and factors to write: see
        `chainrule.explain.notes.NOTES`.

    Returns
    -------
    Trace

    Raises
    ------
    ShapeError
        If an array does not fit the network; the message says which, what it is and what it must be.
    ParameterError
        If a name is unknown, or the network is not one that the note is about.

    Examples
    --------
    >>> net = Network((2, 1), loss="binary_cross_entropy")
    >>> params = Parameters.from_arrays({"W1": [[0.5], [-0.25]], "b1": [0.0]})
    >>> trace = explain(net, params, [[1.0, 2.0]], [[1.0]])
    >>> print(trace["dZ1"].concrete_formula, trace["dZ1"].value)
    dZ1 = (1/m) (A1 − Y) [[-0.5]]
    """
    check_explainable(network)
    values = Values(
        network, parameters, *network.checked_batch(parameters, X, Y, observation_weight)
    )
    convention = convention_of(network, notation, note, weighted=values.weight is not None)
    return Trace(convention, values, bind(derivation_of(convention), convention, values))


def convention_of(
    network: Network, notation: str, note: str | None, *, weighted: bool = False
) -> Convention:
    """Return the convention of a note, or the library's own in rows or columns."""
    if notation not in LAYOUTS:
        raise unknown_name("notation", notation, LAYOUTS)
    if note is None:
        return Convention(network, LAYOUTS[notation], weighted)
    from chainrule.explain.notes import get_note

    if weighted:
        raise ParameterError("the lecture notes know no observation weights: leave --in away")
    if network.embedding is not None:
        raise ParameterError("the lecture notes know no embedding: X is what they multiply")
    if not network.is_plain:
        raise ParameterError(
            "the lecture notes know no input scale and no parametrization but W itself: "
            "network.member(parameters, 0) is the same function in plain weights, --member 0 on the "
            "command line"
        )
    return get_note(note).convention_of(network)


def check_explainable(network: Network) -> None:
    """Raise a ParameterError if a network has something that the formulas here do not know."""
    if not isinstance(network, Network):
        raise ParameterError(f"network must be a Network, not a {type(network).__name__}")
    if network.members > 1:
        raise ParameterError(
            f"an ensemble of {network.members} networks is explained one at a time: "
            "network.member(parameters, 0) is the first of them, --member 0 on the command line"
        )
    for entry in fields(network):
        value = getattr(network, entry.name)
        if entry.name not in KNOWN_FIELDS and value != entry.default:
            raise ParameterError(
                f"a network with {entry.name}={value!r} cannot be explained yet: its formulas "
                "are other ones"
            )


def bind(steps: list[Step], convention: Convention, values: Values) -> list[Step]:
    """Put the values beside the steps, in the convention's layout and with its factors."""
    return [bound(step, convention, values) for step in steps]


def bound(step: Step, convention: Convention, values: Values) -> Step:
    factor = convention.factor(step.derivative, values.c) if step.derivative else 1.0

    def compute() -> Array:
        value = np.asarray(values(step.of) if step.make is None else step.make(values))
        if step.kind == "loss" and convention.layout.columns:
            value = value.T
        value = convention.layout.shown(step.kind, value)
        return value if factor == 1 or step.make is not None else value * factor

    shape = tuple(values.m if size is None else size for size in step.shape)
    changes: dict[str, Any] = {"shape": shape}
    if step.unfused is not None:
        product = functools.cache(
            lambda: convention.layout.shown("batch", values.unfused()) * factor
        )
        changes["unfused"] = replace(step.unfused, compute=product)
    return step.bound(compute, **changes)
