"""A case: what was given, and where. A path: one way to explain it, from the cost backwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from chainrule.doctor.catalog import CATALOG
from chainrule.doctor.findings import Mistake
from chainrule.doctor.glimpse import Glimpse, glimpse_of
from chainrule.doctor.notation import Notation
from chainrule.doctor.reference import Reference
from chainrule.doctor.rules.parameters import right_parameter
from chainrule.doctor.rules.variants import Upstream
from chainrule.doctor.tensors import Tensor
from chainrule.doctor.values import Values, at_points, distance, norm
from chainrule.nn.arrays import Array

__all__ = ["Case", "Path", "rank"]

# How readily a mistake is believed where two explain the same numbers: the commonest first.
COMMONEST = (
    "missing_mean",
    "double_mean",
    "mean_for_sum",
    "bias_mean_for_sum",
    "sign",
    "missing_transpose",
    "elementwise_product",
    "missing_activation_derivative",
    "activation_derivative_argument",
    "softmax_diagonal",
    "off_by_one_input",
    "wrong_layer_derivative",
    "bias_not_summed",
    "bias_wrong_axis",
    "penalty_missing",
    "penalty_sign",
    "penalty_factor",
    "penalty_on_biases",
    "updated_weights",
    "wrong_weights",
    "loss_mismatch",
    "factor",
)
RANKS = {code: COMMONEST.index(code) if code in COMMONEST else 30 for code in CATALOG}

Placed = tuple[Mistake, ...]


def rank(mistakes: Placed) -> int:
    """Return a number that is low for common mistakes."""
    return sum(RANKS[mistake.code] for mistake in mistakes)


@dataclass(frozen=True)
class Case:
    """What was given, and what is true there.

    Parameters
    ----------
    notation : Notation
    references : tuple of Reference
        One for each point.
    given : mapping of str to Values
        The user's quantities, of their right shapes where they have them.
    tolerance : float
    learning_rate : float, optional
    """

    notation: Notation
    references: tuple[Reference, ...]
    given: Mapping[str, Values]
    tolerance: float
    learning_rate: float | None = None

    @property
    def depth(self) -> int:
        """L."""
        return self.notation.network.depth

    @property
    def counts(self) -> tuple[int, ...]:
        """The number of observations at each point."""
        return tuple(reference.m for reference in self.references)

    def true(self, quantity: str) -> Values:
        """Return the true values of a quantity."""
        return at_points(lambda reference: reference.true(quantity), self.references)

    def same(self, left: Values, right: Values) -> bool:
        """Say whether they agree within the tolerance."""
        return distance(left, right) <= self.tolerance

    def is_true(self, quantity: str) -> bool:
        """Say whether what was given of a quantity is the truth, but for rounding."""
        return self.distance_to_truth(quantity) <= self.tolerance

    def distance_to_truth(self, quantity: str) -> float:
        """Return how far what was given of a quantity is from the truth."""
        return distance(self.given[quantity], self.true(quantity), self.floors(quantity))

    def floors(self, quantity: str) -> list[float] | None:
        """Return the least scale of differences at each point: sums that cancel keep few digits."""
        if quantity[1] not in "Wb":
            return None
        rounding = 1e-6 if self.tolerance >= 1e-4 else 1e-14
        factor = min(rounding / self.tolerance, 1.0)
        return [factor * norm(reference.terms(quantity)) for reference in self.references]

    def apply(
        self, rule: Callable[[Reference, Upstream], Array], upstream: Mapping[str, Values | None]
    ) -> Values:
        """Apply a rule at every point."""
        known = {name: values for name, values in upstream.items() if values is not None}
        at_each = [
            {name: values[k] for name, values in known.items() if values[k] is not None}
            for k in range(len(self.references))
        ]
        return at_points(rule, self.references, at_each)

    def data_term(self, name: str, dZ: Values) -> Values:
        """Return the data term of dW_l or db_l from dZ_l, rightly."""
        upstream = {f"dZ{name[2:]}": dZ}
        return self.collected(self.apply(lambda r, up: right_parameter(r, up, name), upstream))

    def collected(self, values: Values) -> Values:
        """Return a data term with the 1/m that stands in dW and db under some conventions."""
        return tuple(
            None if V is None else r.collect * V
            for V, r in zip(values, self.references, strict=True)
        )

    def tensor(self, name: str, dZ: Values) -> Tensor:
        """Return what is known about the gradient of a parameter, given dZ_l."""
        parameter = name[1:]
        others = [(int(other[1:]), self.parameter(other)) for other in self.alike(parameter)]
        return Tensor(
            name,
            self.given[name],
            self.data_term(name, dZ),
            self.parameter(parameter),
            [reference.penalty_factor(parameter) for reference in self.references],
            others,
            self.counts,
            self.tolerance,
            self.floors(name),
            self.glimpses.get(name),
        )

    def alike(self, parameter: str) -> list[str]:
        """Return the parameters of other layers that have the shape of this one."""
        parameters = self.references[0].point.parameters
        shape = parameters[parameter].shape
        return [
            other
            for other, theta in parameters.items()
            if other != parameter and other[0] == parameter[0] and theta.shape == shape
        ]

    @cached_property
    def glimpses(self) -> Mapping[str, Glimpse]:
        """A glimpse at every dW_l and db_l, at the first point where it was given."""
        found: dict[str, Glimpse] = {}
        for name, values in self.given.items():
            first = next(((k, V) for k, V in enumerate(values) if V is not None), None)
            if first is not None and name[1] in "Wb":
                found[name] = self.glimpse(name, *first)
        return found

    def glimpse(self, name: str, at: int, given: Array) -> Glimpse:
        """Return a glimpse at dW_l or db_l at one point, or at something else in its place."""
        reference, floors = self.references[at], self.floors(name)
        parameters = reference.point.parameters
        return glimpse_of(
            given,
            parameters[name[1:]],
            reference.penalty_factor(name[1:]),
            [parameters[other] for other in self.alike(name[1:])],
            self.tolerance,
            floors[at] if floors else 0.0,
        )

    def at(self, point: int) -> Case:
        """Return the case at one of its points alone."""
        given = {name: (values[point],) for name, values in self.given.items()}
        return replace(self, references=(self.references[point],), given=given)

    def parameter(self, name: str) -> Values:
        """Return W_l or b_l at every point."""
        return tuple(reference.point.parameters[name] for reference in self.references)


@dataclass(frozen=True)
class Path:
    """One explanation, as far as it has come.

    Parameters
    ----------
    upstream : mapping of str to (Values or None)
        dA_l, dZ_l and dW_l as the user's code must have had them: the given ones, else what the
        explanation says; None where they are not known.
    mistakes : tuple of Mistake
        In the order of the backward pass.
    cost : int
        The number of mistakes; more for what nothing explains.
    alternatives : tuple of (int, tuple of Mistake)
        Equally cheap explanations, (n, these): the first n of `mistakes` may be swapped for these.
    residuals : mapping of str to float
        By the place of a mistake, how far what was given is from what the mistake gives.
    """

    upstream: Mapping[str, Values | None] = field(default_factory=dict)
    mistakes: Placed = ()
    cost: int = 0
    alternatives: tuple[tuple[int, Placed], ...] = ()
    residuals: Mapping[str, float] = field(default_factory=dict)

    def extended(
        self,
        mistakes: Placed = (),
        upstream: Mapping[str, Values | None] | None = None,
        cost: int | None = None,
        left: float | None = None,
    ) -> Path:
        """Return the path with more mistakes and more of what is upstream.

        `left` is the distance that remains between what was given and what the mistakes give.
        """
        residuals = dict(self.residuals)
        if mistakes and left is not None:
            residuals[mistakes[-1].place] = left
        return replace(
            self,
            upstream={**self.upstream, **(upstream or {})},
            mistakes=self.mistakes + mistakes,
            cost=self.cost + (len(mistakes) if cost is None else cost),
            residuals=residuals,
        )

    def at(self, point: int) -> Path:
        """Return the path at one of its points alone."""
        upstream = {k: None if V is None else (V[point],) for k, V in self.upstream.items()}
        return replace(self, upstream=upstream)

    def merged(self, other: Path) -> Path:
        """Return this path with another one, of the same values and cost, as its alternative."""
        mine = {(m.place, m.sentence) for m in self.mistakes}
        if mine == {(m.place, m.sentence) for m in other.mistakes}:
            return self
        found = (*self.alternatives, (len(self.mistakes), other.mistakes))
        return replace(self, alternatives=found)

    def others(self) -> list[Placed]:
        """Return the complete alternatives to `mistakes`."""
        return [(*start, *self.mistakes[count:]) for count, start in self.alternatives]
