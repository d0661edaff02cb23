r"""LaTeX, as people write it: the same formula in many spellings is one tree, and has one value."""

import re

import numpy as np
import pytest

from chainrule.doctor.formulas.equations import read_latex, read_latex_expression, style_of
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.latex_names import Style
from chainrule.doctor.formulas.tree import Assignment, ShapeNote, Unreadable, names_of
from chainrule.doctor.formulas.write import Notation, to_text
from chainrule.errors import FormulaError
from chainrule.nn import ACTIVATIONS

RNG = np.random.RandomState(1)
VALUES = {
    "X": RNG.normal(size=(5, 3)),
    "A1": RNG.normal(size=(5, 4)),
    "Z1": RNG.normal(size=(5, 4)),
    "A2": RNG.uniform(0.1, 0.9, (5, 2)),
    "Z2": RNG.normal(size=(5, 2)),
    "Y": RNG.uniform(size=(5, 2)),
    "W1": RNG.normal(size=(3, 4)),
    "W2": RNG.normal(size=(4, 2)),
    "b1": RNG.normal(size=(1, 4)),
    "dZ2": RNG.normal(size=(5, 2)),
    "dZ1": RNG.normal(size=(5, 4)),
    "dW2": RNG.normal(size=(4, 2)),
    "m": 5.0,
    "lambda": 0.3,
    "eta": 0.1,
    "theta": RNG.normal(size=(7, 1)),
}
VALUES["Yhat"] = VALUES["A2"]
V = type("V", (), VALUES)
MEANING = Meaning(VALUES, (ACTIVATIONS["tanh"], ACTIVATIONS["sigmoid"]), {"L": 2})


