"""Documents as people write them: right ones are not accused, and each slip in them is named."""

import pytest

from chainrule.doctor import Verdict, check_text
from chainrule.doctor.formulas.document import find_blocks

BP = r"""
$a^l_j = \sigma\left( \sum_k w^l_{jk} a^{l-1}_k + b^l_j \right)$
and $z^l = w^l a^{l-1} + b^l$, $a^l = \sigma(z^l)$.
$$C = \frac{1}{2} \sum_j (y_j - a^L_j)^2$$
\begin{eqnarray}
  \delta^L_j = \frac{\partial C}{\partial a^L_j} \sigma'(z^L_j) \tag{BP1}
\end{eqnarray}
$$\delta^L = \nabla_a C \odot \sigma'(z^L)$$
$$\delta^L = (a^L-y) \odot \sigma'(z^L).$$
$$\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l) \tag{BP2}$$
$$\frac{\partial C}{\partial b^l_j} = \delta^l_j, \quad
\frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j$$
$$\delta^l_j = \sum_k w^{l+1}_{kj} \delta^{l+1}_k \sigma'(z^l_j)$$
"""
COURSE = r"""
```math
\begin{aligned}
Z^{[1]} &= W^{[1]} X + b^{[1]} \\ A^{[1]} &= g^{[1]}(Z^{[1]}) \\
Z^{[2]} &= W^{[2]} A^{[1]} + b^{[2]} \\ A^{[2]} &= \sigma(Z^{[2]}) \\
dZ^{[2]} &= A^{[2]} - Y \\
dW^{[2]} &= \frac{1}{m} dZ^{[2]} A^{[1]^T} \\
db^{[2]} &= \frac{1}{m} np.sum(dZ^{[2]}, axis=1, keepdims=True) \\
dZ^{[1]} &= W^{[2]T} dZ^{[2]} * g^{[1]'}(Z^{[1]}) \\
dW^{[1]} &= \frac{1}{m} dZ^{[1]} X^{T} \\
db^{[1]} &= \frac{1}{m} \sum_{i} dZ^{[1](i)}
\end{aligned}
```
Then $W^{[1]} := W^{[1]} - \alpha \, dW^{[1]}$ for $l = 1, \dots, L$.
$$dZ^{[l]} = dA^{[l]} * g^{[l]'}(Z^{[l]}), \quad dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}$$
$$dA^{[l-1]} = W^{[l]T} dZ^{[l]}$$
$$J = \frac{1}{m} \sum_{i=1}^m \mathcal{L}(\hat{y}^{(i)}, y^{(i)})$$
"""
ROWS = r"""
$Z_1 = X W_1 + b_1$, $A_1 = \tanh(Z_1)$, $Z_2 = A_1 W_2 + b_2$, $\hat{Y} = \operatorname{softmax}(Z_2)$
$$\frac{\partial J}{\partial Z_2} = \frac{1}{m} (\hat{Y} - Y)$$
$$\frac{\partial J}{\partial W_2} = A_1^\top \frac{\partial J}{\partial Z_2} + \lambda W_2$$
$$\frac{\partial J}{\partial A_1} = \frac{\partial J}{\partial Z_2} W_2^\top$$
$$\frac{\partial J}{\partial Z_1} = \frac{\partial J}{\partial A_1} \odot (1 - A_1^2)$$
$$\frac{\partial J}{\partial W_1} = X^\top \frac{\partial J}{\partial Z_1} + \lambda W_1$$
$$\frac{\partial J}{\partial b_1} = \sum_{i=1}^{m} \frac{\partial J}{\partial Z_1}$$
"""
MARKDOWN = """# A title

`$a = b$`

```python
$c = d$
```
<!-- $e = f$ -->
$g = h$ and \\$5

$$
i = j
$$
"""
LATEX = r"""a % $b = c$
\begin{verbatim}
$d = e$
\end{verbatim}
\(f = g\) \[h = i\]
\begin{align*}
j &= k
\end{align*}
"""
FINE = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.NOT_GIVEN)


