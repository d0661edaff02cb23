"""Functions in the styles that people write: how they are called, what they return, what they use."""

import json

import numpy as np
import pytest

import chainrule as cr
from chainrule.doctor import Verdict
from chainrule.errors import ParameterError

NET = cr.Network((3, 4, 4, 1), "tanh", loss="binary_cross_entropy", penalty=cr.L2(0.3))
NAMES = [f"{letter}{layer}" for layer in (1, 2, 3) for letter in "Wb"]


def gradients(params, X, Y):
    params = cr.Parameters.from_arrays(dict(params))
    return {name: V.copy() for name, V in NET.cost_and_gradients(params, X, Y)[1].items()}


def check(function, network=NET, **options):
    return cr.check_gradients(network, function, **options)


def described(mistakes):
    return [(mistake.code, mistake.place) for mistake in mistakes]


def layers(g):
    return [(g[f"W{layer}"], g[f"b{layer}"]) for layer in (1, 2, 3)]


@pytest.mark.parametrize(
    "form",
    [
        layers,
        lambda g: [list(pair) for pair in layers(g)],
        lambda g: tuple(zip(*layers(g), strict=True)),
        lambda g: [{"dW": W, "db": b} for W, b in layers(g)],
        lambda g: {"dW": [W for W, _ in layers(g)], "db": [b for _, b in layers(g)]},
        lambda g: {"dW": {1: g["W1"], 2: g["W2"], 3: g["W3"]}, "db1": g["b1"]},
        lambda g: {("dW", 1): g["W1"], ("db", 1): g["b1"]},
        lambda g: (0.5, *g.values()),
        lambda g: (0.5, g, {"A1": 0, "W1": 1}),
        lambda g: ({"A1": 0, "Z1": 0, "W1": g["W1"]}, {f"d{name}": V for name, V in g.items()}),
        lambda g: (g, np.array([[0.5]])),
        lambda g: {f"{name}_grad": V for name, V in g.items()},
        lambda g: {f"grad_{name}": V for name, V in g.items()},
        lambda g: {f"∂{name}": V for name, V in g.items()},
        lambda g: {f"dJ_d{name}": V for name, V in g.items()},
        lambda g: {f"d{name[0]}[{name[1]}]": V for name, V in g.items()},
        lambda g: {f"d{name[0]}{int(name[1]) - 1}": V for name, V in g.items()},
        lambda g: {name: np.ma.array(V) for name, V in g.items()},
    ],
)
def test_what_people_return(form):
    def right(params, X, Y):
        return form(gradients(params, X, Y))

    def wrong(params, X, Y):
        g = gradients(params, X, Y)
        return form(g | {"W1": 2 * g["W1"]})

    assert check(right).ok
    assert described(check(wrong).mistakes) == [("factor", "dW1")]


@pytest.mark.parametrize(
    ("order", "note"),
    [
        (sorted(NAMES), "W1, W2 …, b1, b2 …"),
        (sorted(NAMES, key=lambda name: (name[1], name[0] == "W")), "b1, W1, b2, W2 …"),
        (sorted(NAMES, key=lambda name: (-int(name[1]), name[0])), "the last layer first"),
    ],
)
@pytest.mark.parametrize("as_vector", [True, False])
def test_the_order_of_lists_and_vectors_is_found_out(order, note, as_vector):
    def function(params, X, Y, factor=1.0):
        g = gradients(params, X, Y)
        g["W1"] *= factor
        parts = [g[name] for name in order]
        return np.concatenate([V.ravel() for V in parts]) if as_vector else parts

    report = check(function)
    assert report.ok
    assert f"What it returns is in the order {note}." in report.notes
    report = check(lambda params, X, Y: function(params, X, Y, 2.0))
    assert described(report.mistakes) == [("factor", "dW1")]


def test_what_is_passed_over_is_said():
    def everything(params, X, Y):
        g = gradients(params, X, Y)
        return {**params, **{f"d{name}": V for name, V in g.items()}, "A1": 0, "Yhat": 1}

    report = check(everything)
    assert report.ok
    assert any(
        "W1" in note and "A1, Yhat" in note and "passed over" in note for note in report.notes
    )
    zero = check(lambda params, X, Y: {"dW0": gradients(params, X, Y)["W1"]})
    assert zero["dW1"].verdict is Verdict.RIGHT
    assert "Its layers are counted from 0: dW0 is dW1 here." in zero.notes


