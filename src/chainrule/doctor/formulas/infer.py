"""Which conventions a document follows: those under which most of its formulas hold.

What it states comes first: the cost, and the activations of the forward pass. Then the gradients. Of
conventions that do equally well the first is taken, and the lists below begin with the usual ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention, sizes_of
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.normal import depth_of
from chainrule.doctor.formulas.settings import LAYOUTS
from chainrule.doctor.formulas.stated import (
    layers_without_bias,
    stated_activations,
    with_stated,
)
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.nn import LOSSES

__all__ = ["infer", "is_cost", "is_stated", "pairs_with", "speaks_of_batch"]

USUAL_PAIRS = (
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "categorical_cross_entropy"),
    ("sigmoid", "half_squared_error"),
    ("identity", "half_squared_error"),
    ("softmax", "half_squared_error"),
    ("tanh", "half_squared_error"),
    ("identity", "squared_error"),
    ("sigmoid", "squared_error"),
    ("softmax", "squared_error"),
    ("tanh", "squared_error"),
    ("relu", "half_squared_error"),
    ("exponential", "poisson"),
)
HIDDEN = ("tanh", "sigmoid", "relu")
PENALTIES = tuple(product(("half", "full", "half_mean"), (False, True)))
MOST_TIES = 40
MOST_WRONG = 20
MOST_PARTS = 2000  # what a document means shows in its first formulas
MEANS = (("mean", False), ("mean", True), ("sum", False))


def infer(assignments: Sequence[Assignment], ground: Ground, told: dict[str, object]) -> Convention:
    """Return the convention under which most formulas hold.

    Parameters
    ----------
    assignments : sequence of Assignment
        In one numbering; see `chainrule.doctor.formulas.normal`.
    ground : Ground
    told : dict
        Fields of `Convention` that were declared, and are not to be found out.
    """
    distinct = {(a.target, a.expression): a for a in reversed(assignments)}
    assignments = first_of(list(distinct.values())[::-1])
    formulas = [
        mended_cost(replace(a, expression=without_penalty(a.expression))) for a in assignments
    ]
    start = replace(Convention(depth=depth_of(assignments)), **told)  # type: ignore[arg-type]
    sizes_of(start.depth)  # deeper networks are refused before anything is tried
    if not has_biases(assignments):
        start = replace(start, biased=False)
    else:
        start = replace(start, bare=layers_without_bias(assignments, start.depth))
    layouts = [told["layout"]] if "layout" in told else list(LAYOUTS)
    search = Search(formulas, ground, told)
    found = [
        search.best(replace(start, layout=layout))
        for layout in layouts_by_shape(formulas, ground, start, layouts)
    ]
    best = max(found, key=lambda pair: pair[1])[0]
    best = search.better([best, replace(best, turned=True)]) if search.may_turn(best) else best
    return with_penalty(assignments, best, ground, told)


def first_of(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Return the first formulas, as many as can be tried under all conventions in a short time."""
    parts = 0
    kept: list[Assignment] = []
    for assignment in assignments:
        parts += assignment.expression.size
        if kept and parts > MOST_PARTS:
            break
        kept.append(assignment)
    return kept


