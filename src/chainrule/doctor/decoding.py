"""Decoding: the fewest mistakes that explain everything that was given.

The backward pass is a chain: dZ_L, then dZ_{L−1}, and so on, with dW_l and db_l hanging on dZ_l. So the
best explanation is found as the best path through a trellis (Viterbi, 1967), layer by layer: a path
holds what dZ_l must have been, given or not, and at each layer it is extended by the right rule, or by
one with a mistake in it, and then has to account for the dW_l and db_l that were given. Paths that need
too many mistakes are dropped. Two mistakes, or five, in different places cost no more time than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from chainrule.doctor.findings import Mistake
from chainrule.doctor.multiples import Multiple, multiple_mistakes, multiples_of, scaled
from chainrule.doctor.paths import Case, Path, rank
from chainrule.doctor.rules.parameters import parameter_variants
from chainrule.doctor.screening import MOST_HIDDEN, promising
from chainrule.doctor.steps import Step, steps_to_A, steps_to_Z
from chainrule.doctor.tensors import Explanation, Tensor, confirmed, explain, plus
from chainrule.doctor.values import Values, distance

__all__ = ["UNKNOWN", "decode"]

UNKNOWN = 4
"""The cost of what nothing explains: more than two mistakes in one place, which are looked for."""
SLACK = 1  # how many mistakes more than the best a path may have, to be proved right further back
MOST_PATHS = 24
EQUAL = 1e-10

Match: TypeAlias = tuple[tuple[Mistake, ...], float]
"""Mistakes that give what was given, and the distance that is left."""


def decode(case: Case) -> list[Path]:
    """Return the paths with the least cost, the most plausible one first."""
    paths = [Path()]
    for layer in range(case.depth, 0, -1):
        paths = pruned(all_advanced(case, paths, layer), layer)
    if "dA0" in case.given:
        paths = [new for path in paths for new in past_given(case, path, "dA0")]
    least = min(path.cost for path in paths)
    return sorted(
        (path for path in paths if path.cost == least), key=lambda path: rank(path.mistakes)
    )


def all_advanced(case: Case, paths: list[Path], layer: int) -> list[Path]:
    """Extend all paths over a layer, the cheap ones first.

    Where these account for everything that was given of the layer without a further mistake, it would
    be an accident if they were wrong, and the others are dropped.
    """
    given = any(f"d{kind}{layer}" in case.given for kind in "AZWb")
    least = min(path.cost for path in paths)
    found: list[Path] = []
    for cost in sorted({path.cost for path in paths}):
        for path in paths:
            if path.cost == cost:
                found += advanced(case, path, layer, ventured=cost - least)
        if given and min((new.cost for new in found), default=least + 1) == least:
            break
    return found


def pruned(paths: list[Path], layer: int) -> list[Path]:
    """Drop costly paths, and merge those that have come to the same dZ_l at the same cost."""
    least = min(path.cost for path in paths)
    kept: list[Path] = []
    for path in sorted(paths, key=lambda path: (path.cost, rank(path.mistakes))):
        if path.cost > least + SLACK:
            break
        for place, other in enumerate(kept):
            if other.cost == path.cost and same_latent(path, other, f"dZ{layer}"):
                kept[place] = other.merged(path)
                break
        else:
            kept.append(path)
    # A layer of which nothing was given leaves its paths to be judged further back.
    return kept if least == 0 else kept[:MOST_PATHS]


def same_latent(left: Path, right: Path, name: str) -> bool:
    a, b = left.upstream[name], right.upstream[name]
    if a is None or b is None:
        return a is b
    return distance(a, b) < EQUAL


def advanced(case: Case, path: Path, layer: int, ventured: int) -> Iterator[Path]:
    """Extend a path over layer l: dA_l, dZ_l, dW_l, db_l.

    A path has `ventured` more mistakes than the best one: nothing that was given has needed them yet.
    """
    dA, dZ = f"dA{layer}", f"dZ{layer}"
    starts = past_given(case, path, dA) if dA in case.given else [path]
    for start in starts:
        if dZ in case.given:
            for found in past_given(case, start, dZ):
                yield from accounted(case, found, layer)
        else:
            yield from past_hidden(case, start, layer, ventured)


def past_given(case: Case, path: Path, name: str) -> list[Path]:
    """Extend a path by dA_l or dZ_l as the user gave it; the mistakes in it are found here."""
    given, layer = case.given[name], int(name[2:])
    if case.is_true(name):
        return [path.extended(upstream={name: given})]
    source = f"dZ{layer + 1}" if name[1] == "A" or f"dA{layer}" not in case.given else f"dA{layer}"
    if source in path.upstream and path.upstream[source] is None:
        return [path.extended(upstream={name: given})]  # what it follows from is not known
    found: list[Match] = []
    for level in (0, 1, 2):
        steps = (
            steps_to_Z(case, path, layer, level)
            if name[1] == "Z"
            else steps_to_A(case, path, layer, bool(level))
            if level < 2
            else iter(())
        )
        for step in steps:
            found += matches(case, name, given, step)
        if found and min(len(mistakes) for mistakes, _ in found) <= level:
            break
    if not found:
        return [path.extended((unknown(case, name),), {name: given}, UNKNOWN)]
    least = min(len(mistakes) for mistakes, _ in found)
    best = sorted((m for m in found if len(m[0]) == least), key=lambda match: rank(match[0]))
    paths = [path.extended(mistakes, {name: given}, left=left) for mistakes, left in best]
    first = paths[0]
    for other in paths[1:]:
        first = first.merged(other)
    return [first]


def matches(case: Case, name: str, given: Values, step: Step) -> Iterator[Match]:
    """Yield the mistakes with which a step gives the given values, up to a multiple."""
    if not step.possible:
        return
    if step.delta is not None:
        for eta in etas(case, plus(step.values, given, -1), step.delta):
            after = step.after(eta)
            yield after.mistakes, distance(given, after.values)
        return
    for multiple in multiples_of(given, step.values, case.counts, case.tolerance):
        left = distance(given, scaled(step.values, multiple, case.counts))
        if left <= case.tolerance:
            yield step.mistakes + multiple_mistakes(case.notation, name, multiple), left


def etas(case: Case, difference: Values, delta: Values) -> list[float]:
    """Return the learning rates η with difference = η delta: one, the same at all points, or none."""
    found = multiples_of(difference, delta, case.counts, case.tolerance)
    return [c for c, a in found if a == 0 and c != 0]


def unknown(case: Case, name: str) -> Mistake:
    """Return the mistake that has no name, but perhaps a shape that cannot be right."""
    corrected = case.notation.formula(name)
    for given, true in zip(case.given.get(name, ()), case.true(name), strict=False):
        if given is not None and true is not None and given.size != true.size:
            sentence = f"{name} has shape {given.shape}, and must have {true.shape}."
            return Mistake("wrong_shape", name, sentence, corrected)
    sentence = f"{name} is wrong, and no mistake that the doctor knows gives these numbers."
    return Mistake("unknown", name, sentence, corrected)


def past_hidden(case: Case, path: Path, layer: int, ventured: int) -> Iterator[Path]:
    """Extend a path by a dZ_l that was not given: by what dW_l and db_l say about it."""
    dA, dZ = f"dA{layer}", f"dZ{layer}"
    source = dA if dA in case.given else f"dZ{layer + 1}"
    if source in path.upstream and path.upstream[source] is None:
        yield from accounted(case, path.extended(upstream={dA: None, dZ: None}), layer)
        return
    observed = [name for name in (f"dW{layer}", f"db{layer}") if name in case.given]
    found: list[Path] = []
    last = not any(int(name[2:]) < layer for name in case.given)
    for level in range(MOST_HIDDEN - ventured + 1):
        if level and not observed and path.cost:
            break  # with nothing to see here, a second mistake is not looked for
        # What costs more than the best path, and explains nothing, would be dropped in the end.
        dear = level + ventured > (0 if last else SLACK)
        if observed and dear and not promising(case, path, layer, level, ventured):
            continue
        for step in steps_to_Z(case, path, layer, level):
            for concrete in concretes(case, step, layer, observed):
                start = path.extended(concrete.mistakes, {dZ: concrete.values, dA: concrete.dA})
                found += accounted(case, start, layer, thorough=level == 0)
        least = fewest(path, found)
        if (observed and least <= level) or (not observed and level == 1):
            break
    yield from found
    if observed and fewest(path, found) >= UNKNOWN:
        mistakes = (unknown(case, dZ),)
        yield from accounted(case, path.extended(mistakes, {dZ: None, dA: None}, UNKNOWN), layer)


def fewest(path: Path, found: list[Path]) -> int:
    """Return the least number of mistakes that a path was extended by."""
    return min((new.cost - path.cost for new in found), default=UNKNOWN)


def concretes(case: Case, step: Step, layer: int, observed: list[str]) -> Iterator[Step]:
    """Yield a step without its unknowns: η, and a multiple, as dW_l and db_l say."""
    if not step.possible:
        return
    if step.delta is not None:
        for eta in sorted(hidden_etas(case, step, observed)):
            yield step.after(eta)
        return
    yield step
    multiples: set[Multiple] = set()
    for name in observed:
        tensor = case.tensor(name, step.values)
        if tensor.is_right:
            continue
        rests = [tensor.given]
        if tensor.penalized:
            rests.append(plus(tensor.given, tensor.penalty(), -1))
        for rest in rests:
            multiples.update(multiples_of(rest, tensor.data, case.counts, case.tolerance))
    if step.mistakes or any(V is not None and V.any() for n in observed for V in case.given[n]):
        multiples.discard((0.0, 0))  # zeros are zero times anything
    for multiple in sorted(multiples - {(1.0, 0)}):
        mistakes = multiple_mistakes(case.notation, f"dZ{layer}", multiple)
        values = scaled(step.values, multiple, case.counts)
        yield Step(values, step.mistakes + mistakes, step.dA)


def hidden_etas(case: Case, step: Step, observed: list[str]) -> set[float]:
    """Return the learning rates that dW_l or db_l speak for, and the one that was declared."""
    found = set() if case.learning_rate is None else {case.learning_rate}
    assert step.delta is not None
    for name in observed:
        tensor = case.tensor(name, step.values)
        difference = plus(tensor.right, tensor.given, -1)
        found.update(etas(case, difference, case.data_term(name, step.delta)))
    return found


def accounted(case: Case, path: Path, layer: int, thorough: bool = True) -> list[Path]:
    """Extend a path by the mistakes in dW_l and db_l that were given, with dZ_l as it says.

    Unless it is to be thorough, nothing is returned for a dZ_l that neither of two confirms.
    """
    names = [name for name in (f"dW{layer}", f"db{layer}") if name in case.given]
    dZ = path.upstream[f"dZ{layer}"]
    if dZ is None:
        # Each costs something, or an unknown dZ_L would explain all that comes after it.
        return [path.extended((), {f"dW{layer}": None}, len(names))]
    tensors = {name: case.tensor(name, dZ) for name in names}
    free = f"dZ{layer}" in case.given  # then dW_l may come from something else, and be right
    right = {
        name: tensor.is_right or (free and case.is_true(name)) for name, tensor in tensors.items()
    }
    seen = thorough or len(names) < 2 or any(right.values())
    if not seen and not any(confirmed(tensor) for tensor in tensors.values()):
        return []
    dW = case.given.get(f"dW{layer}")
    if dW is None and case.depth > 1:
        weights = {**case.given, f"dW{layer}": case.true(f"dW{layer}")}
        whole = Case(case.notation, case.references, weights, case.tolerance)
        dW = whole.tensor(f"dW{layer}", dZ).right
    paths = [path.extended(upstream={f"dW{layer}": dW})]
    for name, tensor in tensors.items():
        if not right[name]:
            paths = [new for old in paths for new in explained(case, old, tensor)]
    return paths


def explained(case: Case, path: Path, tensor: Tensor) -> list[Path]:
    """Extend a path by what explains a wrong dW_l or db_l."""
    upstream = path.upstream
    variants = [
        (found.mistake, case.collected(case.apply(found.apply, upstream)))
        for found in parameter_variants(case.notation, tensor.name)
    ]
    found: list[Explanation] = explain(case.notation, tensor, variants)
    if not found:
        return [path.extended((unknown(case, tensor.name),), cost=UNKNOWN)]
    found.sort(key=lambda explanation: rank(explanation.mistakes))
    paths = [path.extended(e.mistakes, left=e.distance) for e in found]
    first = paths[0]
    for other in paths[1:]:
        first = first.merged(other)
    return [first]