def value(text, style=None):
    return evaluate(read_latex_expression(text, style), MEANING)


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{1}{m} A_1^T (\hat{Y} - Y)",
        r"\frac1m A_1^\top(\hat Y-Y)",
        r"\dfrac{1}{m}\,A^{[1]T}\left(A^{[2]} - Y\right)",
        r"\frac{A_1^{\top} (\hat{\mathbf{Y}} - \mathbf{Y})}{m}",
        r"\mathbf{A}_1^{\mathsf{T}} (A_2 - Y) / m",
        r"{A^{(1)}}^T \cdot (A^{(2)} - Y) \cdot \frac{1}{m}",
        r"\frac{1}{m} (A^{[1]})^{T} \big( A^{[2]} - Y \big)",
        r"1/m \; a_{1}^{\intercal} (a_{2} - y)",
        r"\frac{1}{m} A^{[1]^T} (A^{[2]} - Y)",
        "(1/m) A₁ᵀ (Ŷ − Y)",
        r"\frac{1}{m} \times A_1^T \times (\hat{Y} - Y)",
    ],
)
def test_the_gradient_of_the_weights_in_many_spellings(text):
    np.testing.assert_allclose(value(text), V.A1.T @ (V.A2 - V.Y) / 5, rtol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        r"(\delta_2 W_2^T) \odot \sigma'(z_1)",
        r"\delta_2 W_2^T \odot \sigma'(z_1)",
        r"\delta^{[2]} W^{[2]T} * \sigma'(z^{[1]})",
        r"\left(\delta^{(2)} {W^{(2)}}^\top\right) \circ \sigma^{\prime}(z^{(1)})",
        r"dZ^{[2]} (W^{[2]})^T \odot \sigma'\left(Z^{[1]}\right)",
        r"\frac{\partial J}{\partial Z_2} W_2^{T} \odot \sigma(Z_1) \odot (1 - \sigma(Z_1))",
        r"\frac{dL}{dZ_2} W_2^T \odot \sigma'(Z_1)",
        r"\partial J / \partial z_2 \, W_2^T \odot \sigma'(Z_1)",
        r"\nabla_{z_2} J \, W_2^T \odot \sigma'(Z_1)",
        r"\frac{\partial \mathcal{L}}{\partial \mathbf{Z}^{[2]}} W_2^T \odot \sigma'(Z_1)",
        r"\frac{\partial}{\partial Z_2} J(\theta) \, W_2^T \odot \sigma'(Z_1)",
        r"\frac{\mathrm{d} J}{\mathrm{d} Z_2} W_2^T \odot \operatorname{sigmoid}'(Z_1)",
        r"\frac{\partial cost}{\partial Z_2} W_2^T \odot \text{sigmoid}'(Z_1)",
        "δ₂ W₂ᵀ ⊙ σ′(z₁)",
    ],
)
def test_the_hidden_layer_in_many_spellings(text):
    s = 1 / (1 + np.exp(-V.Z1))
    np.testing.assert_allclose(value(text), V.dZ2 @ V.W2.T * s * (1 - s), rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        (r"1 - a_1^2", 1 - V.A1**2),
        (r"1 - \tanh^2(z_1)", 1 - np.tanh(V.Z1) ** 2),
        (r"f_1'(Z_1)", 1 - np.tanh(V.Z1) ** 2),
        (r"g^{[1]\prime}(Z^{[1]})", 1 - np.tanh(V.Z1) ** 2),
        (r"{g^{(1)}}'(z^{(1)})", 1 - np.tanh(V.Z1) ** 2),
        (r"g'(Z_1)", 1 - np.tanh(V.Z1) ** 2),
        (r"\frac{1}{1 + e^{-z_2}}", 1 / (1 + np.exp(-V.Z2))),
        (r"\frac{1}{1 + \exp(-z_2)}", 1 / (1 + np.exp(-V.Z2))),
        (r"\max(0, z_1)", np.maximum(0, V.Z1)),
        (r"\text{ReLU}'(z_1)", (V.Z1 > 0) * 1.0),
        (r"\mathbb{1}[z_1 > 0]", (V.Z1 > 0) * 1.0),
        (r"\mathbf{1}_{z_1 > 0}", (V.Z1 > 0) * 1.0),
        (r"\operatorname{leaky\_relu}(z_1)", np.where(V.Z1 > 0, V.Z1, 0.01 * V.Z1)),
        (r"\frac{1}{m} \sum_{i=1}^{m} dZ^{[1](i)}", V.dZ1.mean(axis=0, keepdims=True)),
        (r"\frac{1}{m} \sum_{i=1}^{m} dZ_1", V.dZ1.mean(axis=0, keepdims=True)),
        (r"\sum_i \delta_1^{(i)}", V.dZ1.sum(axis=0, keepdims=True)),
        (r"np.sum(\delta_1, axis=1, keepdims=True)", V.dZ1.sum(axis=0, keepdims=True)),
        (r"\sum \delta_1", V.dZ1.sum(axis=0, keepdims=True)),
        (r"dZ_1^T \mathbf{1}", V.dZ1.sum(axis=0)[:, None]),
        (r"\sum_{i=1}^{m} a^{[1](i)T} \delta^{[2](i)}", V.A1.T @ V.dZ2),
        (r"\lambda \|W_2\|^2", 0.3 * (V.W2**2).sum()),
        (r"\lambda \lVert\theta\rVert_2^2", 0.3 * (V.theta**2).sum()),
        (
            r"\frac{\lambda}{2m} \sum_{l=1}^{L} \|W^{[l]}\|^2",
            0.03 * ((V.W1**2).sum() + (V.W2**2).sum()),
        ),
        (r"\frac{\lambda}{m} W_2", 0.06 * V.W2),
        (r"2\lambda W_2", 0.6 * V.W2),
        (r"1/2m", 0.1),
        (r"W_2 - \eta \, dW_2", V.W2 - 0.1 * V.dW2),
        (r"W^{[2]} - \alpha \frac{\partial J}{\partial W^{[2]}}", V.W2 - 0.1 * V.dW2),
        (r"\sqrt{y} + \sqrt{\hat y}", np.sqrt(V.Y) + np.sqrt(V.A2)),
        (
            r"-y \ln \hat y - (1 - y) \ln(1 - \hat y)",
            -V.Y * np.log(V.A2) - (1 - V.Y) * np.log(1 - V.A2),
        ),
        (r"\frac{A_2 - Y}{A_2 (1 - A_2)}", (V.A2 - V.Y) / (V.A2 * (1 - V.A2))),
        (r"(A_2 - Y) A_2 (1 - A_2)", (V.A2 - V.Y) * V.A2 * (1 - V.A2)),
        (r"a_1^T \delta_2", V.A1.T @ V.dZ2),
        (r"X W_1 + b_1", V.X @ V.W1 + V.b1),
        (r"a_0 W_1 + b_1", V.X @ V.W1 + V.b1),
    ],
)
def test_what_formulas_mean(text, want):
    np.testing.assert_allclose(value(text), want, rtol=1e-13)


def test_a_number_above_is_a_power_or_a_layer_as_the_document_has_it():
    assert value(r"1 - y^2").shape == V.Y.shape
    powers = read_latex_expression(r"a^2", Style())
    layers = read_latex_expression(r"a^2", style_of(r"a^{l-1} \text{ and } a^2"))
    assert [str(n.layer) for n in names_of(layers)] == ["2"]
    assert [n.layer for n in names_of(powers)] == [None]
    np.testing.assert_allclose(evaluate(layers, MEANING), V.A2)


