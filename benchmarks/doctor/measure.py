"""How many mistakes the doctor finds, and how many it names: ``python benchmarks/doctor/measure.py``.

Every mistake of ``tests/helpers/slips.py`` is made in every place of many networks, in code that is
written apart from the doctor's library; then pairs of them, drawn at random; then what a function
returns or keeps is wrong; then all of it is noise; then nothing is wrong. All of it takes half an hour;
``--every 10 --right 500`` takes a few minutes. Writes Markdown.
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

from chainrule.doctor import check_gradients
from helpers.judging import judge, networks, pairs, singles
from helpers.returned import judge_returned, returned_slips

WAYS = (
    ("gradients, float64, rows", {}),
    ("gradients, float32, rows", {"dtype": np.float32}),
    ("gradients, float64, columns", {"layout": "columns"}),
    ("with intermediates, float64, rows", {"intermediates": True}),
)
# The first way is measured on all networks, the others on a quarter of them each.
QUARTER = 4


def mistakes(chosen):
    """Measure single mistakes and pairs, and return the tallies."""
    tallies = []
    for number, (title, options) in enumerate(WAYS):
        some = chosen[number::QUARTER] if number else chosen
        for kind in ("one mistake", "two mistakes"):
            tally, rng = Tally(), np.random.RandomState(0)
            for network in some:
                found = singles(network) if kind == "one mistake" else pairs(network, rng, 20)
                for slips in found:
                    tally.add(network, slips, judge(network, slips, **options))
            print(f"| {kind}: {title} | {tally.row} |", flush=True)
            tallies.append(tally)
    return tallies


def returns(chosen):
    """Measure updates, sums that go on, and shapes."""
    tally = Tally()
    for network in chosen:
        for slip in returned_slips(network):
            tally.add(network, (slip,), judge_returned(network, slip))
    print(f"| one mistake: updates, state, shapes | {tally.row} |", flush=True)
    return tally


def noise(chosen):
    """Measure the seconds where nothing explains what was given, and that nothing is named."""
    seconds, wrong = [], Counter()
    for network in chosen:
        names = [f"d{name}" for name in network.init(0)]
        for given in (*([name] for name in names), names, names[::2], names[1::2]):
            began = time.process_time()
            report = check_gradients(network, noisy(given))
            seconds.append(time.process_time() - began)
            shapes = {network.init(0)[name[1:]].size for name in given}
            if (
                set(report.codes) != {"unknown"} and min(shapes) > 2
            ):  # any two numbers are some multiple
                wrong[report.codes] += 1
    print(
        f"\nNoise in place of gradients: {len(seconds):,} checks, {sum(wrong.values())} called by a "
        f"name; {1000 * np.mean(seconds):.0f} ms each, {max(seconds):.2f} s the longest."
    )
    for codes, count in wrong.items():
        print(f"- {codes}: {count}")


def noisy(given):
    """Return a function that gives noise for some of the gradients."""

    def gradients(params, X, Y):
        rng = np.random.RandomState(1)
        return {name: rng.normal(size=params[name[1:]].shape) for name in given}

    return gradients


def right(count):
    """Check right gradients, in both precisions and layouts, at ever new points."""
    tally = Tally()
    chosen = list(networks())
    for number in range(count):
        options = (
            {"dtype": np.float32},
            {},
            {"dtype": np.float32, "layout": "columns"},
            {"intermediates": True, "dtype": np.float32},
        )[number % 4]
        network = chosen[number * 7 % len(chosen)]
        tally.add(network, (), judge(network, (), seed=number, **options))
    wrong = sum(tally.counts.values()) - tally.counts["equivalent"]
    print(
        f"\nRight gradients called wrong: {wrong} of {sum(tally.counts.values()):,}, "
        f"{1000 * np.mean(tally.seconds):.0f} ms each, {max(tally.seconds):.2f} s the longest."
    )
    return tally


def main():
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th network")
    parser.add_argument("--right", type=int, default=10_000, help="how many right gradients")
    settings = parser.parse_args()
    began = time.perf_counter()
    chosen = list(networks())[:: settings.every]
    print(f"{len(chosen)} networks\n\n{HEADER}", flush=True)
    tallies = [*mistakes(chosen), returns(chosen)]
    by_code, equivalent = defaultdict(Counter), Counter()
    for tally in tallies:
        equivalent += tally.equivalent
        for code, counts in tally.by_code.items():
            by_code[code] += counts
    noise(chosen[::QUARTER])
    tallies.append(right(settings.right))
    print_codes(by_code)
    print_equivalent(equivalent)
    print_examples([example for tally in tallies for example in tally.examples])
    print(f"\n{time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
