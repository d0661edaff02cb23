"""The formulas on rows: they say what the functions beside them compute, and nothing else is read."""

import numpy as np
import pytest

from chainrule.errors import FormulaError
from chainrule.nn import ACTIVATIONS, LOSSES
from chainrule.nn.texts import check_text, evaluated, letters_of, parsed
from helpers.cases import random_targets

H = 1e-30
RNG = np.random.RandomState(3)
Z = RNG.normal(0, 1.5, (7, 4))
DA = RNG.normal(size=(7, 4))
FUSED = [loss.name for loss in LOSSES.values() if loss.logit_derivative is not None]
close = {"rtol": 1e-13, "atol": 1e-15}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_text_of_an_activation(name):
    g = ACTIVATIONS[name]
    np.testing.assert_allclose(evaluated(g.formula, z=Z), g.value(Z), **close)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_texts_of_a_derivative(name):
    g = ACTIVATIONS[name]
    A = g.value(Z)
    if not g.is_elementwise:
        product = evaluated(g.product_formula, a=A, da=DA)
        np.testing.assert_allclose(product, g.jacobian_product(Z, A, DA), **close)
        return
    slope = g.value(Z + 1j * H).imag / H
    found = evaluated(g.derivative_formula, z=Z, a=A)
    np.testing.assert_allclose(np.broadcast_to(found, Z.shape), slope, rtol=1e-12, atol=1e-14)
    if g.output_formula is not None:
        np.testing.assert_allclose(evaluated(g.output_formula, a=A), slope, rtol=1e-12)


def case_of(name):
    """Return a loss, outputs that go with it, and targets off the bounds, where the text has 0 log 0."""
    loss = LOSSES[name]
    A = ACTIVATIONS[loss.output or "tanh"].value(Z)
    low, high = loss.target_range
    return loss, A, np.clip(random_targets(name, *Z.shape, 5), low + 1e-3, high - 1e-3)


@pytest.mark.parametrize("name", LOSSES)
def test_the_texts_of_a_loss(name):
    loss, A, Y = case_of(name)
    found = evaluated(loss.formula, a=A, y=Y)[:, 0]
    np.testing.assert_allclose(found, loss.value(A, Y), rtol=1e-12)
    found = evaluated(loss.derivative_formula, a=A, y=Y)
    np.testing.assert_allclose(found, loss.derivative(A, Y), **close)


@pytest.mark.parametrize("name", FUSED)
def test_the_text_of_a_fused_derivative(name):
    loss, A, Y = case_of(name)
    for targets in (Y, 0.7 * Y):  # which is no distribution
        found = evaluated(loss.fused_formula, z=Z, a=A, y=targets)
        np.testing.assert_allclose(
            found, loss.logit_derivative(Z, A, targets), rtol=1e-12, atol=1e-14
        )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("z +", "is no formula"),
        ("z = 1", "is no formula"),
        ("np.exp(z)", "no meaning"),
        ("exponent(z)", "no meaning"),
        ("exp(x=z)", "no meaning"),
        ("z if z > 0 else 0", "no meaning"),
        ("z @ z", "no meaning"),
        ("z < 1", "no meaning"),
        ("'z'", "no meaning"),
        ("True", "no meaning"),
        ("[z]", "no meaning"),
        ("z*y", "letter 'y'"),
    ],
)
def test_what_is_refused(text, why):
    with pytest.raises(FormulaError, match=why):
        check_text(text, ("z", "a"))


def test_the_letters():
    assert letters_of("where(z > 0, 1, exp(a))") == {"z", "a"}
    assert parsed("z") is parsed("z")
    check_text(None, ("z",))
