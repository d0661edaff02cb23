"""NumPy notation: what it means is what NumPy makes of it, and nothing is executed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.numpy_reader import read_numpy, read_numpy_expression
from chainrule.doctor.formulas.tree import Layer
from chainrule.doctor.formulas.write import Notation, to_text
from chainrule.errors import FormulaError
from chainrule.nn import ACTIVATIONS
from helpers.notes import SAME

RNG = np.random.RandomState(0)
VALUES = {
    "X": RNG.normal(size=(5, 3)),
    "A1": RNG.normal(size=(5, 4)),
    "Z1": RNG.normal(size=(5, 4)),
    "A2": RNG.uniform(0.1, 0.9, (5, 2)),
    "Y": RNG.uniform(size=(5, 2)),
    "W1": RNG.normal(size=(3, 4)),
    "W2": RNG.normal(size=(4, 2)),
    "b1": RNG.normal(size=(1, 4)),
    "m": 5.0,
}
NAMES = {**VALUES, "np": np, "len": len}


def same(text, names=NAMES):
    """Compare with what Python itself computes."""
    want = eval(text, {}, dict(names))
    got = evaluate(read_numpy_expression(text), Meaning(VALUES))
    np.testing.assert_allclose(got, want, rtol=SAME, atol=1e-15)
    assert got.shape == np.shape(want)


@pytest.mark.parametrize(
    "text",
    [
        "A1.T @ (A2 - Y) / m",
        "np.dot(A1.T, A2 - Y) / len(X)",
        "A1.T.dot(A2 - Y) * (1 / X.shape[0])",
        "np.matmul(X, W1) + b1",
        "-(A2 - Y) ** 2 / 2",
        "2 ** -1 * A2 - -Y",
        "1 - A1 * A1",
        "np.multiply(A1, 1 - np.power(A1, 2))",
        "np.sum(A2 - Y, axis=0, keepdims=True)",
        "(A2 - Y).sum(0)",
        "(A2 - Y).mean(axis=1)",
        "np.mean(A2, axis=-1, keepdims=True)",
        "np.sum(A2)",
        "np.exp(-Z1) / (1 + np.exp(-Z1)) ** 2",
        "np.maximum(0, Z1)",
        "np.where(Z1 > 0, Z1, 0.01 * Z1)",
        "(Z1 > 0).astype(float)",
        "(Z1 >= 0) * A1",
        "np.tanh(X @ W1 + b1)",
        "np.square(A2 - Y).sum() / (2 * m)",
        "np.transpose(A1) @ A2",
        "np.outer(A2.sum(axis=0, keepdims=True), b1)",
        "np.log(A2) - np.log1p(-A2)",
        "np.sqrt(np.abs(Z1)) + np.sign(Z1) + np.cosh(Z1)",
        "np.ones((5, 1)).T @ A2",
        "np.ones_like(A2) - A2",
        "A2.sum(axis=0)[None, :]",
        "A2.sum(axis=1)[:, np.newaxis] * A1",
        "np.subtract(A2, Y) + np.add(A2, Y)",
        "np.linalg.norm(W1) ** 2",
        "np.pi * Y",
        "np.negative(A2).copy()",
        "(A2 - Y) @ W2.T * (1 - A1**2)",
        "1e-3 * W2",
    ],
)
def test_it_means_what_numpy_makes_of_it(text):
    same(text)


@pytest.mark.parametrize("name", [n for n in ACTIVATIONS if n != "softmax"])
def test_activations_and_their_derivatives(name):
    Z = VALUES["Z1"]
    g = ACTIVATIONS[name]
    for text, want in (
        (f"{name}(Z1)", g.value(Z)),
        (f"{name}_prime(Z1)", g.derivative(Z, g.value(Z))),
        (f"d_{name}(Z1)", g.derivative(Z, g.value(Z))),
        (f"{name}_derivative(Z1)", g.derivative(Z, g.value(Z))),
    ):
        np.testing.assert_array_equal(evaluate(read_numpy_expression(text), Meaning(VALUES)), want)


def test_softmax_runs_over_the_units():
    rows = evaluate(read_numpy_expression("softmax(Z1)"), Meaning(VALUES))
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-14)
    turned = Meaning({"Z1": VALUES["Z1"].T}, columns=True)
    columns = evaluate(read_numpy_expression("softmax(Z1, axis=0)"), turned)
    np.testing.assert_array_equal(columns, rows.T)


operands = st.sampled_from(["A2", "Y", "m", "2", "0.5", "(A2 - Y)"])
operators = st.sampled_from([" + ", " - ", " * ", " / "])


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(operands)
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    text = f"{left}{draw(operators)}{right}"
    return draw(st.sampled_from([text, f"({text})", f"-({text})", f"np.tanh({text})"]))


@settings(max_examples=150, deadline=None)
@given(expressions())
def test_any_expression_means_what_numpy_makes_of_it(text):
    with np.errstate(all="ignore"):
        want = np.asarray(eval(text, {}, dict(NAMES)), float)
    got = evaluate(read_numpy_expression(text), Meaning(VALUES))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-300)


@settings(max_examples=150, deadline=None)
@given(expressions())
def test_what_is_written_is_read_again_as_the_same(text):
    """The brackets that are left out were not needed."""
    tree = read_numpy_expression(text)
    written = to_text(tree, Notation())
    again = read_numpy_expression(written)
    one, two = (evaluate(e, Meaning(VALUES)) for e in (tree, again))
    np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-300)


def test_assignments():
    text = """
