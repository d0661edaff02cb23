"""Where a wrong formula of a document is mended, and with what knowledge of its network."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chainrule.doctor.formulas import tree
from chainrule.doctor.formulas.conventions import Convention
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.repairs import Known, Repair, Trial, repairs
from chainrule.doctor.formulas.rivals import rivals
from chainrule.doctor.formulas.symbols import is_shared
from chainrule.doctor.formulas.tree import Assignment, Expression, Name
from chainrule.errors import FormulaError
from chainrule.nn.arrays import Array

__all__ = ["TURNED", "Mender", "shows_layout"]

# The layout with the same weights and the data turned: the weights are stored in one way.
TURNED = {
    "rows": "columns_transposed",
    "columns_transposed": "rows",
    "columns": "rows_transposed",
    "rows_transposed": "columns",
}


@dataclass
class Mender:
    """Finds the repairs of formulas under a convention."""

    convention: Convention
    ground: Ground

    def trials_of(self, settled: Assignment) -> list[tuple[dict[str, int], list[Trial]]]:
        """Return where to mend a formula: in its layout, and of single units if nothing else fits."""
        every: list[tuple[dict[str, int], list[Trial]]] = []
        try:
            every = self.ground.trials(settled, self.convention)
        except FormulaError:
            every = self.trials_nearby(settled)
        if any(computes(settled.expression, trials) for _, trials in every):
            return every
        if shows_layout(settled):
            turned = replace(self.convention, layout=TURNED[self.convention.layout], one=False)
            with suppress(FormulaError):
                other = self.ground.trials(settled, turned)
                if any(computes(settled.expression, trials) for _, trials in other):
                    return other
        return every

    def trials_nearby(self, settled: Assignment) -> list[tuple[dict[str, int], list[Trial]]]:
        """Return trials for a formula whose layers no network has, at the layers of its target."""
        alone = replace(settled, expression=tree.Number(0.0))
        try:
            return self.ground.trials(alone, self.convention)[:1]
        except FormulaError:
            return []

    def has_unknown_names(self, settled: Assignment) -> bool:
        """Say whether names of the document's own have no value: what they are cannot be guessed."""
        values = self.ground.meaning(self.convention, "batch", 0).values
        if any(
            isinstance(node, tree.Partial) and node.top.symbol in ("J", "loss")
            for node in tree.walk(settled.expression)
        ):
            return True
        return any(
            not is_shared(name) and name.symbol not in values
            for name in tree.names_of(settled.expression)
        )

    def repairs_at(
        self, settled: Assignment, letters: dict[str, int], trials: Sequence[Trial]
    ) -> list[Repair]:
        """Return the repairs of a formula for one layer."""
        extra = self.known(settled, letters, len(trials))
        penalty = self.penalty(settled, trials)
        return repairs(
            settled,
            trials,
            depth=self.convention.depth,
            extra=extra,
            penalty=penalty,
            reduction=self.convention.reduction,
        )

    def known(self, settled: Assignment, letters: dict[str, int], count: int) -> list[Known]:
        """Return the values that mistakes at the output give: softmax's diagonal, another loss."""
        target = settled.target
        if not isinstance(target, Name) or target.symbol not in ("dZ", "dW", "db", "dA"):
            return []
        if self.ground.kind_of(settled, self.convention, letters).endswith("unit"):
            return []
        found = []
        for rival in rivals(self.convention):
            ground = Ground(self.ground.assignments, references=rival.references(self.ground))
            try:
                there = ground.trials(settled, self.convention)
            except FormulaError:
                continue
            for other, trials in there:
                if other == letters and len(trials) == count:
                    values = [trial.truth for trial in trials]
                    written = rival.right is not None and target.symbol == "dZ"
                    right = rival.right(target) if written and rival.right else None
                    found.append(Known(rival.code, rival.sentence, values, right))
        return found

    def penalty(
        self, settled: Assignment, trials: Sequence[Trial]
    ) -> tuple[Expression, list[Array]] | None:
        """Return the derivative of the penalty by a parameter, as a formula and at every trial."""
        target, convention = settled.target, self.convention
        if convention.penalty is None or not isinstance(target, Name):
            return None
        scale, biases = convention.penalty
        if target.symbol not in ("dW", "db") or (target.symbol == "db" and not biases):
            return None
        parameter: Expression = Name(target.symbol[1:], target.layer, target.indices)
        strength: Expression = Name("lambda")
        if scale == "full":
            strength = tree.Juxtapose(tree.Number(2, "2"), strength)
        elif scale == "half_mean":
            strength = tree.Divide(strength, Name("m"))
        if convention.turned and target.symbol == "dW":
            parameter = tree.Transpose(parameter)
        expression = tree.Juxtapose(strength, parameter)
        try:
            return expression, [trial.value(expression) for trial in trials]
        except FormulaError:
            return None


def shows_layout(assignment: Assignment) -> bool:
    """Say whether a formula shows its layout by itself, as X^T (X W - Y) does."""
    symbols = {name.symbol for name in tree.names_of(assignment.expression)}
    return {"X", "W", "Y"} <= symbols


def computes(expression: Expression, trials: Sequence[Trial]) -> bool:
    """Say whether an expression gives something of the right shape."""
    try:
        trials[0].value(expression)
    except FormulaError:
        return False
    return True
