"""The five lecture notes, as they are written: every slip is found, and no right formula accused."""

from pathlib import Path

import pytest

from chainrule.doctor import Verdict, check_document, check_text

NOTES = Path(__file__).parent / "notes"
FINE = (Verdict.RIGHT, Verdict.CONVENTION, Verdict.NOT_GIVEN)

# By note: the conventions that it follows, and its slips, each as a piece of the formula and its codes.
EXPECTED = {
    "binary_classification": (
        ("one column is one observation, Z = W A + b", "hidden tanh"),
        [
            (r"{\partial w_2} = (A_2 - Y) a_1^T", ["missing_mean"]),
            (r"{\partial b_2} = A_2 - Y", ["bias_not_summed", "missing_mean"]),
            (
                r"{\partial w_1} = \frac{\partial J}{\partial z_1}",
                ["missing_mean", "wrong_shape_note"],
            ),
            (
                r"{\partial b_1} = \frac{\partial J}{\partial z_1}",
                ["bias_not_summed", "missing_mean"],
            ),
        ],
    ),
    "singh": (
        (
            "one row is one observation, Z = A W + b",
            "dZ and dA are m times the derivatives of the mean, and the 1/m stands in dW and db",
        ),
        [
            (r"$\beta_1 \in \mathbb{R}^{n_1 \times 1}", ["wrong_shape_note"]),
            (r"$\beta_2 \in \mathbb{R}^{n_2 \times 1}", ["wrong_shape_note"]),
            (r"\partial \beta_1} \in \mathbb{R}^{n_1 \times 1}", ["wrong_shape_note"]),
            (
                r"dW_2 = \frac{1}{m} A_1^T dZ_2, \quad dB_2 = \frac{1}{m} \sum dZ_2$$",
                ["symbol_clash"],
            ),
        ],
    ),
    "mehmet": (
        (
            "one row is one observation, Z = A W + b",
            "the cost is a sum over the observations",
            "loss half_squared_error, output sigmoid",
        ),
        [(r"\frac{\partial \sigma}{\partial b} \frac{\partial b}{\partial x}", ["symbol_clash"])],
    ),
    "forward_and_back": (
        (
            "one column is one observation, Z = Wᵀ A + b",
            "the formulas are for one observation",
            "loss half_squared_error, output softmax",
        ),
        [
            (r"a^{[1]} = \sigma(z^{[0]})", ["off_by_one_input"]),
            (r"(\hat{y}_j - \hat{y}_j)^2", ["degenerate_cost"]),
            (r"\frac{\partial a_i}{\partial z_j}", ["symbol_clash"]),
            (r"= y_j - a_j", ["sign"]),
            (r"= \frac{1}{2} (y_j - a_j)", ["sign", "factor"]),
            (r"= y_j + a_j", ["sign"]),
            (r"= (1 - \sigma(z_j)) \sigma(z_j)", ["wrong_local_derivative"]),
            (r"\delta_j^L = (a_j - y_j) \sigma'(z_j)", ["softmax_diagonal"]),
        ],
    ),
    "col_865": (
        (
            "one column is one observation, Z = Wᵀ A + b",
            "the formulas are for one observation",
            "a constant 0.5 in front of it",
            "penalty λ‖θ‖² over weights and biases",
        ),
        [
            (r"J(\theta) = L(\hat{y}, y; \theta)", ["factor"]),
            (r"W^{(k)T} \hat{x}^{(k)} + b^{(k)}", ["off_by_one_input"]),
            (r"\nabla_{z^{(k)}} J \cdot (\hat{x}^{(k-1)})^T", ["penalty_missing"]),
            (r"\nabla_{b^{(k)}} J = \nabla_{z^{(k)}} J", ["penalty_missing"]),
            (r"\cdot g^{(k)\prime}(z^{(k)})^T", ["wrong_local_derivative", "penalty_missing"]),
            (r"J = W^{(k)T} \nabla_{z^{(k)}} J", ["missing_transpose"]),
        ],
    ),
}


@pytest.fixture(scope="module", params=EXPECTED)
def note(request):
    path = NOTES / f"{request.param}.md"
    return path.read_text("utf-8").splitlines(), check_document(path), *EXPECTED[request.param]


def test_the_conventions_are_stated(note):
    _, report, conventions, _ = note
    assert set(conventions) <= set(report.conventions)


def test_every_slip_is_found_and_named(note):
    lines, report, _, slips = note
    wanted = sorted((number_of(lines, piece), codes) for piece, codes in slips)
    found = [(f.line, list(f.codes)) for f in report.findings if f.verdict is Verdict.WRONG]
    assert found == wanted


def test_no_right_formula_is_accused_and_all_are_read(note):
    _, report, _, _ = note
    others = [f for f in report.findings if f.verdict is not Verdict.WRONG]
    # In the fourth note the matrix form of δ^L repeats the slip that was made element by element.
    allowed = (*FINE, Verdict.FOLLOWS)
    assert [(f.line, f.verdict) for f in others if f.verdict not in allowed] == []
    assert sum(f.verdict is Verdict.FOLLOWS for f in others) <= 1
    assert report.exit_code == 1


def test_every_correction_can_be_read_and_holds(note):
    """In the place of the formula it corrects, under the conventions of the note."""
    lines, report, _, _ = note
    for finding in report.findings:
        for mistake in finding.mistakes:
            if not mistake.corrected:
                continue
            text = "\n".join(lines).replace(finding.source, mistake.corrected)
            again = check_text(text)
            changed = [f for f in again.findings if f.line == finding.line]
            still = [f.source for f in changed if mistake.code in f.codes]
            assert still == [], mistake.corrected


def number_of(lines, piece):
    [number] = [number for number, line in enumerate(lines, start=1) if piece in line]
    return number
