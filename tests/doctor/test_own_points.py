"""Arrays at the user's own point: hidden layouts, kinks, one observation, files that lack something."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ChainruleError, DataError, ParameterError
from helpers.cases import point

NET = cr.Network((3, 4, 4, 1), "tanh", loss="binary_cross_entropy", penalty=cr.L2(0.1))
RELU = cr.Network((3, 5, 5, 2), "relu", loss="categorical_cross_entropy")


def gradients(net, params, X, Y):
    return dict(net.cost_and_gradients(params, X, Y)[1])


def test_one_observation_accuses_nobody():
    params, X, Y = point(NET)
    X, Y = X[:1], Y[:1]
    report = cr.check_gradients(NET, gradients(NET, params, X, Y), X, Y, params)
    assert report.ok, report
    assert any("nothing here speaks of 1/m" in note for note in report.notes)


def turned(values):
    return {name: V.T for name, V in values.items()}


@pytest.mark.parametrize("m", [3, 5])
def test_square_layers_hide_the_layout(m):
    net = cr.Network((3, 3, 3))
    params, X, Y = point(net)
    X, Y = X[:m], Y[:m]
    given = gradients(net, params, X, Y)
    report = cr.check_gradients(net, turned(given), X.T, Y.T, turned(params))
    assert report.ok
    assert report.notes[0].endswith("columns.")
    assert cr.check_gradients(net, given, X, Y, dict(params)).notes[0].endswith("rows.")
    given["W2"] = given["W2"] * 2
    report = cr.check_gradients(net, turned(given), X.T, Y.T, turned(params))
    assert report.codes == ("factor",)


def at_kinks(params, X, Y, slope):
    """Return the gradients with relu'(0) = slope."""
    W1, b1, W2, b2, W3, b3 = params.values()
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W2 + b2
    A2 = np.maximum(Z2, 0)
    E = np.exp(A2 @ W3 + b3)
    d3 = (E / E.sum(axis=1, keepdims=True) - Y) / len(X)
    d2 = (d3 @ W3.T) * np.where(Z2 == 0, slope, Z2 > 0)
    d1 = (d2 @ W2.T) * np.where(Z1 == 0, slope, Z1 > 0)
    return [X.T @ d1, d1.sum(0), A1.T @ d2, d2.sum(0), A2.T @ d3, d3.sum(0)]


@pytest.mark.parametrize("slope", [0, 1])
@pytest.mark.parametrize("where", ["a unit without weights", "an observation of zeros"])
def test_both_slopes_are_right_at_a_kink(slope, where):
    params, X, _ = point(RELU)
    X, Y = X.copy(), np.eye(2)[np.arange(len(X)) % 2]
    if where == "a unit without weights":
        params["W1"][:, 0] = 0
        params["b1"][0, 0] = 0
    else:
        X[0] = 0
        params["b1"][...] = 0
        params["b2"][...] = 0
    given = at_kinks(params, X, Y, slope)
    report = cr.check_gradients(RELU, given, X, Y, params)
    assert report.ok, report
    assert any("exactly at a kink" in note for note in report.notes)
    given[0] = given[0] * 2
    report = cr.check_gradients(RELU, given, X, Y, params)
    assert [(m.code, m.place) for m in report.mistakes] == [("factor", "dW1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", np.nan),
        ("W2", np.inf),
        ("W2", 1j),
        ("W2", object()),
        ("", np.ones(1)),
        (7, np.ones(1)),
    ],
)
def test_points_without_numbers(name, value):
    params, X, Y = point(NET)
    given = gradients(NET, params, X, Y)
    params = dict(params)
    if name == "X":
        X = X * value
    else:
        params[name] = (
            params[name] * value if isinstance(value, (float, complex)) and name else value
        )
    with pytest.raises(ChainruleError) as caught:
        cr.check_gradients(NET, given, X, Y, params)
    assert "\n" not in str(caught.value)


def test_parameters_that_are_no_mapping():
    params, X, Y = point(NET)
    given = gradients(NET, params, X, Y)
    for layout in (None, "columns"):
        with pytest.raises(ParameterError, match="params must be Parameters or a mapping"):
            cr.check_gradients(NET, given, X, Y, params.vector, layout=layout)
    with pytest.raises(ParameterError, match="give Y and params too"):
        cr.check_gradients(NET, given, X)


def test_files(tmp_path):
    params, X, Y = point(NET)
    given = {f"d{name}": V for name, V in gradients(NET, params, X, Y).items()}
    file = tmp_path / "mine.npz"

    def saved(**arrays):
        np.savez(file, **arrays)
        return cr.check_gradients(NET, file)

    lower = {name.lower(): V for name, V in params.items()}
    report = saved(x=X, y=Y, A1=X, cost=1.0, **lower, **given)
    assert report.ok
    assert "A1 is no gradient, and passed over." in report.notes
    for lacking, arrays in (
        ("Y", {"X": X, **params, **given}),
        ("gradients", {"X": X, "Y": Y, **params}),
        ("parameters", {"X": X, "Y": Y, **given}),
    ):
        with pytest.raises(DataError, match=f"it lacks {lacking}"):
            saved(**arrays)
    whole = file.read_bytes()
    for part in (b"", whole[:200], whole[: len(whole) // 2]):
        file.write_bytes(part)
        with pytest.raises(DataError, match="not one of NPZ"):
            cr.check_gradients(NET, file)
    np.save(tmp_path / "one.npy", X)
    with pytest.raises(DataError, match="not one of NPZ"):
        cr.check_gradients(NET, tmp_path / "one.npy")


def test_a_large_batch_takes_no_square_of_memory():
    params, _, _ = point(NET)
    rng = np.random.RandomState(0)
    X, Y = rng.normal(size=(5000, 3)), (rng.uniform(size=(5000, 1)) < 0.5).astype(float)
    given = gradients(NET, params, X, Y)
    given["W2"] = np.cbrt(given["W2"])
    report = cr.check_gradients(NET, given, X, Y, params)
    assert report.codes == ("unknown",)


SHAPES = {
    "transposed": lambda V, m: V.T,
    "a row": lambda V, m: V[:1],
    "a column": lambda V, m: V[:, :1],
    "flat": lambda V, m: V.ravel(),
    "a number": lambda V, m: V.sum(),
    "three dimensions": lambda V, m: V[None],
    "by observations": lambda V, m: np.ones((m, m)),
    "nothing": lambda V, m: np.ones((0, 3)),
    "zeros": lambda V, m: np.zeros_like(V),
}


@pytest.mark.parametrize("quantity", ["dZ3", "dA2", "dZ2", "dW3", "dW2", "db2"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_told_and_none_is_a_traceback(quantity, shape):
    def function(params, X, Y):
        given = {f"d{name}": V for name, V in gradients(NET, params, X, Y).items()}
        n = {"dZ3": 1, "dA2": 4, "dZ2": 4}.get(quantity)
        value = np.random.RandomState(0).normal(size=(len(X), n)) if n else given[quantity]
        return {**given, quantity: SHAPES[shape](value, len(X))}

    report = cr.check_gradients(NET, function, draws=2)
    assert quantity in {finding.quantity for finding in report.findings}
    assert str(report)
    if shape in ("by observations", "nothing", "zeros"):
        assert not report.ok
