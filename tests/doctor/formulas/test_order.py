"""Tests of chainrule.doctor.formulas.order: programs have an order, texts have none."""

import pytest

from chainrule.doctor import check_text

FORWARD = """
Z1 = X @ W1 + b1
A1 = np.tanh(Z1)
Z2 = A1 @ W2 + b2
A2 = sigmoid(Z2)
J = -np.mean(np.sum(Y*np.log(A2) + (1-Y)*np.log(1-A2), axis=1))
"""
OUTPUT = """
dZ2 = (A2 - Y) / m
dW2 = A1.T @ dZ2
"""
UPDATE = "W2 -= eta * dW2\n"
HIDDEN = """
dZ1 = (dZ2 @ W2.T) * (1 - A1**2)
dW1 = X.T @ dZ1
"""


@pytest.mark.parametrize("update", [UPDATE, "W2 = W2 - eta * dW2\n"])
def test_a_program_that_updates_too_early(update):
    report = check_text(FORWARD + OUTPUT + update + HIDDEN, "numpy")
    assert report.codes == ("updated_weights",)
    [mistake] = report.mistakes
    assert mistake.place == "dZ1"
    assert mistake.corrected == "dZ1 = (dZ2 @ W2.T) * (1 - A1**2)"
    assert "through W2 after its update" in mistake.sentence
    assert report.exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        FORWARD + OUTPUT + HIDDEN + UPDATE,
        FORWARD + OUTPUT + UPDATE + FORWARD + OUTPUT + HIDDEN,  # a second step
        FORWARD + OUTPUT + "W1 -= eta * dW1\n" + HIDDEN,  # it does not go through W1
        FORWARD + OUTPUT + "dA1 = dZ2 @ W2.T\n" + UPDATE + "dZ1 = dA1 * (1 - A1**2)\n",
    ],
)
def test_programs_in_a_right_order(text):
    assert check_text(text, "numpy").ok


def test_a_slip_of_its_own_comes_first():
    wrong = HIDDEN.replace("A1**2", "Z1**2")
    report = check_text(FORWARD + OUTPUT + UPDATE + wrong, "numpy")
    assert report.codes == ("activation_derivative_argument",)


def test_a_text_has_no_order():
    text = r"""
    $Z_1 = X W_1 + b_1$, $A_1 = \tanh(Z_1)$, $Z_2 = A_1 W_2 + b_2$, $A_2 = \sigma(Z_2)$,
    $dZ_2 = \frac{1}{m} (A_2 - Y)$, $W_2 \leftarrow W_2 - \eta A_1^T dZ_2$,
    $dZ_1 = dZ_2 W_2^T \odot (1 - A_1^2)$
    """
    assert check_text(text).ok
