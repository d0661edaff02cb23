"""Counting what the doctor says of mistakes that are known, and writing it as Markdown."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

RESULTS = ("named", "tied", "otherwise", "unnamed", "missed", "equivalent", "fails")
HEADER = (
    "| what | live | detected | named or tied | named first | "
    + " | ".join(RESULTS)
    + " | mean | longest |\n|---"
    + "|---:" * 13
    + "|"
)


class Tally:
    """Counts of results, and seconds."""

    def __init__(self):
        self.counts, self.seconds = Counter(), []
        self.by_code = defaultdict(Counter)
        self.equivalent = Counter()
        self.examples = []

    def add(self, network, slips, judgment):
        self.counts[judgment.result] += 1
        self.seconds.append(judgment.seconds)
        for slip in slips if len(slips) == 1 else ():
            self.by_code[slip.code][judgment.result] += 1
            if judgment.result == "equivalent":
                self.equivalent[described(network, slip)] += 1
        if judgment.result in ("unnamed", "missed"):
            self.examples.append((network, slips, judgment))

    @property
    def row(self):
        """The cells of a line of the table: shares of the live mistakes, counts, seconds."""
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


def described(network, slip):
    """Say which mistake changes nothing, and where."""
    how = "" if slip.how is None else f" {slip.how}"
    kind, layer = slip.place.rstrip("0123456789"), slip.layer
    name = network.activations[layer - 1].name if layer else ""
    units = network.sizes[layer] if layer else 0
    return f"{slip.code}{how} in {kind}, {name} of {units} unit{'s' * (units != 1)}"


def share(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "–"


def print_codes(by_code):
    """Print how each kind of mistake came out."""
    print("\n| code | " + " | ".join(RESULTS) + " |\n|---" + "|---:" * len(RESULTS) + "|")
    for code, counts in sorted(by_code.items()):
        print(f"| {code} | " + " | ".join(str(counts[result]) for result in RESULTS) + " |")


def print_equivalent(equivalent):
    """List the mistakes that change nothing, with how often they were made."""
    print("\nMistakes that change nothing at the doctor's points:\n")
    for text, count in sorted(equivalent.items()):
        print(f"- {text}: {count}")


def print_examples(examples):
    """List what was missed, or could not be named."""
    print()
    for network, slips, judgment in examples:
        made = ", ".join(f"{s.code} {s.place} {s.how}" for s in slips)
        print(f"- {judgment.result}: {made} -> {judgment.codes}; {network}")
