"""Hostile formulas are refused in bounded time and memory, in one line; nothing else ever comes out."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chainrule import L2, Network
from chainrule.doctor import check_document, check_formulas, check_text
from chainrule.doctor.formulas.document import find_blocks
from chainrule.doctor.formulas.equations import read_latex
from chainrule.doctor.formulas.evaluate import Meaning, evaluate
from chainrule.doctor.formulas.ground import Ground
from chainrule.doctor.formulas.numpy_reader import read_numpy, read_numpy_expression
from chainrule.doctor.formulas.tree import Add, Name, Negate
from chainrule.errors import ChainruleError, FormulaError

NETWORK = Network((3, 4, 2), hidden="tanh", loss="binary_cross_entropy", penalty=L2(0.1))
SECONDS = 10.0  # of one core: bounded is what is meant, and machines differ

NUMPY = {
    "deep brackets": "(" * 5000 + "1" + ")" * 5000,
    "deep minus": "-" * 5000 + "1",
    "deep powers": "2" + "**2" * 3000,
    "long sum": "+".join(["A1"] * 5000),
    "huge": "A1" * 100_000,
    "enormous exponent": "9**9**9**9**9**9",
    "enormous number": "1" * 5000,
    "enormous float": "1e999999999",
    "enormous ones": "np.ones((10**9, 10**9))",
    "null byte": "A1\0",
    "surrogate": "A1 + \ud800",
    "attribute": "A1.__class__.__mro__[1].__subclasses__()",
    "import": "__import__('os').system('true')",
    "comprehension": "[0 for _ in range(10**12)]",
    "lambda": "(lambda: (lambda: 1)())()",
    "nested calls": "np.exp(" * 200 + "A1" + ")" * 200,
    "subscripts": "A1" + "[None]" * 3000,
    "transposes": "A1" + ".T" * 3000,
    "string": "'a' * 10**12",
}
LATEX = {
    "deep braces": "a = " + "{" * 3000 + "b" + "}" * 3000,
    "deep fractions": "a = " + r"\frac{1}{" * 3000 + "b" + "}" * 3000,
    "deep accents": "a = " + r"\hat" * 1000 + " b",
    "deep fonts": "a = " + r"\mathbf " * 900 + "b",
    "deep scripts": "a = b" + "^{a" * 500 + "}" * 500,
    "primes": "a = g" + "'" * 3000 + "(z)",
    "long": "a = " + "b + " * 100_000 + "b",
    "long product": "a = " + "b " * 1900,
    "many sums": "a = " + r"\sum_i " * 600 + "b",
    "many norms": "a = " + r"\|" * 999 + "b",
    "enormous exponent": "dW_2 = 9^{9^{9^{9^{9}}}} W_2",
    "enormous layer": "dW_{99999999999999} = A_{99999999}",
    "no end": "a = \\left(" * 300,
    "many equalities": " = ".join(["a_1"] * 1500),
    "rows": "a = b \\\\" * 3000,
}


DOCUMENTS = {
    "comments that do not end": "<!-- " * 100_000,
    "environments that do not end": r"\begin{align} " * 50_000,
    "displays of all kinds that do not end": r"\begin{gather} $$ \[ \( " * 20_000,
    "one long line of percents": "%" * 500_000,
    "ticks": "`a " * 200_000,
    "dollars": "$a " * 200_000,
    "empty lines in dollars": "$a" + "\n" * 200_000,
    "commands defined by each other": r"\newcommand{\a}{\b\b} \newcommand{\b}{\a\a} $\a = 1$",
    "commands that grow": "".join(
        rf"\newcommand{{\{x}}}{{\{y}\{y}}}" for x, y in zip("abcdefghi", "bcdefghij", strict=True)
    )
    + r"\def\j{1234567890123456789} $\a = \a\a\a\a\a\a\a\a\a$",
    "commands that do not end": r"\newcommand{\W}{" * 20_000,
    "braces below that do not end": "$$ a = " + r"\underbrace{ " * 10_000 + "$$",
    "cases that do not end": "$$ a = " + r"\begin{cases} " * 10_000 + "$$",
    "a wide sum of matrices": "$dZ_1 = " + " + ".join(["A_1 W_2 Z_1 dZ_2"] * 60) + "$",
    "a wide sum with indices": r"$\delta_j^l = "
    + " + ".join([r"\sum_k w_{kj}^{l+1} \delta_k^{l+1} a_i^l z_p^l a_q^l a_r^l a_s^l"] * 10)
    + "$",
    "the same formula again": "$dW_1 = dZ_1 X$ " * 3000,
    "one run of ticks": "`" * 100_000,
    "runs of ticks of all lengths": " ".join("`" * (k % 300 + 1) for k in range(3000)),
    "one run of tildes": "~" * 100_000,
    "fences of all lengths": "\n".join("~" * k for k in range(1000, 3, -1)),
    "spaces in a definition": "\\newcommand" + " " * 100_000 + "x",
    "spaces in a row": "$a = b\\\\" + " " * 100_000 + "c$",
    "spaces in a name": "$W^" + " " * 100_000 + "x = 1$",
    "spaces beside a formula": "$a = b, " + " " * 100_000 + "!$",
    "words that do not end": r"$a = b \text{" + "a " * 50_000 + "$",
    "brackets that do not end": "$a = b" + r"\\[" * 50_000 + "$",
    "braces in braces": "$a = " + (r"\underbrace{" * 300 + "x" + "}" * 300) * 30 + "$",
    "commands that grow in every formula": r"\newcommand{\a}{"
    + "x" * 3000
    + r"}"
    + r"$\a = \a \a$ " * 3000,
    "many formulas": " ".join(f"$a_{{{k}}} = {k} b$" for k in range(6000)),
}


def refused(function, *arguments):
    """Return the message of the FormulaError that a call raises, and what it returns otherwise."""
    began = time.process_time()
    try:
        result, message = function(*arguments), None
    except FormulaError as error:
        result, message = None, str(error)
    seconds = time.process_time() - began
    assert seconds < SECONDS
    assert message is None or "\n" not in message
    assert message is None or len(message) < 400
    return message, result


@pytest.mark.parametrize("name", NUMPY)
def test_hostile_numpy(name):
    def value(text):
        return evaluate(read_numpy_expression(text), Meaning({"A1": np.ones((5, 4))}))

    message, result = refused(value, NUMPY[name])
    # What is only large is infinite, and is said to be wrong by whoever compares it.
    assert message or not np.isfinite(result).all()


@pytest.mark.parametrize("name", LATEX)
def test_hostile_latex(name):
    message, report = refused(check_text, f"$${LATEX[name]}$$")
    assert message or report.exit_code in (0, 1, 2)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_hostile_documents(name):
    message, report = refused(check_text, DOCUMENTS[name])
    assert message or report.exit_code in (0, 1, 2)


def test_a_network_that_is_too_deep_is_refused_before_anything_is_tried(monkeypatch):
    tried = []
    monkeypatch.setattr(Ground, "trials", lambda *arguments, **named: tried.append(arguments))
    text = "\n".join(f"$$dW_{{{k}}} = A_{{{k - 1}}}^T dZ_{{{k}}}$$" for k in range(1, 241))
    with pytest.raises(FormulaError, match="layers: at most 8 are understood"):
        check_text(text)
    assert not tried


def test_a_long_sum_in_a_document():
    assert (
        "operations in a row" in refused(check_text, "dW1 = " + "+".join(["A1"] * 900), "numpy")[0]
    )
    assert refused(check_text, "dW1 = " + "+".join(["A1"] * 40), "numpy")[0] is None


def test_hostile_files(tmp_path):
    file = tmp_path / "notes.md"
    file.write_bytes(b"\xef\xbb\xbf# A title\r\n\r\n$dZ_2 = A_2 - Y$\r\r$dW_2 = A_1^T dZ_2$")
    assert [finding.line for finding in check_document(file).findings] == [3, 5]
    for content, message in (
        (b"\xff\xfe$a$", "UTF-8"),
        (b"x" * 9_000_000, "larger"),
        (b"", "no formula"),
    ):
        file.write_bytes(content)
        with pytest.raises(ChainruleError, match=message):
            check_document(file)
    for path, message in ((tmp_path, "cannot be read"), (tmp_path / "none.md", "no such file")):
        with pytest.raises(ChainruleError, match=message):
            check_document(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device here")
def test_a_device_without_an_end():
    with pytest.raises(ChainruleError, match="a device"):
        check_document("/dev/zero")


def test_what_cannot_be_printed_is_not():
    [finding] = check_text("$dZ_2 = \x1b[31m A_2 \u202e$").findings
    assert finding.source.isprintable()


def nested(levels):
    node = Name("A")
    for _ in range(levels):
        node = Negate(node)
    return node


def test_a_tree_is_bounded_however_it_is_built():
    assert nested(50).levels == 51
    assert "levels deep" in refused(nested, 100)[0]
    assert "parts" in refused(Add, (Name("A"),) * 5000)[0]


def test_a_value_is_bounded():
    long = Meaning({"p": np.ones((4000, 1)), "q": np.ones((1, 4000))})
    for text in ("p @ q", "p * q", "p + q"):
        with pytest.raises(FormulaError, match="too large"):
            evaluate(read_numpy_expression(text), long)


LATEX_PIECES = r"""
\frac{ \partial J W_2 A_1 ^T ^{T} _{i} _1 ^2 { } ( ) [ ] \sum \sum_{i=1}^{m} \odot \cdot = + - / *
' \sigma g f(z) \hat{y} \hat Y \delta \delta^l_j \left( \right) \| \lambda \theta \text{cost} \mathbf{1}
, ; & \\ d m 1 2 0 0.5 \nabla \nabla_{W} \in \mathbb{R} \log \exp e^{ \top \prime \begin{aligned}
\end{aligned} $ x Z_2 a^{l-1} \leftarrow \eta \quad ~ % y^{(i)} z^{[1](i)} \mathcal{L} |
"""
NUMPY_PIECES = """
dW2 = A1 .T @ ( ) - Y A2 / m * ** 2 np.sum( axis=0 , dZ2 W2 lam [ ] None : np.exp( sigmoid( 0.5 X
.shape[0] if else lambda for in . and not > < == ; # ' " import
"""
pieces = st.sampled_from(LATEX_PIECES.split())


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=25).map(" ".join))
@example(r"dW_2 = A_1 ^ T _ { ^ 2")
@example(r"\sum = \sum_{i=1}^{m}")
def test_latex_from_its_own_pieces(text):
    for formula in read_latex(text):
        assert formula.source is not None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(pieces, min_size=1, max_size=12).map(" ".join),
    st.sampled_from(["dZ_2 =", "dW_1 =", "J =", ""]),
)
def test_documents_from_the_same_pieces(text, start):
    message, report = refused(check_text, f"$${start} {text}$$")
    assert message or report.exit_code in (0, 1, 2)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_document(text):
    assert all(block.line >= 1 for block in find_blocks(text))
    for formula in read_latex(text):
        assert formula.line >= 1


numpy_pieces = st.sampled_from([*NUMPY_PIECES.split(), "\n", " "])


@settings(max_examples=200, deadline=None)
@given(st.lists(numpy_pieces, max_size=20).map(" ".join))
def test_numpy_notation_from_its_own_pieces(text):
    message, formulas = refused(read_numpy, text)
    assert message or all(formula.source for formula in formulas)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["dW2", "dZ1", "db2"]),
    st.lists(
        st.sampled_from(["A1", "A1.T", "dZ2", "W2.T", "Y", "(A2 - Y)", "m", "lam * W2", "2", "Z1"]),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([" @ ", " * ", " + ", " / "]),
)
def test_any_formula_gets_a_report(target, parts, sign):
    report = check_formulas(NETWORK, {target: sign.join(parts)}, draws=1)
    assert report.exit_code in (0, 1, 2)
    assert str(report)
    assert report.to_markdown()