@dataclass
class Search:
    """Looks for the convention under which most formulas hold, one question after the other."""

    formulas: Sequence[Assignment]
    ground: Ground
    told: dict[str, object]

    def better(self, conventions: Sequence[Convention]) -> Convention:
        """Return the convention of the highest score; of equals the first."""
        best, highest = [conventions[0]], (-1, -1)
        for convention in conventions:
            score = self.score(convention, highest[0])
            if score > highest:
                best, highest = [convention], score
            elif score == highest:
                best.append(convention)
        if not 1 < len(best) <= MOST_TIES:
            return best[0]
        wrong = [f for f in self.formulas if not self.ground.holds(f, best[0], fewest=True)]
        wrong = wrong[:MOST_WRONG]
        return max(best, key=lambda one: sum(self.ground.nearly(f, one) for f in wrong))

    def score(self, convention: Convention, least: int = 0) -> tuple[int, int]:
        """Return how many statements hold, and how many of all formulas."""
        return score_of(self.formulas, convention, self.ground, least)

    def allowed(self, conventions: Iterable[Convention]) -> list[Convention]:
        """Leave out what contradicts what was told."""
        told = self.told.items()
        return [c for c in conventions if all(getattr(c, key) == value for key, value in told)]

    def best(self, start: Convention) -> tuple[Convention, tuple[int, int]]:
        """Settle the hidden activations, then the loss and the means, then look again."""
        stated = stated_activations(self.formulas, start.depth)
        candidates = list(with_stated(stated, start.depth, hidden_candidates(self.formulas)))
        for _ in range(2):
            hidden = (replace(start, hidden=names) for names in candidates)
            start = self.better(self.allowed(hidden) or [start])
            start = self.better(self.allowed(self.losses(start)) or [start])
        start = self.rescaled(start)
        return start, self.score(start)

    def rescaled(self, start: Convention) -> Convention:
        """Return the convention with the constant that the cost is stated with, if others confirm it.

        A constant that the gradients do not have is no convention, but a slip in the cost.
        """
        cost = next((formula for formula in self.formulas if is_cost(formula)), None)
        if cost is None or "cost_scale" in self.told or self.ground.holds(cost, start):
            return start
        candidates = [start]
        for convention in self.allowed([start, *self.losses(start)]):
            multiple = self.ground.multiple(cost, convention)
            if multiple is not None and not multiple.power and multiple.constant > 0:
                constant = round(convention.cost_scale * multiple.constant, 9)
                candidates.append(replace(convention, cost_scale=constant))
        best = max(candidates, key=lambda convention: sum(self.score(convention)))
        return best if sum(self.score(best)) > sum(self.score(start)) + 1 else start

    def losses(self, start: Convention) -> Iterator[Convention]:
        """Yield the losses, outputs and means to try."""
        scales = (1.0, 0.5) if any(is_cost(a) for a in self.formulas) else (1.0,)
        rectified = speaks_of_relu(self.formulas)
        batch = speaks_of_batch(self.formulas) or self.told.get("reduction") == "mean"
        ones = (False,) if batch else (True, False) if self.unsummed() else (False, True)
        stated = stated_activations(self.formulas, start.depth).get(start.depth)
        ascents = (False, True) if speaks_of_likelihood(self.formulas) else (False,)
        pairs = pairs_with(stated)
        for ascent, scale, one, (output, loss) in product(ascents, scales, ones, pairs):
            if ascent and "cross_entropy" not in loss:
                continue
            if scale != 1 and "cross_entropy" not in loss:
                continue
            if output == "relu" and not rectified:
                continue
            # Where nobody speaks of m, there is no mean.
            means = (("sum", False),) if len(ones) > 1 else MEANS
            for reduction, per_observation in means:
                yield replace(
                    start,
                    output=output,
                    loss=loss,
                    cost_scale=scale,
                    reduction=reduction,
                    per_observation=per_observation,
                    one=one,
                    ascent=ascent,
                )

    def unsummed(self) -> bool:
        """Say whether a bias has a gradient without a sum: then there is one observation."""
        return any(
            isinstance(formula.target, Name)
            and formula.target.symbol == "db"
            and not any(
                isinstance(node, (tree.IndexSum, tree.Reduce, tree.Ones))
                for node in tree.walk(formula.expression)
            )
            for formula in self.formulas
        )

    def may_turn(self, convention: Convention) -> bool:
        """Say whether ∂J/∂W may be meant as that of Wᵀ: where z = Wᵀ x, and nothing is updated."""
        updated = any(a.is_update for a in self.formulas)
        return convention.layout == "columns_transposed" and not updated


def pairs_with(stated: str | None = None) -> list[tuple[str, str]]:
    """Return the outputs and losses to try: the usual ones, and those that belong together.

    Of the output that is stated, all losses that go with it.
    """
    pairs = list(USUAL_PAIRS)
    pairs += [(loss.output, loss.name) for loss in LOSSES.values() if loss.output is not None]
    if stated is not None:
        pairs += [(stated, loss.name) for loss in LOSSES.values() if loss.output in (None, stated)]
    return list(dict.fromkeys(pairs))


def layouts_by_shape(
    formulas: Sequence[Assignment], ground: Ground, start: Convention, layouts: Sequence[object]
) -> list[str]:
    """Return the layouts in which most formulas give something of the right shape."""
    found: list[tuple[int, str]] = []
    for layout in layouts:
        convention = replace(start, layout=str(layout))
        alone = replace(convention, one=True)
        counts = [
            sum(ground.fits(formula, one) for formula in formulas)
            for one in ((convention,) if speaks_of_batch(formulas) else (convention, alone))
        ]
        found.append((max(counts), str(layout)))
    most = max(count for count, _ in found)
    # Formulas with indices fit every layout: numbers decide between those that fit equally well.
    return [layout for count, layout in found if count == most]


def hidden_candidates(assignments: Sequence[Assignment]) -> tuple[str, ...]:
    """Return the hidden activations to try: those that the document names first."""
    named: list[str] = []
    generic = False
    for assignment in assignments:
        for node in (*tree.walk(assignment.target), *tree.walk(assignment.expression)):
            if isinstance(node, tree.Apply):
                if node.activation is None:
                    generic = True
                elif node.activation != "exponential" and node.activation not in named:
                    named.append(node.activation)
    usual = HIDDEN
    if generic:
        usual = ("softplus", *(HIDDEN if speaks_of_relu(assignments) else HIDDEN[:2]))
    return tuple(dict.fromkeys((*(named if not generic else ()), *usual, *named)))


