"""What a document says of one function: its derivative is put right by the row, for every row."""

import numpy as np
import pytest
import scipy.special

from chainrule.doctor.formulas import check_text
from chainrule.doctor.points import draw_point
from chainrule.doctor.reference import refer
from chainrule.nn import ACTIVATIONS, Network

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


@pytest.mark.parametrize("name", [name for name in NAMED if name != "exponential"])
def test_a_correction_of_code_runs(name):
    """With the activation declared, or stated by the forward pass, no function is made up."""
    lines = ["dZ2 = (A2 - Y) / m", "dW2 = A1.T @ dZ2", "dZ1 = dZ2 @ W2.T", "dW1 = X.T @ dZ1"]
    network = Network((3, 4, 1), name, loss="binary_cross_entropy")
    reference = refer(draw_point(network, 5, 0, 0))
    told = {"hidden": (name,), "output": "sigmoid", "loss": "binary_cross_entropy"}
    [mistake] = check_text("\n".join(lines), "numpy", reduction="mean", **told).mistakes
    assert mistake.code == "missing_activation_derivative"
    values = {
        "np": np,
        "scipy": scipy,
        "dZ2": reference.dZ[2],
        "W2": reference.point.parameters["W2"],
    }
    values |= {"Z1": reference.Z[1], "A1": reference.A[1]}
    found = eval(mistake.corrected.partition(" = ")[2], values)
    np.testing.assert_allclose(found, reference.dZ[1], rtol=1e-12, atol=1e-15)


def test_what_the_document_computes_forward_is_stated():
    text = "A1 = np.tanh(Z1)\ndZ2 = (A2 - Y) / m\ndW2 = A1.T @ dZ2\ndZ1 = dZ2 @ W2.T"
    assert check_text(text, "numpy").mistakes[0].corrected == "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)"
