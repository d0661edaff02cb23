"""No accusation without evidence: what rests on a doubtful reading is not read."""

import pytest

from chainrule.doctor import Verdict, check_text
from chainrule.doctor.formulas.equations import read_latex
from chainrule.doctor.formulas.letters import layers_by_letters

FORWARD = (
    r"$z_1 = W_1 x + b_1$, $a_1 = \tanh(z_1)$, $z_2 = W_2 a_1 + b_2$, $\hat{y} = \sigma(z_2)$, "
)


def last(text, **told):
    return check_text(text, **told).findings[-1]


def test_what_no_mistake_explains_needs_a_document_that_is_understood():
    strange = r"$\frac{\partial J}{\partial z_2} = \hat{y}^3 - e^{y}$"
    alone = last(strange)
    assert alone.verdict is Verdict.UNREADABLE
    assert "--layout" in alone.note
    assert last(FORWARD + strange).verdict is Verdict.UNREADABLE  # y is in no formula that holds
    known = r"$\frac{\partial J}{\partial W_2} = (\hat{y} - y) a_1^T$, "
    assert last(FORWARD + known + strange).codes == ("unknown",)


def test_where_all_is_declared_there_is_no_doubt():
    strange = r"$\frac{\partial J}{\partial z_2} = \hat{y}^3 - e^{y}$"
    told = {"layout": "columns", "loss": "binary_cross_entropy", "output": "sigmoid"}
    assert last(strange, **told).codes == ("unknown",)


def test_what_is_computed_from_an_own_name_that_nothing_confirms_is_not_accused():
    found = last(FORWARD + r"$q = y - 2 \hat{y}$, $\frac{\partial J}{\partial W_2} = q a_1^T$")
    assert found.verdict is Verdict.UNREADABLE
    assert "q" in found.note


@pytest.mark.parametrize(
    "formula",
    [
        r"\sigma'(u) = \sigma(u) (1 - \sigma(u))",
        r"f(u) = \max(0, u)",
        r"f'(u) = \begin{cases} 1 & u > 0 \\ 0 & u \le 0 \end{cases}",
    ],
)
def test_a_statement_about_an_activation_may_have_any_letter(formula):
    assert last(f"{FORWARD} ${formula}$").verdict is Verdict.CONVENTION


def test_differentials_are_no_derivatives():
    for formula in (r"dZ_1 = dW_1\, X + db_1", r"dA_1 = \tanh'(Z_1) \odot dZ_1"):
        found = last(f"$Z_1 = W_1 X + b_1$, $A_1 = \\tanh(Z_1)$, ${formula}$")
        assert found.verdict is Verdict.UNREADABLE
        assert "differential" in found.note


def test_delta_may_be_minus_the_derivative_where_the_weights_confirm_it():
    text = FORWARD + r"$\delta_2 = y - \hat{y}$, $\delta_1 = W_2^T \delta_2 \odot (1 - a_1^2)$"
    assert check_text(text).codes == ("sign",)
    rest = r", $W_2 \leftarrow W_2 + \eta\, \delta_2 a_1^T$, $W_1 \leftarrow W_1 + \eta\, \delta_1 x^T$"
    report = check_text(text + rest)
    assert report.codes == ()
    assert "δ is minus the derivative" in report.conventions
    wrong = check_text(text + rest.replace(r"\delta_1 x^T", r"\delta_1 a_1^T"))
    assert wrong.codes == ("wrong_update",)


def test_layers_that_go_by_letters():
    found = layers_by_letters(read_latex(r"h = \tanh(W x + b) \\ s = V h + c"))
    roles = {letter: (symbol, str(layer)) for letter, (symbol, layer) in found.items()}
    assert roles == {
        "W": ("W", "1"),
        "b": ("b", "1"),
        "h": ("A", "1"),
        "V": ("W", "2"),
        "c": ("b", "2"),
        "s": ("Z", "2"),
    }
    assert layers_by_letters(read_latex(r"h = \tanh(W_1 x + b_1) \\ s = W_2 h + b_2")) == {}
