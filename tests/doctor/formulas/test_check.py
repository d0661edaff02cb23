"""Formulas against a declared network: every mistake that can be written is found, named, corrected."""

import numpy as np
import pytest

from chainrule import L2, Network
from chainrule.doctor import Verdict, check_formulas
from chainrule.errors import FormulaError, ParameterError
from helpers.judging import displacement, named, networks, singles
from helpers.written import learning_rate, text_with

SOME = list(networks())[::41]
WAYS = [(notation, columns) for notation in ("numpy", "latex") for columns in (False, True)]
each_way = pytest.mark.parametrize(("notation", "columns"), WAYS)
each_network = pytest.mark.parametrize("network", SOME, ids=lambda n: f"{n.sizes}-{n.loss}")

BINARY = Network((3, 4, 1), hidden="tanh", loss="binary_cross_entropy")
PENALIZED = Network((3, 4, 1), hidden="tanh", loss="binary_cross_entropy", penalty=L2(0.1))


@each_way
@each_network
def test_right_formulas_are_right(network, notation, columns):
    text = text_with(network, (), notation, columns)
    report = check_formulas(network, text)
    assert report.ok, str(report)


@each_way
@each_network
def test_mistakes_are_named_and_corrected(network, notation, columns):
    """Some of them, others in each way; benchmarks/doctor/formulas.py makes all in all networks."""
    start = 4 * WAYS.index((notation, columns))
    for number, slips in enumerate(singles(network)):
        text = text_with(network, slips, notation, columns)
        if number % 18 != start or text is None:
            continue
        report = check_formulas(network, text, learning_rate=learning_rate())
        if report.ok:
            assert displacement(network, slips, 0, intermediates=True) <= 1e-6, slips
            continue
        assert named(report, slips) in ("named", "tied", "otherwise"), (slips, report.codes)
        for mistake in report.mistakes[:1]:
            if mistake.corrected and report.codes == (slips[0].code,):
                assert check_formulas(network, mistake.corrected, draws=1).ok, mistake.corrected


@pytest.mark.parametrize(
    ("formulas", "codes", "corrected"),
    [
        ({"dW2": "A1.T @ (A2 - Y)"}, ("missing_mean",), "dW2 = A1.T @ (A2 - Y) / m"),
        (
            {"dZ1": "(dZ2 @ W2.T) * (1 - Z1**2)"},
            ("activation_derivative_argument",),
            "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)",
        ),
        ({"db1": "dZ1"}, ("bias_not_summed",), "db1 = dZ1.sum(axis=0, keepdims=True)"),
        ({"dW2": "A1 @ dZ2"}, ("missing_transpose",), "dW2 = A1.T @ dZ2"),
        ({"dW2": "A1 * dZ2"}, ("elementwise_product",), "dW2 = A1.T @ dZ2"),
        ({"dZ1": "dA1"}, ("missing_activation_derivative",), "dZ1 = dA1 * (1 - A1**2)"),
        ({"dZ2": "(Y - A2) / m"}, ("sign",), "dZ2 = (A2 - Y) / m"),
        ({"dA1": "dZ2 @ W2"}, ("missing_transpose",), "dA1 = dZ2 @ W2.T"),
        (
            r"\delta_1 = (\delta_2 W_2^T) \odot \sigma(z_1)",
            ("wrong_local_derivative",),
            None,
        ),
        (
            r"\frac{\partial J}{\partial W_2} = A_1^T (\hat{Y} - Y)",
            ("missing_mean",),
            r"\frac{\partial J}{\partial W_2} = \frac{A_1^T (\hat{Y} - Y)}{m}",
        ),
        (
            "dW^{[2]} = dZ^{[2]} A^{[2]T}",
            ("off_by_one_input",),
            "dW^{[2]} = dZ^{[2]} {A^{[1]}}^T",
        ),
    ],
)  # fmt: skip
def test_the_correction_is_in_the_words_of_the_formula(formulas, codes, corrected):
    report = check_formulas(BINARY, formulas)
    assert report.codes == codes
    if corrected is not None:
        assert report.mistakes[0].corrected == corrected


def test_what_follows_from_a_mistake_is_said_to_follow():
    report = check_formulas(
        BINARY, "dZ2 = A2 - Y\ndW2 = A1.T @ dZ2\ndZ1 = (dZ2 @ W2.T) * (1 - A1**2)\ndW1 = X.T @ dZ1"
    )
    assert report.codes == ("missing_mean",)
    assert report["dZ2"].verdict is Verdict.WRONG
    assert [report[name].verdict for name in ("dW2", "dZ1", "dW1")] == [Verdict.FOLLOWS] * 3