@pytest.mark.parametrize(
    ("text", "symbol", "layer", "indices", "observation"),
    [
        (r"W^{[l]}", "W", "l", (), ""),
        (r"a^{l-1}", "A", "l-1", (), ""),
        (r"z^{(l)}", "Z", "l", (), ""),
        (r"z^{(i)}", "Z", "None", (), "i"),
        (r"z^{[2](i)}", "Z", "2", (), "i"),
        (r"w_{jk}^{l+1}", "W", "l+1", ("j", "k"), ""),
        (r"w^{(2)}_{jk}", "W", "2", ("j", "k"), ""),
        (r"\delta_j^L", "dZ", "L", ("j",), ""),
        (r"b^{[1]}", "b", "1", (), ""),
        (r"\beta_1", "b", "1", (), ""),
        (r"x^{(k-1)}", "A", "k-1", (), ""),
        (r"\hat{x}^{(k)}", "A", "k", (), ""),
        (r"A^{[0]}", "X", "None", (), ""),
        (r"\hat{y}_i", "Yhat", "None", ("i",), ""),
        (r"\boldsymbol{\delta}^{[1]}", "dZ", "1", (), ""),
    ],
)
def test_the_corners_of_names(text, symbol, layer, indices, observation):
    [name] = names_of(read_latex_expression(text, Style(plain_layers=True)))
    found = (name.symbol, str(name.layer), name.indices, name.observation)
    assert found == (symbol, layer, indices, observation)


def test_aligned_blocks_are_cut_into_rows():
    found = read_latex(
        r"""
\begin{aligned}
  dZ^{[2]} &= A^{[2]} - Y \\
  dW^{[2]} &= \frac{1}{m} dZ^{[2]} A^{[1]T} \\[4pt]
           &= \frac{1}{m} (A^{[2]} - Y) A^{[1]T}, % the same
           \quad db^{[2]} = \frac{1}{m} \sum_i dZ^{[2](i)}
\end{aligned}
""",
        line=10,
    )
    assert all(isinstance(f, Assignment) for f in found)
    assert [(f.target.symbol, f.line) for f in found] == [
        ("dZ", 12),
        ("dW", 13),
        ("dW", 13),
        ("db", 13),
    ]
    assert found[2].source == r"dW^{[2]} = \frac{1}{m} (A^{[2]} - Y) A^{[1]T}"


def test_shapes_are_read_beside_formulas_and_by_themselves():
    note, formula = read_latex(
        r"W_1 \in \mathbb{R}^{n_0 \times n_1} \\ dW_1 = X^T dZ_1 \quad (1 \times d)"
    )
    assert isinstance(note, ShapeNote)
    assert (note.target.symbol, note.shape) == ("W", ("n_0", "n_1"))
    assert formula.note == ("1", "d")


@pytest.mark.parametrize(
    "text",
    [
        r"x \in \mathbb{R}^n",
        "l = 1, 2, \\dots, L",
        r"m = 100",
        r"a \to b",
        "W_1",
        r"\eta = 0.1",
        "n_1 = 4",
    ],
)
def test_what_states_no_formula_is_left_out(text):
    assert read_latex(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"dW = \foo + 1", r"\\foo is not understood"),
        (r"dW = (A", "ends too early"),
        (r"dW = A_{", "ends too early"),
        (r"dW = A)", "not understood from"),
        (r"dW = a ^ ^ b", "not understood from"),
        (r"dW = \sigma", "has no argument"),
        (r"dW = \frac{\partial J}{\partial (W + b)}", "not understood"),
        (r"dW = a''", "second derivative"),
        (r"dW = y'", "a prime belongs to a function"),
        (r"dW = a \pm b", "±"),
        (r"dW = \begin{pmatrix} a \\ b \end{pmatrix}", "."),
        (r"dW = \nabla J", "∇ of what"),
        (r"dW = a \odot", "."),
    ],
)
def test_what_cannot_be_read_says_why(text, reason):
    [found] = [f for f in read_latex(text) if isinstance(f, Unreadable)]
    assert re.search(reason, found.reason), found.reason
    assert "\n" not in found.reason


@pytest.mark.parametrize(
    "text",
    [
        r"\frac{1}{m} A_1^T (\hat{Y} - Y)",
        r"(\delta_2 W_2^T) \odot \sigma'(z_1)",
        r"\frac{1}{m} \sum_{i=1}^{m} dZ^{[1](i)}",
        r"1 - \tanh(z_1)^2",
        r"\frac{A_2 - Y}{A_2 (1 - A_2)}",
        r"W^{[2]} - \eta \, dW^{[2]}",
        r"\lambda \|W_2\|^2",
        r"-(a_2 - y) \odot (y - a_2)",
        r"(A_2 - Y) - (Y - A_2)",
    ],
)
def test_what_is_written_is_read_again_as_the_same(text):
    expression = read_latex_expression(text)
    written = to_text(expression, Notation(latex=True))
    again = read_latex_expression(written)
    np.testing.assert_allclose(evaluate(again, MEANING), evaluate(expression, MEANING), rtol=1e-13)


def test_one_expression_is_one():
    with pytest.raises(FormulaError, match="is not one expression"):
        read_latex_expression("a = b")
