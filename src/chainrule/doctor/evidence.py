"""Evidence: how far what was given is from each candidate, for those who doubt a verdict."""

from __future__ import annotations

from collections.abc import Iterator

from chainrule.doctor.findings import Evidence, Mistake
from chainrule.doctor.paths import Case, Path
from chainrule.doctor.rules.parameters import parameter_variants
from chainrule.doctor.steps import Step, steps_to_A, steps_to_Z
from chainrule.doctor.tensors import plus
from chainrule.doctor.values import Values, distance

__all__ = ["evidence"]

MOST = 4


def evidence(case: Case, path: Path, name: str) -> tuple[Evidence, ...]:
    """Return the distances to the right values and to the nearest wrong ones, nearest first.

    The right values are those of the right rule on what is upstream. A dZ_l that was not given is
    judged by the dW_l and db_l that were.
    """
    found: dict[str, float] = {}
    for mistakes, left in candidates(case, path, name):
        label = " + ".join(mistake.code for mistake in mistakes) or "right"
        found[label] = min(left, found.get(label, 2.0))
    chosen = " + ".join(mistake.code for mistake in path.mistakes if mistake.place == name)
    if name in path.residuals:
        found[chosen] = min(path.residuals[name], found.get(chosen, 2.0))
    right = found.pop("right", None)
    nearest = sorted(found.items(), key=lambda item: item[1])[:MOST]
    first = [] if right is None else [Evidence("right", right)]
    return (*first, *(Evidence(label, left) for label, left in nearest))


def candidates(case: Case, path: Path, name: str) -> Iterator[tuple[tuple[Mistake, ...], float]]:
    """Yield every single mistake in a quantity, none first, with its distance."""
    layer = int(name[2:])
    if name[1] in "Wb":
        dZ = path.upstream.get(f"dZ{layer}")
        if dZ is None or name not in case.given:
            return
        tensor = case.tensor(name, dZ)
        yield (), distance(tensor.given, tensor.right)
        for found in parameter_variants(case.notation, name):
            data = case.collected(case.apply(found.apply, path.upstream))
            values = plus(data, tensor.penalty()) if tensor.penalized else data
            yield (found.mistake,), distance(tensor.given, values)
        if tensor.penalized:
            without = Mistake("penalty_missing", name, "")
            yield (without,), distance(tensor.given, tensor.data)
        return
    upstream = {k: v for k, v in path.upstream.items() if k != name}
    before = Path(upstream)
    for level in (0, 1):
        steps = (
            steps_to_Z(case, before, layer, level)
            if name[1] == "Z"
            else steps_to_A(case, before, layer, bool(level))
        )
        for step in steps:
            if step.possible and step.delta is None:
                yield step.mistakes, judged(case, name, step)


def judged(case: Case, name: str, step: Step) -> float:
    """Return how far a step is from what was given, or from what was computed from it."""
    if name in case.given:
        return distance(case.given[name], step.values)
    observed = [f"d{letter}{name[2:]}" for letter in "Wb"]
    left: list[float] = [
        distance(case.given[child], right_child(case, child, step.values))
        for child in observed
        if child in case.given
    ]
    return min(left, default=2.0)  # the other may have a mistake of its own


def right_child(case: Case, child: str, dZ: Values) -> Values:
    """Return dW_l or db_l, rightly, from a dZ_l."""
    return case.tensor(child, dZ).right
