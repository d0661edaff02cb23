"""`check_gradients`: what it takes, and what it says."""

import json

import numpy as np
import pytest
from scipy.sparse import csr_array

import chainrule as cr
from chainrule.doctor import Verdict
from chainrule.errors import DataError, ParameterError, ShapeError
from helpers.cases import point
from helpers.slips import Slip, backward, code_with

NET = cr.Network((3, 4, 2), "tanh", loss="binary_cross_entropy", penalty=cr.L2(0.3))


def right(params, X, Y):
    found = backward(NET, cr.Parameters.from_arrays(params), X, Y)
    return {name: V for name, V in found.items() if name[1] in "Wb"}


def wrong(params, X, Y):
    return right(params, X, Y) | {"dW2": right(params, X, Y)["dW2"] * 2}


def test_functions_and_what_they_return():
    def vector(params, X, Y):
        return NET.cost_and_gradients(params, X, Y)[1].vector

    def parts(W1, b1, W2, b2, X, Y):
        params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
        return [right(params, X, Y)[f"d{name}"] for name in params]

    def with_cache(Y, *, cache, params, lam, m):
        dZ2 = (cache["A2"] - Y) / m
        return {"dW2": cache["A1"].T @ dZ2 + lam * params["W2"], "db2": dZ2.sum(axis=0)}

    def strange_names(p, features_of_all, wanted):
        return right(p, features_of_all, wanted)

    def with_optional(params, X, Y, verbose=False, m=None):
        assert m == len(X)
        assert verbose is False
        return right(params, X, Y)

    class Thing:
        def __call__(self, params, X, Y):
            return NET.cost_and_gradients(params, X, Y)

    for function in (right, vector, parts, with_cache, strange_names, with_optional, Thing()):
        report = cr.check_gradients(NET, function)
        assert report.ok, report
        assert report.exit_code == 0
    assert "is the declared one" in report.notes[-1] or any(
        "declared one" in n for n in report.notes
    )


def test_a_function_for_each_quantity():
    report = cr.check_gradients(
        NET,
        {
            "dZ2": lambda A2, Y, m: (A2 - Y) / m,
            "dW2": lambda A1, A2, Y, m: A1.T @ (A2 - Y) / m,
            "db2": lambda A2, Y: (A2 - Y).mean(axis=0),
        },
    )
    assert report.codes == ("penalty_missing",)
    assert [f.quantity for f in report.findings] == ["dZ2", "dW2", "db2", "dW1", "db1"]
    assert report["dW1"].verdict is Verdict.NOT_GIVEN


@pytest.mark.parametrize("layout", [None, "columns"])
def test_columns_are_found_out(layout):
    for slips, codes in (((), ()), ((Slip("missing_activation_derivative", "dZ1"),), None)):
        report = cr.check_gradients(NET, code_with(NET, slips, layout="columns"), layout=layout)
        assert report.codes == (codes if codes == () else ("missing_activation_derivative",))
        assert any("columns" in note for note in report.notes)
    assert report["dZ1"].mistakes[0].corrected == "dZ1 = (W2.T @ dZ2) * (1 - A1**2)"


def test_arrays_at_the_users_point(tmp_path):
    params, X, Y = point(NET)
    given = right(params, X, Y)
    assert cr.check_gradients(NET, given, X, Y, params).ok
    in_order = [given["dW1"], given["db1"], given["dW2"], given["db2"]]
    assert cr.check_gradients(NET, in_order, X, Y, params).ok
    _, gradients = NET.cost_and_gradients(params, X, Y)
    assert cr.check_gradients(NET, gradients, X, Y, params).ok
    assert cr.check_gradients(NET, gradients.vector, X, Y, params).ok
    turned = {name: V.T for name, V in given.items()}
    columns = {name: V.T for name, V in params.items()}
    report = cr.check_gradients(NET, turned, X.T, Y.T, columns)
    assert report.ok
    assert "columns" in report.notes[0]
    file = tmp_path / "mine.npz"
    np.savez(file, X=X, Y=Y, **params, **wrong(params, X, Y))
    report = cr.check_gradients(NET, file)
    assert report.codes == ("factor",)
    assert report.mistakes[0].details == {"factor": 2.0, "power": 0}


