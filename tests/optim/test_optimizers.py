"""Every optimizer against its paper's equations, one number at a time, and against scikit-learn's."""

from math import sqrt

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from chainrule.errors import ParameterError
from chainrule.optim import OPTIMIZERS, SGD, Adam, AdamW, Muon, RMSprop

STEPS = 25


def gradients(seed=0, n=6):
    """Draw gradients of sizes from 1e-3 to 1e3, one of them always 0."""
    rng = np.random.RandomState(seed)
    drawn = rng.normal(size=(STEPS, n)) * 10.0 ** rng.randint(-3, 4, (STEPS, n))
    drawn[:, 2] = 0
    return drawn


# The papers, one scalar θ at a time. Each yields θ after every update.


def gradient_descent(theta, slopes, eta):
    for g in slopes:
        theta = theta - eta * g
        yield theta


def classical_momentum(theta, slopes, eta, mu):  # Sutskever et al. 2013, equations 1 and 2
    v = 0.0
    for g in slopes:
        v = mu * v - eta * g
        theta = theta + v
        yield theta


def nesterov(theta, slopes, eta, mu):
    """Sutskever's equations 3 and 4 at φ; Bengio's θ = φ + μ v is where the gradient is taken."""
    phi, v = theta, 0.0
    for g in slopes:  # g is ∇f(φ + μ v)
        v = mu * v - eta * g
        phi = phi + v
        yield phi + mu * v


def rmsprop(theta, slopes, eta, rho, epsilon):
    mean_square = 0.0
    for g in slopes:
        mean_square = rho * mean_square + (1 - rho) * g * g
        theta = theta - eta * g / (sqrt(mean_square) + epsilon)
        yield theta


def adam(theta, slopes, eta, beta_1, beta_2, epsilon, decay=0.0):
    """Kingma and Ba's last paragraph of section 2; with decay, Loshchilov and Hutter's algorithm 2."""
    m = v = 0.0
    for t, g in enumerate(slopes, start=1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        rate = eta * sqrt(1 - beta_2**t) / (1 - beta_1**t)
        theta = theta - rate * m / (sqrt(v) + epsilon) - eta * decay * theta
        yield theta


PAPERS = [
    (SGD(0.03), lambda p, g: gradient_descent(p, g, 0.03)),
    (SGD(0.03, momentum=0.9), lambda p, g: classical_momentum(p, g, 0.03, 0.9)),
    (SGD(0.03, momentum=1.0), lambda p, g: classical_momentum(p, g, 0.03, 1.0)),
    (SGD(0.03, momentum=0.8, nesterov=True), lambda p, g: nesterov(p, g, 0.03, 0.8)),
    (SGD(0.03, momentum=0.0, nesterov=True), lambda p, g: gradient_descent(p, g, 0.03)),
    (RMSprop(0.01), lambda p, g: rmsprop(p, g, 0.01, 0.9, 1e-8)),
    (RMSprop(0.2, decay=0.5, epsilon=0.1), lambda p, g: rmsprop(p, g, 0.2, 0.5, 0.1)),
    (Adam(), lambda p, g: adam(p, g, 0.001, 0.9, 0.999, 1e-8)),
    (Adam(0.3, 0.0, 0.5, 0.2), lambda p, g: adam(p, g, 0.3, 0.0, 0.5, 0.2)),
    (AdamW(0.01, weight_decay=0.3), lambda p, g: adam(p, g, 0.01, 0.9, 0.999, 1e-8, 0.3)),
    (AdamW(0.01, weight_decay=0.0), lambda p, g: adam(p, g, 0.01, 0.9, 0.999, 1e-8)),
]


@pytest.mark.parametrize(("optimizer", "paper"), PAPERS)
def test_the_papers_equations(optimizer, paper):
    slopes = gradients()
    theta = np.random.RandomState(1).normal(size=slopes.shape[1])
    expected = np.array(
        [list(paper(float(p), map(float, g))) for p, g in zip(theta, slopes.T, strict=True)]
    )
    for t, g in enumerate(slopes):
        optimizer.update(theta, g)
        np.testing.assert_allclose(theta, expected[:, t], rtol=1e-12, atol=1e-14)
    assert optimizer.step == STEPS


def test_nesterovs_first_equations_on_a_quadratic():
    """Φ of Sutskever's form, followed apart, with the gradient taken at φ + μ v."""
    A, eta, mu = np.array([3.0, 0.5]), 0.1, 0.9
    theta = phi = np.array([1.0, -2.0])
    theta, v = theta.copy(), np.zeros(2)
    optimizer = SGD(eta, mu, nesterov=True)
    for _ in range(STEPS):
        v = mu * v - eta * A * (phi + mu * v)
        phi = phi + v
        optimizer.update(theta, A * theta)
        np.testing.assert_allclose(theta, phi + mu * v, rtol=1e-12)


def test_adams_first_step_is_the_learning_rate_whatever_the_gradients_size():
    theta = np.zeros(3)
    Adam(0.01).update(theta, np.array([1e-3, -1.0, 1e5]))
    np.testing.assert_allclose(theta, [-0.01, 0.01, -0.01], rtol=1e-3)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_is_scikit_learns(momentum, nesterov):
    slopes = gradients(2)
    ours = np.linspace(-1, 1, slopes.shape[1])
    theirs = ours.copy()
    optimizer = SGD(0.01, momentum, nesterov)
    peer = SGDOptimizer([theirs], 0.01, "constant", momentum, nesterov)
    for g in slopes:
        optimizer.update(ours, g)
        peer.update_params([theirs], [g])
        np.testing.assert_allclose(ours, theirs, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.0, 0.0), (0.5, 0.9)])