def test_signatures():
    def any_arguments(*args, **options):
        params, X, Y = args
        return gradients(params, X, Y)

    def by_name(**options):
        return gradients(options["params"], options["X"], options["Y"])

    def flat(theta, X, Y):
        return gradients(cr.Parameters(NET.sizes, np.asarray(theta)), X, Y)

    def flat_columns(theta, X, Y):
        params, start = cr.Parameters.zeros(NET.sizes), 0
        for view in params.values():
            view[...] = theta[start : start + view.size].reshape(view.T.shape).T
            start += view.size
        assert X.shape[0] == 3
        g = gradients(params, X.T, Y.T)
        return np.concatenate([V.T.ravel() for V in g.values()])

    def one_dimension(params, X, Y):
        assert params["b1"].shape == (4,)
        return gradients({n: np.atleast_2d(V) for n, V in params.items()}, X, Y)

    for function in (any_arguments, by_name, flat, flat_columns, one_dimension):
        report = check(function)
        assert report.ok, report
    assert "It is given biases of one dimension." in report.notes
    assert any("one vector" in note for note in check(flat).notes)


def test_what_runs_at_one_m_alone_is_not_right():
    def lucky(params, X, Y):
        if len(X) != 4:
            raise ValueError("operands could not be broadcast together")
        return gradients(params, X, Y)

    with pytest.raises(ParameterError, match="raised ValueError: operands"):
        check(lucky)

    def alone(params, X, Y):
        if len(X) != 1:
            raise ValueError("one at a time")
        return gradients(params, X, Y)

    with pytest.raises(ParameterError, match="one at a time"):
        check(alone)


def test_what_a_function_does_not_use():
    def forgetful(params, X, Y):
        return gradients({**params, "b1": 0 * params["b1"], "b3": 0 * params["b3"]}, X, Y)

    def again(params, X, Y):
        W1 = np.random.RandomState(0).normal(size=(3, 4))
        return gradients({**params, "W1": W1}, X, Y)

    note = "What it returns does not depend on {}: not used, or overwritten?"
    assert note.format("b1, b3") in check(forgetful).notes
    report = check(again)
    assert "unknown" in report.codes
    assert note.format("W1") in report.notes


def test_the_gradients_of_another_cost():
    huber = cr.Network((3, 4, 1), "tanh", loss="half_squared_error")

    def mine(params, X, Y, slip=1.0):
        W1, b1, W2, b2 = params.values()
        A1 = np.tanh(X @ W1 + b1)
        E = A1 @ W2 + b2 - Y
        cost = np.mean(np.sqrt(1 + E**2) - 1)
        d2 = slip * E / np.sqrt(1 + E**2) / len(X)
        d1 = (d2 @ W2.T) * (1 - A1**2)
        return cost, [X.T @ d1, d1.sum(0), A1.T @ d2, d2.sum(0)]

    report = check(mine, huber)
    assert "unknown" in report.codes
    assert any("gradients of the cost that the function returns" in note for note in report.notes)
    report = check(lambda params, X, Y: mine(params, X, Y, 1.01), huber)
    assert not any("gradients of the cost" in note for note in report.notes)


def test_reports_are_valid_json_whatever_was_returned():
    def strange(params, X, Y):
        return {
            "dW1": np.ones((2, 2)),
            "db1": None,
            "dW3": "x",
            "db3": np.nan,
            "dW2": [[1], [2, 3]],
        }

    for function in (strange, lambda params, X, Y: {"db3": np.ones(7)}):
        report = check(function)
        assert not report.ok
        document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
        assert document["codes"] == list(report.codes)
        assert " inf " not in str(report)
    assert "its shape" in str(report)


def test_two_classes_do_not_hide_that_Y_is_used():
    net = cr.Network((3, 4, 2), "tanh", loss="categorical_cross_entropy")

    def cubed(params, X, Y):
        return {name: V**3 for name, V in net.cost_and_gradients(params, X, Y)[1].items()}

    for seed in range(4):
        report = check(cubed, net, seed=seed)
        assert "unknown" in report.codes
        assert not any("does not depend" in note for note in report.notes)