@pytest.mark.parametrize("text", [BP, COURSE, ROWS], ids=["BP", "course", "rows"])
def test_right_documents_are_right(text):
    report = check_text(text)
    assert [f.source for f in report.findings if f.verdict not in FINE] == []
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("text", "old", "new", "code"),
    [
        (BP, r"(a^L-y)", r"(y-a^L)", "sign"),
        (BP, r"((w^{l+1})^T \delta", r"(w^{l+1} \delta", "missing_transpose"),
        (BP, r"a^{l-1}_k \delta^l_j", r"a^{l}_k \delta^l_j", "off_by_one_input"),
        (BP, r"(a^L-y) \odot \sigma'(z", r"(a^L-y) \odot \sigma'(a", "activation_derivative_argument"),
        (BP, r"(a^L-y) \odot \sigma'(z^L)", r"a^L-y", "missing_activation_derivative"),
        (BP, r"\delta^L = \nabla_a C", r"\delta^L = 2 \nabla_a C", "factor"),
        (COURSE, r"\frac{1}{m} dZ^{[1]} X^{T}", r"dZ^{[1]} X^{T}", "missing_mean"),
        (COURSE, r"\frac{1}{m} \sum_{i} dZ^{[1](i)}", r"\frac{1}{m} dZ^{[1]}", "bias_not_summed"),
        (COURSE, r"dA^{[l-1]} = W^{[l]T}", r"dA^{[l-1]} = W^{[l]}", "missing_transpose"),
        (COURSE, r"W^{[1]} - \alpha", r"W^{[1]} + \alpha", "wrong_update"),
        (COURSE, r"dZ^{[l]} A^{[l-1]T}", r"dZ^{[l]} A^{[l]T}", "off_by_one_input"),
        (ROWS, r"\odot (1 - A_1^2)", r"\odot (1 - Z_1^2)", "activation_derivative_argument"),
        (ROWS, r"\odot (1 - A_1^2)", "", "missing_activation_derivative"),
        (ROWS, r"{\partial Z_2} W_2^\top", r"{\partial Z_2} W_1^\top", "wrong_weights"),
        (ROWS, r"+ \lambda W_2", r"- \lambda W_2", "penalty_sign"),
        (ROWS, r"+ \lambda W_2", r"+ 2 \lambda W_2", "penalty_factor"),
        (ROWS, r"+ \lambda W_1", r"+ \lambda W_2", "penalty_wrong_layer"),
        (ROWS, r"+ \lambda W_1", "", "penalty_missing"),
        (ROWS, r"A_1^\top \frac", r"A_1 \frac", "missing_transpose"),
        (ROWS, r"\sum_{i=1}^{m} \frac", r"\frac{1}{m} \sum_{i=1}^{m} \frac", "bias_mean_for_sum"),
    ],
)  # fmt: skip
def test_a_slip_is_named(text, old, new, code):
    assert text.count(old) == 1
    report = check_text(text.replace(old, new))
    wrong = [f for f in report.findings if f.verdict is Verdict.WRONG]
    assert [f.codes for f in wrong] == [(code,)], str(report)
    assert report.exit_code == 1


def test_what_is_told_is_not_found_out():
    text = r"$dZ_2 = A_2 - Y$, $dW_2 = A_1^T dZ_2$"
    assert check_text(text).ok
    assert check_text(text, reduction="mean").codes == ("missing_mean",)
    squared = check_text(text, reduction="sum", output="sigmoid", loss="half_squared_error")
    assert squared.findings[0].verdict is Verdict.WRONG


def test_only_the_diagonal_of_softmax():
    forward = r"$\hat{y} = \mathrm{softmax}(z)$"
    slope = r"$\frac{\partial \hat{y}_j}{\partial z_k} = \hat{y}_j (1 - \hat{y}_j)$"
    assert check_text(f"{forward}, {slope}").codes == ("softmax_diagonal",)


def test_formulas_are_found_with_their_lines():
    found = [(block.text.strip(), block.line) for block in find_blocks(MARKDOWN)]
    assert found == [("g = h", 9), ("i = j", 11)]
    found = [(block.text.strip(), block.line) for block in find_blocks(LATEX, latex=True)]
    assert found == [("f = g", 5), ("h = i", 5), ("j &= k", 6)]


def test_reports():
    report = check_text(ROWS.replace("- Y)", "+ Y)"), title="rows.md")
    assert "rows.md" in str(report)
    assert "| 3 | `" in report.to_markdown()
    assert report.to_dict()["findings"][0]["line"] == 2
    assert report.headline.startswith("10 formulas")