def test_the_1_m_may_stand_in_the_weights_and_biases():
    """The convention of Singh's notes: no error, where the intermediates say so themselves."""
    text = (
        "dZ2 = A2 - Y\ndW2 = A1.T @ dZ2 / m\ndZ1 = (dZ2 @ W2.T) * (1 - A1**2)\ndW1 = X.T @ dZ1 / m"
    )
    report = check_formulas(BINARY, text)
    assert report.ok
    assert report["dZ2"].verdict is Verdict.CONVENTION


@pytest.mark.parametrize(
    ("layout", "text"),
    [
        ("rows", "Z1 = X @ W1 + b1\ndW1 = X.T @ dZ1"),
        ("columns", "Z1 = W1 @ X + b1\ndW1 = dZ1 @ X.T"),
        ("columns_transposed", "Z1 = W1.T @ X + b1\ndW1 = X @ dZ1.T"),
        ("rows_transposed", "Z1 = X @ W1.T + b1\ndW1 = dZ1.T @ X\ndA1 = dZ2 @ W2"),
    ],
)
def test_the_layout_is_found_out(layout, text):
    report = check_formulas(BINARY, text)
    assert report.ok
    assert report.notes == check_formulas(BINARY, text, layout=layout).notes


def test_formulas_may_come_in_any_order_and_name_things():
    formulas = {"dW1": "X.T @ dZ1", "dZ1": "(E @ W2.T / m) * (1 - A1**2)", "E": "A2 - Y"}
    assert check_formulas(BINARY, formulas).ok
    report = check_formulas(BINARY, {**formulas, "E": "Y - A2"})
    assert report.codes == ("sign",)
    assert report["dZ1"].verdict is Verdict.WRONG


def test_updates_and_weights_that_are_updated_too_early():
    text = "dW2 = A1.T @ (A2 - Y) / m\nW2 = W2 - eta * dW2\ndA1 = (A2 - Y) / m @ W2.T"
    report = check_formulas(BINARY, text)
    assert report.codes == ("updated_weights",)
    assert report["new_W2"].verdict is Verdict.RIGHT
    assert check_formulas(BINARY, "W2 = W2 + eta * dW2").codes == ("wrong_update",)


def test_the_forward_pass_is_checked_too():
    assert check_formulas(
        BINARY, "Z1 = X @ W1 + b1\nA1 = np.tanh(Z1)\nA2 = sigmoid(A1 @ W2 + b2)"
    ).ok
    report = check_formulas(BINARY, {"Z2": "X @ W2 + b2", "dW2": "A1.T @ dZ2"})
    assert report["Z2"].verdict is Verdict.WRONG
    assert report["dW2"].verdict is Verdict.RIGHT
    cost = "J = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m"
    assert check_formulas(BINARY, cost).ok
    assert check_formulas(
        PENALIZED, f"{cost} + lam / 2 * np.sum(W1**2) + lam / 2 * np.sum(W2**2)"
    ).ok


def test_a_formula_for_every_layer():
    network = Network((3, 4, 5, 2), hidden=("tanh", "relu"), output="identity")
    text = (
        "dZ[3] = (A[3] - Y) / m\ndZ[l] = (dZ[l + 1] @ W[l + 1].T) * g_prime(Z[l])\n"
        "dW[l] = A[l - 1].T @ dZ[l]\n"
    )
    report = check_formulas(network, text)
    assert report.ok, str(report)
    assert {f.quantity for f in report.findings if f.given} >= {
        "dZ3",
        "dZ2",
        "dZ1",
        "dW3",
        "dW2",
        "dW1",
    }


@pytest.mark.parametrize(
    ("formulas", "message"),
    [
        ("", "there is no formula"),
        ({}, "there is no formula"),
        ({"dW2": ""}, "is not one expression"),
        ({"dW2": "A1.T @"}, "is not Python"),
        ({"q": "A1 + 1"}, "none of the formulas gives a gradient"),
        (r"dW_2 = \foo", "not understood"),
    ],
)
def test_what_cannot_be_read_is_an_error_of_one_line(formulas, message):
    with pytest.raises(FormulaError, match=message) as caught:
        check_formulas(BINARY, formulas)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"layout": "diagonal"}, {"notation": "words"}, {"draws": 0}, {"draws": True}]
)
def test_bad_options(options):
    with pytest.raises(ParameterError):
        check_formulas(BINARY, {"dW2": "dZ2"}, **options)


def test_bad_formulas():
    for formulas in (3, {"dW2": np.ones(3)}, ["dW2"]):
        with pytest.raises(ParameterError):
            check_formulas(BINARY, formulas)


def test_a_formula_without_a_value_is_not_called_wrong():
    report = check_formulas(BINARY, {"dW2": "A1.T @ Q", "dZ2": "(A2 - Y) / m"})
    assert report["dW2"].verdict is Verdict.UNREADABLE
    assert report.exit_code == 2