import numpy as np
# the output layer
dZ2 = (A2 - Y) / m; dW2, db2 = A1.T @ dZ2, dZ2.sum(0)
W2 -= eta * dW2
grads["W1"] = X.T @ dZ[1]
dZ[l] = (dZ[l + 1] @ W[l + 1].T) * g_prime(Z[l])
"""
    found = read_numpy(text)
    shown = [(a.target.symbol, str(a.target.layer), a.line) for a in found]
    assert shown == [
        ("dZ", "2", 4),
        ("dW", "2", 4),
        ("db", "2", 4),
        ("W", "2", 5),
        ("dW", "1", 6),
        ("dZ", "l", 7),
    ]
    assert found[3].is_update
    assert not found[0].is_update


@pytest.mark.parametrize(
    ("text", "symbol", "layer"),
    [
        ("dW2", "dW", 2),
        ("dw_2", "dW", 2),
        ("grad_W2", "dW", 2),
        ("delta1", "dZ", 1),
        ("δ1", "dZ", 1),
        ("dB1", "db", 1),
        ("a1", "A", 1),
        ("A0", "X", None),
        ("y_hat", "Yhat", None),
        ("params['b2']", "b", 2),
        ("grads['b2']", "db", 2),
        ("dA[0]", "dA", 0),
    ],
)
def test_the_spellings_of_names(text, symbol, layer):
    name = read_numpy_expression(text)
    assert (name.symbol, name.layer) == (symbol, None if layer is None else Layer("", layer))


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("X.__class__", "of the attributes"),
        ("().__class__.__bases__[0].__subclasses__()", "no method"),
        ("__import__('os').system('ls')", "no method"),
        ("open('x')", "no function 'open'"),
        ("np.load('x')", "no function 'load'"),
        ("np.fromfile('x')", "no function"),
        ("eval('1')", "no function 'eval'"),
        ("lambda: 1", "Lambda"),
        ("[x for x in X]", "ListComp"),
        ("X if Y else Z", "IfExp"),
        ("'text'", "only real numbers"),
        ("1j", "only real numbers"),
        ("True", "only real numbers"),
        ("1e999", "too large"),
        ("X // 2", "FloorDiv"),
        ("X % 2", "Mod"),
        ("not X", "UnaryOp"),
        ("X == Y", "comparisons"),
        ("X < Y < Z1", "Compare"),
        ("X[0]", "subscripts"),
        ("X[1:]", "subscripts"),
        ("np.summ(X)", "did you mean 'sum'"),
        ("np.sum(X, axis=7)", "axis must be"),
        ("np.dot(X)", "2 arguments"),
        ("f'{X}'", "JoinedStr"),
        ("(y := 3)", "NamedExpr"),
        ("X +", "is not Python"),
        ("a, b", "Tuple"),
    ],
)
def test_everything_else_is_refused_by_name(text, piece):
    with pytest.raises(FormulaError, match=piece.replace("(", r"\(")) as caught:
        read_numpy_expression(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "for i in range(3): x = i",
        "def f(): pass",
        "dW2",
        "W2.x = 3",
        "a, b = X",
        "del X",
        "X: float",
    ],
)
def test_only_assignments_are_statements(text):
    with pytest.raises(FormulaError):
        read_numpy(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A1 @ A2", r"A1 @ A2: A1 \(5 × 4\) and A2 \(5 × 2\) do not multiply as matrices"),
        ("A1 * A2", r"A1 \(5 × 4\) and A2 \(5 × 2\) do not go together element by element"),
        ("2 @ A2", "one is a number"),
        ("Q + 1", "Q has no value here"),
        ("A7", "A7 has no value here"),
        ("A2.sum(0).sum(1)", "has no axis 1"),
        ("m[None][None][None][None]", "does not take this subscript"),
        ("np.ones((1e9, 1e9))", "whole number|too large"),
        ("np.ones((2.5, 1))", "whole number"),
    ],
)
def test_what_cannot_be_computed_says_why(text, message):
    with pytest.raises(FormulaError, match=message):
        evaluate(read_numpy_expression(text), Meaning(VALUES))
