"""Whole documents that declare nothing: the network is found out, and each slip in them is named.

benchmarks/doctor/formulas.py makes all slips in all networks.
"""

import pytest

from chainrule import L2, Network
from chainrule.doctor import check_text
from helpers.judging import displacement, named, networks, singles
from helpers.typed import document_slips, document_with

NETWORKS = list(networks())
NAMES = {"row": False, "column": True}
each_layout = pytest.mark.parametrize("columns", NAMES.values(), ids=NAMES)
MIXED = Network(
    (3, 4, 5, 2),
    ("silu", "tanh"),
    "sigmoid",
    "half_squared_error",
    penalty=L2(0.3),
    cost_scale=0.25,
)


@each_layout
@pytest.mark.parametrize("network", NETWORKS[::9], ids=lambda n: f"{n.sizes}-{n.loss}-{n.hidden}")
def test_right_documents_are_not_accused(network, columns):
    report = check_text(document_with(network, (), columns))
    assert report.ok, str(report)


def test_what_is_understood_is_what_is_stated():
    report = check_text(document_with(MIXED, (), columns=False))
    understood = "; ".join(report.conventions)
    for part in ("hidden silu, tanh", "output sigmoid", "half_squared_error", "a constant 0.25"):
        assert part in understood
    assert report.ok


@pytest.mark.parametrize(
    "network", [MIXED, NETWORKS[60], NETWORKS[100]], ids=lambda n: str(n.sizes)
)
def test_slips_in_documents_are_named(network):
    for number, slips in enumerate(singles(network)[::6]):
        text = document_with(network, slips, columns=number % 2 == 1)
        # An update that stands before a formula is a mistake in a program, and none in a text.
        if text is None or slips[0].code == "updated_weights":
            continue
        report = check_text(text)
        if report.ok:
            assert displacement(network, slips, 0, intermediates=True) <= 1e-6, slips
            continue
        result = named(report, slips)
        assert result in ("named", "tied", "otherwise"), (slips, report.codes)


@each_layout
@pytest.mark.parametrize("network", [NETWORKS[20], NETWORKS[130]], ids=lambda n: str(n.sizes))
def test_slips_that_only_documents_have(network, columns):
    for slip in document_slips(network):
        report = check_text(document_with(network, (), columns, slip))
        assert report.codes == (slip.code,), (slip, str(report))
        if slip.code != "wrong_shape_note":
            text = document_with(network, (), columns, slip)
            assert check_text(put_right(text, report)).ok, put_right(text, report)


def put_right(text, report):
    """Return the document with its wrong line as the report corrects it."""
    [finding] = [finding for finding in report.findings if finding.mistakes]
    lines = text.splitlines()
    wrong = lines[finding.line - 1]
    right = finding.mistakes[0].corrected
    lines[finding.line - 1] = right.replace(" = ", " &= ", 1) + r" \\" if "&=" in wrong else right
    return "\n".join(lines)


def test_a_constant_that_the_gradients_lack_is_a_slip_in_the_cost():
    text = document_with(Network((3, 4, 2), "tanh", loss="categorical_cross_entropy"))
    wrong = text.replace(r"J = \frac{1}{m}", r"J = 3 \frac{1}{m}")
    assert wrong != text
    report = check_text(wrong)
    assert report.codes == ("factor",)
    assert report.mistakes[0].place == "J"


def test_the_likelihood_of_poisson_may_leave_out_what_y_alone_adds():
    net = Network((3, 4, 2), "tanh", "exponential", "poisson")
    text = document_with(net)
    assert check_text(text).ok
    deviance = text.replace(r"A_2 - Y \log A_2", r"A_2 - Y + Y \log Y - Y \log A_2")
    assert deviance != text
    report = check_text(deviance)
    assert report["J"].verdict != "wrong", str(report)
