"""Steps: the values that dA_l and dZ_l may have had, with none, one or two mistakes on the way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from chainrule.doctor.findings import Mistake
from chainrule.doctor.paths import Case, Path
from chainrule.doctor.rules.activation import activation_variants, through_activation
from chainrule.doctor.rules.back import back_through, back_variants
from chainrule.doctor.rules.loss import fused_variants, loss_variants
from chainrule.doctor.tensors import plus
from chainrule.doctor.values import Values

__all__ = ["Step", "steps_to_A", "steps_to_Z"]


@dataclass(frozen=True)
class Step:
    """Values that a quantity may have had.

    Parameters
    ----------
    values : Values
    mistakes : tuple of Mistake
    dA : Values, optional
        For dZ_l: the dA_l that they came from.
    delta : Values, optional
        Where weights had been updated: the values are `values` − η `delta`, with η still unknown.
    delta_dA : Values, optional
        The same for dA.
    """

    values: Values
    mistakes: tuple[Mistake, ...] = ()
    dA: Values | None = None
    delta: Values | None = None
    delta_dA: Values | None = None

    @property
    def possible(self) -> bool:
        """Whether there are values at all."""
        return any(V is not None for V in self.values)

    def after(self, eta: float) -> Step:
        """Return the step with η known."""

        def moved(values: Values | None, delta: Values | None) -> Values | None:
            if values is None or delta is None:
                return values
            return plus(values, tuple(None if V is None else eta * V for V in delta), -1)

        values = moved(self.values, self.delta)
        assert values is not None
        mistakes = tuple(
            replace(m, details={"learning_rate": eta}) if m.code == "updated_weights" else m
            for m in self.mistakes
        )
        return Step(values, mistakes, moved(self.dA, self.delta_dA))


def steps_to_A(case: Case, path: Path, layer: int, mistaken: bool) -> Iterator[Step]:
    """Yield what dA_l may be: the right rule on what is upstream, or all single mistakes in it.

    Parameters
    ----------
    case, path
    layer : int
        l; its dZ_{l+1} is in the path.
    mistaken : bool
        Whether the mistakes are wanted, or the right rule.
    """
    if layer == case.depth:
        if not mistaken:
            yield Step(case.true(f"dA{layer}"))
            return
        for found in loss_variants(case.notation):
            yield Step(case.apply(found.apply, {}), (found.mistake,))
        return
    upper = layer + 1

    def right(upstream: dict[str, Values | None]) -> Values:
        return case.apply(lambda r, up: back_through(r, up, upper), upstream)

    if not mistaken:
        yield Step(right(dict(path.upstream)))
        return
    for found in back_variants(case.notation, upper):
        yield Step(case.apply(found.apply, path.upstream), (found.mistake,))
    yield from updated(case, path, upper)


def updated(case: Case, path: Path, upper: int) -> Iterator[Step]:
    """Yield dA_l through weights that were updated before: dZ (W − η dW)ᵀ = dZ Wᵀ − η dZ dWᵀ."""
    dZ, dW, W = f"dZ{upper}", f"dW{upper}", f"W{upper}"
    place = f"dA{upper - 1}"
    mistake = Mistake(
        "updated_weights",
        place,
        f"The gradient is passed back through {W} after its update: compute all gradients first.",
        case.notation.formula(place),
    )
    yield Step(
        case.apply(lambda r, up: back_through(r, up, upper), path.upstream),
        (mistake,),
        delta=case.apply(lambda r, up: up[dZ] @ up[dW].T, path.upstream),
    )


def steps_to_Z(case: Case, path: Path, layer: int, level: int) -> Iterator[Step]:
    """Yield what dZ_l may be, with `level` mistakes between dZ_{l+1} and it.

    Where dA_l was given, it starts there; else the mistakes in dA_l count as mistakes in dZ_l, for
    that is where the user will have written them.
    """
    place, above = f"dZ{layer}", f"dA{layer}"
    given = above in case.given
    starts: list[Step] = [Step(path.upstream[above])] if given else []  # type: ignore[arg-type]

    def through(step: Step) -> Step:
        values = activation(case, step.values, layer)
        delta = None if step.delta is None else activation(case, step.delta, layer)
        return Step(values, step.mistakes, step.values, delta, step.delta)

    def moved(step: Step) -> Step:
        formula = case.notation.formula(place)
        found = tuple(replace(m, place=place, corrected=formula) for m in step.mistakes)
        return replace(step, mistakes=found)

    def wrongly(step: Step) -> Iterator[Step]:
        for found in activation_variants(case.notation, layer):
            values = case.apply(found.apply, {above: step.values})
            delta = None if step.delta is None else case.apply(found.apply, {above: step.delta})
            mistakes = (*step.mistakes, found.mistake)
            yield Step(values, mistakes, step.values, delta, step.delta)

    output = layer == case.depth and not given
    if level == 0:
        if output:
            yield Step(case.true(place), (), case.true(above))
        else:
            for step in starts or steps_to_A(case, path, layer, mistaken=False):
                yield through(step)
    elif level == 1:
        for step in starts or steps_to_A(case, path, layer, mistaken=False):
            yield from wrongly(step)
        if not given:
            for step in steps_to_A(case, path, layer, mistaken=True):
                yield moved(through(step))
        if output:
            for found in fused_variants(case.notation):
                yield Step(case.apply(found.apply, {}), (found.mistake,))
    elif not given:
        for start in steps_to_A(case, path, layer, mistaken=True):
            for step in wrongly(start):
                yield moved(step)


def activation(case: Case, dA: Values, layer: int) -> Values:
    """Return dZ_l from dA_l, rightly."""
    return case.apply(lambda r, up: through_activation(r, up, layer), {f"dA{layer}": dA})