def test_at_small_weights_it_says_what_it_cannot_see():
    params, X, Y = point(NET)
    params.vector[...] *= 0.01
    params["b1"][...] = 0
    report = cr.check_gradients(NET, right(params, X, Y), X, Y, params)
    assert report.ok
    nothing, little = report.notes[1:3]
    assert nothing.startswith("These mistakes change nothing at this point:")
    assert "penalty_on_biases (db1)" in nothing
    assert little.startswith("These change less than a thousandth:")
    assert "missing_activation_derivative (dW1, dZ1, db1)" in little
    assert "activation_derivative_argument (dZ1)" in nothing + little
    # … and at a good point there is nothing of the kind to say.
    params, X, Y = point(NET)
    assert len(cr.check_gradients(NET, right(params, X, Y), X, Y, params).notes) == 1
    report = cr.check_gradients(NET, right(params, X[:1], Y[:1]), X[:1], Y[:1], params)
    assert any("With one observation a mean is a sum" in note for note in report.notes)


def test_data_that_a_function_has_built_in():
    params, X, Y = point(NET)

    def closed(params):
        return wrong(params, X, Y)

    assert cr.check_gradients(NET, closed, X, Y).codes == ("factor",)
    assert cr.check_gradients(NET, wrong, X, Y, params).codes == ("factor",)
    with pytest.raises(ParameterError, match="belong together"):
        cr.check_gradients(NET, closed, X)
    with pytest.raises(ParameterError, match="needs X and Y"):
        cr.check_gradients(NET, closed, params=params)


def test_sparse_inputs_and_lists():
    params, X, Y = point(NET)
    given = {name: V.tolist() for name, V in right(params, X, Y).items()}
    assert cr.check_gradients(NET, given, csr_array(X), Y.tolist(), params).ok


def test_code_that_runs_at_some_m_alone():
    net = cr.Network((3, 4, 4), "tanh")

    def missing(A1, A2, Y, m):
        dZ2 = (A2 - Y) / m
        return {"dW2": A1 @ dZ2, "db2": dZ2.sum(axis=0)}

    report = cr.check_gradients(net, missing)
    assert report.codes == ("missing_transpose",)
    assert any("fails unless m is 4" in note for note in report.notes)


def test_a_function_that_adds_up():
    state = {}

    def adding(params, X, Y):
        for name, V in right(params, X, Y).items():
            state[name] = state.get(name, 0) + V
        return dict(state)

    report = cr.check_gradients(NET, adding)
    assert report.codes == ("accumulated",)
    assert report["db1"].verdict is Verdict.FOLLOWS


def test_the_cost_that_comes_along():
    for factor, note in ((1, "the declared one"), (3, "3 times the declared")):

        def both(params, X, Y, factor=factor):
            return factor * NET.cost(params, X, Y), right(params, X, Y)

        assert any(note in text for text in cr.check_gradients(NET, both).notes)

    def summed(params, X, Y):
        return {**right(params, X, Y), "cost": len(X) * NET.cost(params, X, Y)}

    assert any("m times the declared" in text for text in cr.check_gradients(NET, summed).notes)


def test_shapes_of_one_dimension_are_accepted():
    net = cr.Network((3, 4, 1), "tanh", loss="binary_cross_entropy")

    def flat(params, X, Y):
        return {name: V.squeeze() for name, V in net.cost_and_gradients(params, X, Y)[1].items()}

    assert cr.check_gradients(net, flat).ok

    def turned(params, X, Y):
        gradients = dict(net.cost_and_gradients(params, X, Y)[1])
        return gradients | {"W2": gradients["W2"].T}

    report = cr.check_gradients(net, turned)  # (1, 4) for (4, 1): W − η dW would be 4 × 4
    assert report.codes == ("missing_transpose",)