def speaks_of_likelihood(assignments: Sequence[Assignment]) -> bool:
    """Say whether the cost may be one to be made large.

    It has a logarithm, and is called ℓ, or what updates the parameters is added to them.
    """
    costs = [
        a
        for a in assignments
        if is_cost(a)
        and any(isinstance(n, tree.Function) and n.name == "log" for n in tree.walk(a.expression))
    ]
    steps = [
        any(isinstance(term, tree.Negate) for term in a.expression.terms)
        for a in assignments
        if a.is_update and isinstance(a.expression, tree.Add)
    ]
    if any(isinstance(a.target, Name) and "ell" in a.target.text for a in costs):
        return True
    return bool(costs) and bool(steps) and not any(steps)


def speaks_of_relu(assignments: Sequence[Assignment]) -> bool:
    """Say whether a document speaks of relu, by its name or by what it does.

    g'(A) is g'(Z) for relu: where it is not meant, it would excuse a slip.
    """
    return any(
        isinstance(node, (tree.Compare, tree.Maximum))
        or (isinstance(node, tree.Apply) and node.activation == "relu")
        for assignment in assignments
        for node in (*tree.walk(assignment.target), *tree.walk(assignment.expression))
    )


def score_of(
    formulas: Sequence[Assignment], convention: Convention, ground: Ground, least: int = 0
) -> tuple[int, int]:
    """Return how many of the statements hold under a convention, and how many of all formulas.

    With fewer statements than `least` the others are not looked at.
    """

    def holds(formula: Assignment) -> bool:
        # At one point alone a constant of a cost, 3/m say, may be another one, ½.
        return bool(ground.holds(formula, convention, fewest=not is_cost(formula)))

    # Of two costs the first one is what the gradients are meant for.
    later = [id(formula) for formula in [f for f in formulas if is_cost(f)][1:]]
    statements = [f for f in formulas if is_stated(f) and id(f) not in later]
    stated = sum(map(holds, statements))
    if stated < least:
        return stated, -1
    known = set(map(id, statements))
    return stated, stated + sum(holds(f) for f in formulas if id(f) not in known)


def is_cost(assignment: Assignment) -> bool:
    """Say whether a formula states the cost."""
    return isinstance(assignment.target, Name) and assignment.target.symbol in ("J", "loss")


def is_stated(assignment: Assignment) -> bool:
    """Say whether a formula is a definition: the cost, or an activation; not something derived."""
    target = assignment.target
    return isinstance(target, Name) and target.symbol in ("J", "loss", "A", "Yhat")


def without_penalty(expression: Expression) -> Expression:
    """Return a sum without its terms in λ."""
    if not isinstance(expression, tree.Add):
        return expression
    kept = [t for t in expression.terms if not any(n.symbol == "lambda" for n in tree.names_of(t))]
    if not kept or len(kept) == len(expression.terms):
        return expression
    return kept[0] if len(kept) == 1 else tree.Add(tuple(kept))


def mended_cost(assignment: Assignment) -> Assignment:
    """Return a cost that compares the prediction with itself as the one that is meant."""
    target = assignment.target
    if not isinstance(target, Name) or target.symbol != "J":
        return assignment
    predictions = [n for n in tree.names_of(assignment.expression) if n.symbol == "Yhat"]
    if len(predictions) < 2 or any(n.symbol == "Y" for n in tree.names_of(assignment.expression)):
        return assignment
    seen = 0

    def change(node: Expression) -> Expression:
        nonlocal seen
        if isinstance(node, Name) and node.symbol == "Yhat":
            seen += 1
            return replace(node, symbol="Y", text="") if seen == 2 else node
        return node

    return replace(assignment, expression=tree.rewritten(assignment.expression, change))


def has_biases(assignments: Sequence[Assignment]) -> bool:
    """Say whether there are biases; a document without a forward pass says nothing of them."""
    states = False
    for assignment in assignments:
        every = (*tree.names_of(assignment.target), *tree.names_of(assignment.expression))
        if any(name.symbol in ("b", "db") for name in every):
            return True
        target = assignment.target
        forward = isinstance(target, Name) and target.symbol in ("Z", "A", "Yhat")
        symbols = {name.symbol for name in every}
        states = states or ("W" in symbols and (forward or "X" in symbols))
    return not states


def speaks_of_batch(assignments: Sequence[Assignment]) -> bool:
    """Say whether a document speaks of more than one observation: of m, or of a sum up to m."""
    for assignment in assignments:
        for node in (*tree.walk(assignment.target), *tree.walk(assignment.expression)):
            if isinstance(node, Name) and (node.symbol == "m" or node.observation):
                return True
            if isinstance(node, tree.IndexSum) and node.upper in ("m", "n", "N"):
                return True
    return False


def with_penalty(
    assignments: Sequence[Assignment], best: Convention, ground: Ground, told: dict[str, object]
) -> Convention:
    """Add the penalty under which most formulas hold, if the document has a λ."""
    speaks = any(
        name.symbol == "lambda" for a in assignments for name in tree.names_of(a.expression)
    )
    if not speaks or "penalty" in told or "network" in told:
        return best
    penalized = [replace(best, penalty=penalty) for penalty in PENALTIES]
    return max(penalized, key=lambda candidate: score_of(assignments, candidate, ground))
