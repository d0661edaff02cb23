"""How many mistakes the doctor finds, and how many it names: ``python benchmarks/doctor/measure.py``.

Every mistake of ``tests/helpers/slips.py`` is made in every place of many networks, in code that is
written apart from the doctor's library; then pairs of them, drawn at random; then none. All of it takes
an hour; ``--every 10 --right 500`` takes a few minutes. Writes Markdown.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from helpers.judging import judge, networks, pairs, singles

WAYS = (
    ("gradients, float64, rows", {}),
    ("gradients, float32, rows", {"dtype": np.float32}),
    ("gradients, float64, columns", {"layout": "columns"}),
    ("with intermediates, float64, rows", {"intermediates": True}),
)
RESULTS = ("named", "tied", "otherwise", "unnamed", "missed", "equivalent", "fails")


class Tally:
    """Counts of results, and seconds."""

    def __init__(self):
        self.counts, self.seconds = Counter(), []
        self.by_code = defaultdict(Counter)
        self.examples = []

    def add(self, network, slips, judgment):
        self.counts[judgment.result] += 1
        self.seconds.append(judgment.seconds)
        for slip in slips if len(slips) == 1 else ():
            self.by_code[slip.code][judgment.result] += 1
        if judgment.result in ("unnamed", "missed"):
            self.examples.append((network, slips, judgment))

    @property
    def row(self):
        c = self.counts
        live = sum(c.values()) - c["equivalent"] - c["fails"]
        apart = live - c["otherwise"]
        detected = live - c["missed"]
        good = c["named"] + c["tied"]
        return (
            f"{live:,} | {share(detected, live)} | {share(good, apart)} | {share(c['named'], apart)} | "
            + " | ".join(f"{c[result]:,}" for result in RESULTS)
            + f" | {1000 * np.mean(self.seconds):.0f} ms | {max(self.seconds):.2f} s"
        )


def share(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "–"


HEADER = (
    "| what | live | detected | named or tied | named first | "
    + " | ".join(RESULTS)
    + " | mean | longest |\n|---"
    + "|---:" * 13
    + "|"
)


def right(count, tally):
    """Check right gradients, in both precisions and layouts, at ever new points."""
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


def main():
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take one network of so many")
    parser.add_argument("--right", type=int, default=10_000, help="how many right gradients")
    settings = parser.parse_args()
    began = time.perf_counter()
    chosen = list(networks())[:: settings.every]
    print(f"{len(chosen)} networks\n\n{HEADER}", flush=True)
    examples, by_code = [], defaultdict(Counter)
    for title, options in WAYS:
        for kind in ("one mistake", "two mistakes"):
            tally, rng = Tally(), np.random.RandomState(0)
            for network in chosen if options == {} else chosen[::4]:
                found = singles(network) if kind == "one mistake" else pairs(network, rng, 20)
                for slips in found:
                    tally.add(network, slips, judge(network, slips, **options))
            print(f"| {kind}: {title} | {tally.row} |", flush=True)
            examples += tally.examples
            for code, counts in tally.by_code.items():
                by_code[code] += counts
    tally = Tally()
    right(settings.right, tally)
    wrong = sum(tally.counts.values()) - tally.counts["equivalent"]
    print(
        f"\nRight gradients called wrong: {wrong} of {sum(tally.counts.values()):,}, "
        f"{1000 * np.mean(tally.seconds):.0f} ms each, {max(tally.seconds):.2f} s the longest.\n"
    )
    print("| code | " + " | ".join(RESULTS) + " |\n|---" + "|---:" * len(RESULTS) + "|")
    for code, counts in sorted(by_code.items()):
        print(f"| {code} | " + " | ".join(str(counts[result]) for result in RESULTS) + " |")
    print(f"\n{time.perf_counter() - began:.0f} seconds\n")
    for network, slips, judgment in examples + tally.examples:
        made = ", ".join(f"{s.code} {s.place} {s.how}" for s in slips)
        print(f"- {judgment.result}: {made} -> {judgment.codes}; {network}")


if __name__ == "__main__":
    main()