def test_adam_is_scikit_learns(betas):
    slopes = gradients(3)
    ours = np.linspace(-1, 1, slopes.shape[1])
    theirs = ours.copy()
    optimizer = Adam(0.01, *betas)
    peer = AdamOptimizer([theirs], 0.01, *betas)
    for g in slopes:
        optimizer.update(ours, g)
        peer.update_params([theirs], [g])
        np.testing.assert_allclose(ours, theirs, rtol=1e-15, atol=1e-15)


# ------------------------------------------------------------------------------- all of them at once

ALL = {
    "sgd": lambda: SGD(0.002),
    "momentum": lambda: SGD(0.0005, momentum=0.9),
    "nesterov": lambda: SGD(0.0005, momentum=0.9, nesterov=True),
    "rmsprop": lambda: RMSprop(0.001),
    "adam": lambda: Adam(0.01),
    "adamw": lambda: AdamW(0.01, weight_decay=1e-6),
    "muon": lambda: Muon(0.01, weight_decay=1e-6),
}
each = pytest.mark.parametrize("make", ALL.values(), ids=ALL)


def test_every_optimizer_is_in_the_table():
    assert {type(make()) for make in ALL.values()} == set(OPTIMIZERS.values())


@each
def test_a_factor_of_the_rate_is_another_rate(make):
    """A number with the factor f moves as it does alone, with the learning rate f η."""
    slopes, factors = gradients(4), np.array([1.0, 0.1, 6.0, 0.0, 2.0, 0.5])
    optimizer = make()
    together = np.linspace(-2, 1, len(factors))
    alone = [together[[place]] for place in range(len(factors))]
    others = [make() for _ in factors]
    for other, factor in zip(others, factors, strict=True):
        other.learning_rate = factor * optimizer.learning_rate
    for g in slopes:
        optimizer.update(together, g, rate_factors=factors)
        for place, other in enumerate(others):
            other.update(alone[place], g[[place]])
    np.testing.assert_allclose(together, np.concatenate(alone), rtol=1e-12, atol=1e-14)


def quadratic(theta):
    return np.array([1.0, 10.0]) * (theta - [3.0, -2.0])


def rosenbrock(theta):
    x, y = theta
    return np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])


@each
@pytest.mark.parametrize(
    ("gradient", "start", "minimum"),
    [(quadratic, (0.0, 0.0), (3.0, -2.0)), (rosenbrock, (-1.2, 1.0), (1.0, 1.0))],
)
def test_convergence(make, gradient, start, minimum):
    optimizer, theta = make(), np.array(start)
    for _ in range(20_000):
        optimizer.update(theta, gradient(theta))
    np.testing.assert_allclose(theta, minimum, atol=0.01)


