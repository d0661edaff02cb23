"""Giving the doctor code with known slips in it, and judging its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import product

import numpy as np

from chainrule import L2, Network
from chainrule.doctor import check_gradients, draw_points
from chainrule.errors import ParameterError
from chainrule.nn.activations import ACTIVATIONS
from chainrule.nn.losses import LOSSES
from helpers.slips import backward, code_with, slips_of

HIDDEN = tuple(name for name, g in ACTIVATIONS.items() if not g.output_only)
PAIRS = tuple(
    (output, loss.name)
    for loss in LOSSES.values()
    for output in ACTIVATIONS
    if loss.output in (None, output)
)
SIZES = {
    1: ((3, 2), (3, 3), (4, 1)),
    2: ((3, 4, 2), (3, 3, 3), (2, 4, 1)),
    3: ((3, 4, 4, 2), (3, 3, 3, 3), (2, 3, 4, 1)),
    4: ((3, 4, 4, 3, 2), (3, 3, 3, 3, 3), (2, 3, 4, 4, 1)),
}
PENALTIES = (None, L2(0.3), L2(0.2, "full", True), L2(0.4, "half_mean"))


@dataclass(frozen=True)
class Judgment:
    """How the doctor did on one piece of code.

    ===========  ===================================================================================
    equivalent   the slips change nothing at the doctor's points
    fails        code with these slips in it raises an error, or returns NaN
    missed       the report says that all is right
    named        the first explanation has exactly these codes, in these places
    tied         they are among the explanations that the report says it cannot tell apart
    otherwise    another explanation, of no more mistakes, gives the same numbers
    unnamed      something is called unknown, or explained by more mistakes than were made
    ===========  ===================================================================================
    """

    result: str
    seconds: float
    codes: tuple[str, ...] = ()


def judge(network, slips, seed=0, **options):
    """Let the doctor look at code with slips in it."""
    code = code_with(network, slips, **options)
    began = time.process_time()
    try:
        report = check_gradients(network, code, seed=seed)
    except ParameterError:
        return Judgment("fails", time.process_time() - began)
    seconds = time.process_time() - began
    if any(finding.verdict == "unreadable" for finding in report.findings):
        return Judgment("fails", seconds)  # it divides by zero, say
    if report.ok:
        float32 = options.get("dtype") is np.float32
        moved = displacement(network, slips, seed, options.get("intermediates", False))
        result = "missed" if moved > (1e-3 if float32 else 1e-6) else "equivalent"
        return Judgment(result, seconds)
    return Judgment(named(report, slips), seconds, report.codes)


def displacement(network, slips, seed, intermediates):
    """Return the largest relative change that the slips make in any tensor at the doctor's points."""
    largest = 0.0
    for point in draw_points(network, 3, seed):
        sources = (network, point.parameters, point.X, point.Y)
        true, wrong = backward(*sources), backward(*sources, slips)
        for name, V in true.items():
            if name[1] in "Wb" or intermediates:
                if np.shape(wrong[name]) != V.shape and wrong[name].size != V.size:
                    return np.inf
                size = np.linalg.norm(V)
                change = np.linalg.norm(np.reshape(wrong[name], V.shape) - V)
                largest = max(largest, change / (size if size > 1e-12 else 1.0))
    return largest


def named(report, slips):
    """Compare the codes and places that were found with those that were made."""
    wanted, found = sorted(map(key, slips)), sorted(map(key, report.mistakes))
    if found == wanted:
        return "named"
    for finding in report.findings:
        for tie in finding.ties:
            rest = list(found)
            for mistake in finding.mistakes:
                rest.remove(key(mistake))
            theirs = [key(mistake) for mistake in tie]
            if sorted([*rest, *theirs]) == wanted or (len(slips) == 1 and wanted[0] in theirs):
                return "tied"
    if "unknown" in report.codes or len(found) > len(wanted):
        return "unnamed"
    return "otherwise"


def key(made):
    """Return the code and the place; a slip on the way to dA_l is one in dZ_l."""
    return made.code, made.place.replace("A", "Z")


def networks(full=True):
    """Yield networks of depth 1 to 4 that have every activation, loss and convention among them."""
    number = 0
    for depth in SIZES:
        inner = [*HIDDEN] if depth > 1 else [HIDDEN[0]]
        some = [("sigmoid", "binary_cross_entropy"), ("softmax", "categorical_cross_entropy")]
        cases = [*product(inner, some), *((None, pair) for pair in PAIRS)]
        for hidden, (output, loss) in cases if full else cases[:: 7 + depth]:
            number += 1
            turn = number + depth
            chosen = [
                hidden or HIDDEN[(turn + 5 * layer) % len(HIDDEN)] for layer in range(depth - 1)
            ]
            if hidden and depth > 2:
                chosen[1] = HIDDEN[turn % len(HIDDEN)]
            yield Network(
                SIZES[depth][turn % 3],
                tuple(chosen),
                output,
                loss,
                reduction=("mean", "sum")[turn % 4 == 0],
                penalty=PENALTIES[turn % 4 if turn % 8 else 1],
                cost_scale=(1.0, 0.5)[turn % 5 == 0],
            )


def singles(network):
    """Return every slip that the network has room for, alone."""
    return [(slip,) for slip in slips_of(network)]


def pairs(network, rng, count):
    """Draw pairs of slips in two places."""
    slips = list(slips_of(network))
    found = []
    while len(found) < count:
        a, b = rng.choice(len(slips), 2, replace=False)
        if slips[a].place != slips[b].place:
            found.append((slips[a], slips[b]))
    return found
