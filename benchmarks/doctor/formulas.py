"""How many mistakes the doctor finds and names in formulas: ``python benchmarks/doctor/formulas.py``.

Every mistake of ``tests/helpers/slips.py`` is written into every place of the backward passes of many
networks, in NumPy notation and in LaTeX, in rows and in columns; then pairs of them; then none.
``--quick`` takes every tenth network. Writes Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import HEADER, Tally

from chainrule.doctor import draw_points
from chainrule.doctor.formulas import check_formulas, read_numpy
from chainrule.doctor.formulas.program import run
from chainrule.doctor.formulas.settings import meaning_at
from chainrule.doctor.reference import refer
from chainrule.errors import FormulaError
from helpers.judging import Judgment, displacement, named, networks, pairs, singles
from helpers.written import learning_rate, text_with

WAYS = [(notation, columns) for notation in ("numpy", "latex") for columns in (False, True)]


def judge(network, slips, notation, columns):
    """Let the doctor look at formulas with slips in them; None if the notation cannot say them."""
    text = text_with(network, slips, notation, columns)
    if text is None:
        return None
    began = time.perf_counter()
    try:
        report = check_formulas(network, text, learning_rate=learning_rate())
    except FormulaError as error:
        return Judgment("unnamed", time.perf_counter() - began, (str(error),))
    seconds = time.perf_counter() - began
    if report.ok:
        moved = displacement(network, slips, 0, intermediates=True)
        if moved > 1e-6:  # what is written may be the same: a sum with an array of zeros
            moved = min(moved, distance_of(network, text_with(network, slips, "numpy", columns)))
        return Judgment("missed" if moved > 1e-6 else "equivalent", seconds)
    return Judgment(named(report, slips), seconds, report.codes)


def distance_of(network, text):
    """Return how far what NumPy formulas give is from the truth."""
    largest = 0.0
    for point in draw_points(network, 3, 0):
        for layout in ("rows", "columns"):
            meaning = meaning_at(refer(point), layout, learning_rate())
            values = run(read_numpy(text), meaning, network.depth).values
            truths = {key: meaning.values[key] for key in values if key[0] == "d"}
            if all(np.shape(values[key]) == np.shape(truth) for key, truth in truths.items()):
                break
        else:
            return np.inf
        for key, truth in truths.items():
            largest = max(largest, float(np.abs(values[key] - truth).max()))
    return largest


def corrects(network, slips, notation, columns):
    """Say whether every correction that the doctor proposes is right by itself; None without one."""
    text = text_with(network, slips, notation, columns)
    if text is None or len(slips) != 1:
        return None
    report = check_formulas(network, text, learning_rate=learning_rate())
    proposed = [m.corrected for m in report.mistakes if m.corrected]
    if not proposed:
        return None
    try:
        return all(check_formulas(network, correction).ok for correction in proposed)
    except FormulaError:
        return False


def main():
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th network")
    options = parser.parse_args()
    chosen = list(networks())[:: 10 if options.quick else options.every]
    print(f"{len(chosen)} networks\n\n{HEADER}", flush=True)
    examples = []
    for notation, columns in WAYS:
        layout = "columns" if columns else "rows"
        for kind in ("one mistake", "two mistakes", "none"):
            tally, rng = Tally(), np.random.RandomState(0)
            corrected = []
            for network in chosen:
                found = {"one mistake": singles, "none": lambda n: [()]}.get(
                    kind, lambda n, rng=rng: pairs(n, rng, 10)
                )(network)
                for slips in found:
                    judgment = judge(network, slips, notation, columns)
                    if judgment is not None:
                        tally.add(network, slips, judgment)
                        if judgment.result == "named" and kind == "one mistake":
                            corrected.append((corrects(network, slips, notation, columns), slips))
            print(f"| {kind}: {notation}, {layout} | {tally.row} |", flush=True)
            examples += tally.examples
            proposed = [(good, slips) for good, slips in corrected if good is not None]
            if proposed:
                good = sum(good for good, _ in proposed)
                print(f"corrections that are right: {good:,} of {len(proposed):,}", flush=True)
                for good, slips in proposed:
                    if not good:
                        print(f"- not right: {slips}")
    print()
    for network, slips, judgment in examples:
        made = ", ".join(f"{s.code} {s.place} {s.how}" for s in slips)
        print(f"- {judgment.result}: {made} -> {judgment.codes}; {network}")


if __name__ == "__main__":
    main()
