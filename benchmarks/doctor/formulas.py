"""How many mistakes the doctor finds and names in formulas: ``python benchmarks/doctor/formulas.py``.

Every mistake of ``tests/helpers/slips.py`` is written into every place of the backward passes of many
networks, in NumPy notation and in LaTeX, in rows and in columns; then pairs of them; then none. Then the
same in documents that declare nothing: the doctor finds out the network by itself. Of the four ways to
write a network each takes every fourth network, unless ``--whole`` is given, which takes some hours.
Writes Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from tally import HEADER, Tally, print_codes, print_equivalent, print_examples

from chainrule.doctor import check_text, draw_points
from chainrule.doctor.formulas import check_formulas, read_numpy
from chainrule.doctor.formulas.program import run
from chainrule.doctor.formulas.settings import LAYOUTS, meaning_at
from chainrule.doctor.reference import refer
from chainrule.errors import FormulaError
from helpers.judging import Judgment, displacement, named, networks, pairs, singles
from helpers.slips import backward
from helpers.typed import document_slips, document_with
from helpers.written import learning_rate, text_with

WAYS = [(notation, columns) for notation in ("numpy", "latex") for columns in (False, True)]
PAIRS = 10  # of every network


def judge(network, slips, notation, columns, seed=0):
    """Let the doctor look at formulas with slips in them; None if the notation cannot say them."""
    text = text_with(network, slips, notation, columns)
    if text is None:
        return None
    began = time.process_time()
    try:
        report = check_formulas(network, text, learning_rate=learning_rate(), seed=seed)
    except FormulaError as error:
        return Judgment("unnamed", time.process_time() - began, (str(error),))
    seconds = time.process_time() - began
    if report.ok:
        moved = displacement(network, slips, 0, intermediates=True)
        if moved > 1e-6:  # what is written may be the same: a sum with an array of zeros
            moved = min(moved, distance_of(network, text_with(network, slips, "numpy", columns)))
        return Judgment("missed" if moved > 1e-6 else "equivalent", seconds)
    return Judgment(named(report, slips), seconds, report.codes)


def distance_of(network, text):
    """Return how far what NumPy formulas give is from the truth, in the layout where it is nearest."""
    largest = dict.fromkeys(LAYOUTS, 0.0)
    for point in draw_points(network, 3, 0):
        for layout in LAYOUTS:
            meaning = meaning_at(refer(point), layout, learning_rate())
            values = run(read_numpy(text), meaning, network.depth).values
            for key, value in values.items():
                truth = meaning.values[key]
                fits = np.shape(value) == np.shape(truth)
                apart = float(np.abs(value - truth).max()) if fits else np.inf
                largest[layout] = max(largest[layout], apart)
    return min(largest.values())


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


def judge_document(network, slips, columns, of_document=None):
    """Let the doctor read a document; None if LaTeX cannot say the slips, or a text does not mean them.

    Formulas of a text are no program: an update that stands before a formula is no mistake there.
    """
    made = slips if of_document is None else (of_document,)
    if any(slip.code == "updated_weights" for slip in slips):
        return None
    text = document_with(network, slips, columns, of_document)
    if text is None:
        return None
    began = time.process_time()
    report = check_text(text)
    seconds = time.process_time() - began
    if slips and not defined(network, slips):
        return Judgment("fails", seconds)  # it divides by zero
    if report.ok:
        moved = np.inf if of_document else displacement(network, slips, 0, intermediates=True)
        return Judgment("missed" if moved > 1e-6 else "equivalent", seconds)
    if of_document is not None:
        result = "named" if report.codes == (of_document.code,) else "unnamed"
        return Judgment(result, seconds, report.codes)
    # A − (−Y), with the sign of Y wrong, is a sign that is wrong.
    if made and made[0].how == "plus" and report.codes == ("sign",):
        return Judgment("named", seconds, report.codes)
    return Judgment(named(report, slips), seconds, report.codes)


def defined(network, slips):
    """Say whether what the slips give is finite: a loss whose derivative divides by a relu is not."""
    [point] = draw_points(network, 1)
    with np.errstate(all="ignore"):
        found = backward(network, point.parameters, point.X, point.Y, slips)
    return all(np.isfinite(V).all() for V in found.values())


def measured(title, cases):
    """Judge all cases, print a line, and return the tally."""
    tally = Tally()
    for network, slips, judgment in cases:
        if judgment is not None:
            tally.add(network, slips, judgment)
    print(f"| {title} | {tally.row} |", flush=True)
    return tally


def formulas(chosen, notation, columns):
    """Measure one way to write formulas, and yield the tallies."""
    layout = "columns" if columns else "rows"
    way, rng = (notation, columns), np.random.RandomState(0)
    one = [(network, slips) for network in chosen for slips in singles(network)]
    two = [(network, slips) for network in chosen for slips in pairs(network, rng, PAIRS)]
    for kind, cases in (("one mistake", one), ("two mistakes", two)):
        yield measured(
            f"{kind}: {notation}, {layout}",
            ((n, slips, judge(n, slips, *way)) for n, slips in cases),
        )
    corrected = [(slips, corrects(network, slips, *way)) for network, slips in one[::4]]
    proposed = [(slips, good) for slips, good in corrected if good is not None]
    right = sum(good for _, good in proposed)
    print(f"corrections that are right: {right:,} of {len(proposed):,}", flush=True)
    for slips, good in proposed:
        if not good:
            print(f"- not right: {slips}")


def documents(chosen, columns):
    """Measure documents that declare nothing, and yield the tallies."""
    layout = "columns" if columns else "rows"
    one = ((n, slips, judge_document(n, slips, columns)) for n in chosen for slips in singles(n))
    yield measured(f"one mistake: documents, {layout}", one)
    theirs = (
        (n, (slip,), judge_document(n, (), columns, slip))
        for n in chosen
        for slip in document_slips(n)
    )
    yield measured(f"mistakes of documents, {layout}", theirs)
    right = [judge_document(network, (), columns) for network in chosen]
    wrong = sum(judgment.result != "equivalent" for judgment in right)
    print(f"right documents accused: {wrong} of {len(right)}", flush=True)


def right_formulas(count):
    """Check right formulas, in all ways, at ever new points."""
    chosen, wrong, total, seconds = list(networks()), [], 0, []
    for number in range(count):
        network, way = chosen[number * 7 % len(chosen)], WAYS[number % len(WAYS)]
        judgment = judge(network, (), *way, seed=number)
        if judgment is None:
            continue
        total += 1
        seconds.append(judgment.seconds)
        if judgment.result != "equivalent":
            wrong.append((number, way, judgment.codes, network))
    print(
        f"\nRight backward passes called wrong: {len(wrong)} of {total:,}, "
        f"{1000 * np.mean(seconds):.0f} ms each, {max(seconds):.2f} s the longest."
    )
    for case in wrong:
        print(f"- {case}")


def main():
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th network")
    parser.add_argument("--whole", action="store_true", help="write every network in every way")
    parser.add_argument("--right", type=int, default=10_000, help="how many right backward passes")
    parser.add_argument("--only", choices=("formulas", "documents", "right"))
    options = parser.parse_args()
    began = time.perf_counter()
    step = 1 if options.whole else len(WAYS)
    chosen = list(networks())[:: options.every]
    print(f"{len(chosen)} networks\n\n{HEADER}", flush=True)
    tallies = []
    if options.only in (None, "formulas"):
        for number, (notation, columns) in enumerate(WAYS):
            tallies += formulas(chosen[number % step :: step], notation, columns)
    if options.only in (None, "documents"):
        for number, columns in enumerate((False, True)):
            tallies += documents(chosen[number % step :: step], columns)
    by_code, equivalent = defaultdict(Counter), Counter()
    for tally in tallies:
        equivalent += tally.equivalent
        for code, counts in tally.by_code.items():
            by_code[code] += counts
    if options.only in (None, "right"):
        right_formulas(options.right)
    if tallies:
        print_codes(by_code)
        print_equivalent(equivalent)
        print_examples([example for tally in tallies for example in tally.examples])
    print(f"\n{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
