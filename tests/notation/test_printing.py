"""Formulas as text and as LaTeX: brackets where they are needed, and only there."""

import pytest

from chainrule.notation.formula import (
    Cases,
    Equation,
    Gradient,
    Item,
    NormSquared,
    Number,
    Partial,
    Product,
    SumOver,
    Symbol,
    symbols_in,
)
from chainrule.notation.latex import latex
from chainrule.notation.plain import plain

A, W, b = Symbol("A", "1"), Symbol("W", "2"), Symbol("b", "2")
dZ, m, Y = Symbol("dZ", "2"), Symbol("m"), Symbol("Y", hat=True)
g = Symbol("g", "1", prime=True)


@pytest.mark.parametrize(
    ("formula", "text", "tex"),
    [
        (A @ W + b, "A1 W2 + b2", r"A_{1} \, W_{2} + b_{2}"),
        ((A + b) @ W, "(A1 + b2) W2", r"\left(A_{1} + b_{2}\right) \, W_{2}"),
        (A.T @ dZ, "A1ᵀ dZ2", r"{A_{1}}^{\top} \, dZ_{2}"),
        ((A @ W).T, "(A1 W2)ᵀ", r"{\left(A_{1} \, W_{2}\right)}^{\top}"),
        (dZ @ W.T * g(A), "dZ2 W2ᵀ ⊙ g1'(A1)",
         r"dZ_{2} \, {W_{2}}^{\top} \odot g_{1}'\left(A_{1}\right)"),
        (A * (1 - A), "A1 ⊙ (1 − A1)", r"A_{1} \odot \left(1 - A_{1}\right)"),
        (A - (b - W), "A1 − (b2 − W2)", r"A_{1} - \left(b_{2} - W_{2}\right)"),
        (A + (b - W), "A1 + (b2 − W2)", r"A_{1} + \left(b_{2} - W_{2}\right)"),
        (-(A + b), "−(A1 + b2)", r"-\left(A_{1} + b_{2}\right)"),
        (A / (A * b), "A1/(A1 ⊙ b2)", r"\frac{A_{1}}{A_{1} \odot b_{2}}"),
        (A * b / W, "(A1 ⊙ b2)/W2", r"\frac{A_{1} \odot b_{2}}{W_{2}}"),
        (1 / m * (A - Y), "(1/m) (A1 − Ŷ)", r"\frac{1}{m} \, \left(A_{1} - \hat{Y}\right)"),
        (0.5 * A**2, "½ A1²", r"\frac{1}{2} \, {A_{1}}^{2}"),
        ((A - Y) ** 2, "(A1 − Ŷ)²", r"{\left(A_{1} - \hat{Y}\right)}^{2}"),
        (-2 * A, "(−2) A1", r"\left(-2\right) \, A_{1}"),
        (Symbol("W", sup="(k)"), "W^(k)", "W^{(k)}"),
        (Symbol("A", "l−1"), "A_(l−1)", "A_{l-1}"),
        (Symbol("g", sup="(0)", prime=True)(A), "g^(0)'(A1)", r"{g'}^{(0)}\left(A_{1}\right)"),
        (Symbol("σ", prime=True)(A), "σ'(A1)", r"\sigma'\left(A_{1}\right)"),
        (Symbol("learning_rate") * A, "learning_rate A1", r"\mathrm{learning rate} \, A_{1}"),
        (Partial(Symbol("J"), dZ), "∂J/∂dZ2", r"\frac{\partial J}{\partial dZ_{2}}"),
        (Gradient(A, Symbol("J")) @ A.T, "(∇_A1 J) A1ᵀ",
         r"\left(\nabla_{A_{1}} J\right) \, {A_{1}}^{\top}"),
        (SumOver(dZ, "observations"), "Σ_i dZ2[i]", r"\sum_{i} dZ_{2}[i]"),
        (SumOver(dZ, "observations", layout="columns"), "Σ_i dZ2[:, i]", r"\sum_{i} dZ_{2}[:, i]"),
        (SumOver(A, "units"), "rowsum(A1)", r"\mathrm{rowsum}\left(A_{1}\right)"),
        (SumOver(A, "units", layout="columns"), "colsum(A1)", r"\mathrm{colsum}\left(A_{1}\right)"),
        (Product((SumOver(A, "index", "k"), b), scalars=True), "(Σ_k A1) · b2",
         r"\left(\sum_{k} A_{1}\right) \cdot b_{2}"),
        (A - SumOver(b, "index", "k"), "A1 − Σ_k b2", r"A_{1} - \sum_{k} b_{2}"),
        (NormSquared(W), "‖W2‖²", r"{\lVert W_{2} \rVert}^{2}"),
        (Item(dZ, "i"), "dZ2[i]", "dZ_{2}[i]"),
        (Cases(A, Number(1), Number(0.01)), "[1 where A1 > 0, else 0.01]",
         r"\begin{cases} 1 & \text{where } A_{1} > 0 \\ 0.01 & \text{else} \end{cases}"),
        (Equation(A, (b, W)), "A1 = b2 = W2", "A_{1} = b_{2} = W_{2}"),
        (Equation(A, (A - b,), "←"), "A1 ← A1 − b2", r"A_{1} \leftarrow A_{1} - b_{2}"),
    ],
)  # fmt: skip
def test_both_printers(formula, text, tex):
    assert plain(formula) == text
    assert latex(formula) == tex


def test_symbols_from_left_to_right():
    assert list(symbols_in(A @ W + g(b))) == [A, W, g, b]


def test_formulas_are_values():
    assert A @ W + b == Symbol("A", "1") @ W + b
    assert hash(A @ W) == hash(Symbol("A", "1") @ W)
    with pytest.raises(AttributeError):
        A.base = "B"


@pytest.mark.parametrize("printer", [plain, latex])
def test_what_is_no_formula(printer):
    with pytest.raises(TypeError, match="no formula"):
        printer("A1")