@each
def test_float32_stays_float32_and_the_update_is_in_place(make):
    optimizer, theta = make(), np.ones(4, np.float32)
    same = theta
    g = np.array([1, -1, 0, 1e-3], np.float32)
    kept = g.copy()
    for _ in range(3):
        optimizer.update(theta, g)
    assert theta is same
    assert theta.dtype == np.float32
    assert {V.dtype for V in optimizer.state.values()} <= {np.dtype(np.float32)}
    np.testing.assert_array_equal(g, kept)  # the gradient is read, never written
    np.testing.assert_array_less(theta[[0, 3]], 1)
    assert theta[1] > 1 - 0.1 * isinstance(optimizer, AdamW)
    exact, twin = np.ones(4), make()
    for _ in range(3):
        twin.update(exact, g.astype(float))
    np.testing.assert_allclose(theta, exact, rtol=1e-6)


@each
def test_the_same_updates_give_the_same_bits(make):
    results = []
    for _ in range(2):
        optimizer, theta = make(), np.linspace(-1, 1, 6)
        for g in gradients():
            optimizer.update(theta, g)
        results.append(theta.tobytes())
    assert results[0] == results[1]


@each
def test_the_state_is_made_at_the_first_update(make):
    optimizer = make()
    assert (optimizer.state, optimizer.step) == ({}, 0)
    optimizer.update(np.ones((5,)), np.ones(5))
    assert set(optimizer.state) == set(optimizer.slots)
    assert {V.shape for V in optimizer.state.values()} == {(5,)}
    assert optimizer.step == 1


@each
def test_frozen_entries_never_move_and_the_others_do_not_notice(make):
    theta, free = np.linspace(-1, 1, 6), np.linspace(-1, 1, 6)
    frozen = np.array([True, False, False, True, False, False])
    start = theta.copy()
    optimizer, other = make(), make()
    for t, g in enumerate(gradients()):
        now_frozen = frozen if t >= 5 else None  # there is momentum by then
        if t == 5:
            start = theta.copy()
        optimizer.update(theta, g, now_frozen)
        other.update(free, g)
    assert theta[frozen].tobytes() == start[frozen].tobytes()
    np.testing.assert_array_equal(theta[~frozen], free[~frozen])
    assert (free[frozen] != start[frozen]).all()


@each
def test_the_learning_rate_may_change_between_updates(make):
    optimizer, theta = make(), np.zeros(1)
    optimizer.learning_rate = 1e-300
    optimizer.update(theta, np.ones(1))
    assert abs(theta[0]) < 1e-290
    optimizer.learning_rate = 0.5
    optimizer.update(theta, np.ones(1))
    assert theta[0] < -0.1


@pytest.mark.parametrize("value", [0, -1, np.inf, np.nan, "fast", None, True])
@pytest.mark.parametrize("kind", OPTIMIZERS.values())
def test_a_wrong_learning_rate_is_named(kind, value):
    with pytest.raises(ParameterError, match="learning_rate must be"):
        kind(learning_rate=value)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (SGD, "momentum", -0.1),
        (SGD, "momentum", 1.1),
        (SGD, "momentum", "0.9"),
        (RMSprop, "decay", 1.0),
        (RMSprop, "decay", -0.1),
        (RMSprop, "epsilon", 0.0),
        *((k, b, v) for k in (Adam, AdamW) for b in ("beta_1", "beta_2") for v in (-0.1, 1.0)),
        *((k, "epsilon", v) for k in (Adam, AdamW) for v in (0.0, -1.0, np.nan, np.inf)),
        (AdamW, "weight_decay", -1.0),
        (AdamW, "weight_decay", np.inf),
    ],
)
def test_a_wrong_value_is_named_and_shown(kind, name, value):
    with pytest.raises(ParameterError, match=rf"{name} must be .*{value!r}"):
        kind(**{name: value})