def test_float32_code_is_not_accused():
    assert cr.check_gradients(NET, code_with(NET, (), dtype=np.float32)).ok
    report = cr.check_gradients(NET, code_with(NET, (), dtype=np.float32), tolerance=1e-12)
    assert not report.ok


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        (3, ParameterError, "gradients must be a function"),
        ({}, ParameterError, "an empty mapping"),
        ({"dW1": np.ones((3, 4))}, ParameterError, "give X, Y and params"),
        (lambda q: q, ParameterError, "asks for 'q'"),
        (lambda params, X, Y: 1 / 0, ParameterError, "ZeroDivisionError: division by zero"),
        (lambda params, X, Y: None, ParameterError, "not None: does the function return"),
        (lambda params, X, Y: [1, 2, 3], ParameterError, "a list of 3"),
        (lambda params, X, Y: np.ones(5), ParameterError, "a vector of 5 numbers"),
        (lambda params, X, Y: {"dW7": 1.0}, ParameterError, "'dW7' is no gradient"),
        (lambda params, X, Y: {"Z1": 1.0}, ParameterError, "'Z1' is no gradient"),
        (lambda params, X, Y: {"dW1": 1.0, "dw_1": 1.0}, ParameterError, "given twice"),
        (lambda params, X, Y: {}, ParameterError, "nothing to check"),
        ("nowhere.npz", DataError, "nowhere.npz"),
        ({"dW1": lambda X: X, "db1": 3}, ParameterError, "'db1' is no function"),
    ],
)
def test_what_cannot_be_used(given, error, words):
    with pytest.raises(error, match=words) as caught:
        cr.check_gradients(NET, given)
    assert "\n" not in str(caught.value)


def test_points_that_do_not_fit():
    params, X, Y = point(NET)
    given = right(params, X, Y)
    with pytest.raises(ShapeError, match="X has 2 columns"):
        cr.check_gradients(NET, given, X[:, :2], Y, params)
    with pytest.raises(ParameterError, match="params must be"):
        cr.check_gradients(NET, given, X, Y, 7)
    with pytest.raises(ParameterError, match="layout must be"):
        cr.check_gradients(NET, given, X, Y, params, layout="diagonal")
    with pytest.raises(ParameterError, match="draws must be"):
        cr.check_gradients(NET, right, draws=0)
    for name, values in (("tolerance", (0, 1.5, "x")), ("learning_rate", (-1, "x"))):
        for value in values:
            with pytest.raises(ParameterError, match=f"{name} must be a (finite )?number above 0"):
                cr.check_gradients(NET, right, **{name: value})
    for seed in (-1, 2**32, "x", [1], 0.5):
        with pytest.raises(ParameterError, match="seed must be a whole number"):
            cr.check_gradients(NET, right, seed=seed)


@pytest.mark.parametrize(
    ("value", "note"), [("text", "does not hold numbers"), (np.nan, "NaN or infinity")]
)
def test_values_that_cannot_be_read(value, note):
    def bad(params, X, Y):
        return right(params, X, Y) | {"db1": np.full(4, value)}

    report = cr.check_gradients(NET, bad)
    assert report["db1"].verdict is Verdict.UNREADABLE
    assert note in report["db1"].note
    assert not report.ok
    assert report.exit_code == 2


def test_the_report_as_data_and_as_text():
    report = cr.check_gradients(NET, wrong)
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert document["codes"] == ["factor"]
    assert document["findings"][0]["mistakes"][0]["corrected"] == "dW2 = A1.T @ dZ2 + lam * W2"
    evidence = {item["candidate"]: item["distance"] for item in document["findings"][0]["evidence"]}
    assert evidence["right"] == pytest.approx(0.5)
    assert evidence["factor"] < 1e-12
    text = str(report)
    assert "1 mistake, in dW2." in text
    assert "dW2 is 2 times the right one" in text
    assert max(map(len, text.splitlines())) <= 100
    page = report.to_markdown()
    assert "| dW2 | wrong | 5.0e-01 | factor |" in page
    assert "dW2 = A1.T @ dZ2 + lam * W2" in page
    with pytest.raises(KeyError):
        report["dW9"]


def test_large_networks_take_no_longer_than_they_must():
    net = cr.Network((200, 100, 10), "relu", loss="categorical_cross_entropy", penalty=cr.L2(0.1))
    slip = Slip("missing_activation_derivative", "dZ1")
    report = cr.check_gradients(net, code_with(net, (slip,)))
    assert report.codes == ("missing_activation_derivative",)


def test_a_forward_pass_without_biases():
    def forgetful(params, X, Y):
        params = {name: V if name[0] == "W" else 0 * V for name, V in params.items()}
        return right(params, X, Y)

    report = cr.check_gradients(NET, forgetful)
    assert "unknown" in report.codes
    assert any("right for a forward pass without biases" in note for note in report.notes)


def test_a_number_in_place_of_an_array_is_said():
    """Nothing can be computed from it, and nothing else was given."""
    net = cr.Network((3, 4, 2), hidden="tanh", loss="half_squared_error")
    report = cr.check_gradients(net, lambda params, X, Y: {"dZ2": np.array(3.0)})
    assert report.codes == ("wrong_shape",)
