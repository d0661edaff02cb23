"""What a document says of one function: its derivative is put right by the row, for every row."""

import pytest

from chainrule.doctor.formulas import check_text
from chainrule.nn import ACTIVATIONS

NAMED = [name for name, g in ACTIVATIONS.items() if g.is_elementwise and name not in ("identity",)]
LATEX = {"sigmoid": r"\sigma", "tanh": r"\tanh", "exponential": r"\exp"}


def judged(formula):
    return check_text(f"$${formula}$$", kind="markdown").findings[0]


@pytest.mark.parametrize("wrong", ["itself", "z^2 - 3"])
@pytest.mark.parametrize("name", [name for name in NAMED if name != "exponential"])
def test_a_wrong_derivative_is_put_right(name, wrong):
    g = LATEX.get(name, rf"\operatorname{{{name}}}")
    finding = judged(f"{g}'(z) = {g}(z)" if wrong == "itself" else f"{g}'(z) = {wrong}")
    assert finding.codes == ("wrong_local_derivative",), finding
    right = finding.mistakes[0].corrected
    left, _, body = right.partition(" = ")
    assert left not in body, right  # σ'(z) = σ'(z) would say nothing
    if r"\pi" not in right:  # which may be any name in a document
        assert judged(right).verdict == "right", right
