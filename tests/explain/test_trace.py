"""A trace: its steps, their links and shapes, what it refuses, saturated units, large networks."""

import sys
import time
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.sparse

import chainrule as cr
from chainrule.errors import ParameterError, ShapeError
from chainrule.explain import explain
from helpers.cases import PAIRS, network_of, point, random_parameters

NET = cr.Network((3, 4, 2), loss="binary_cross_entropy")
PARAMS = random_parameters((3, 4, 2), 0)
X = np.random.RandomState(1).normal(size=(5, 3))
Y = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]], float)


def test_the_order_of_the_steps():
    assert list(explain(NET, PARAMS, X, Y)) == [
        "X", "Y", "W1", "b1", "W2", "b2", "Z1", "A1", "Z2", "A2", "losses", "J",
        "dA2", "g2'", "dZ2", "dW2", "db2", "dA1", "g1'", "dZ1", "dW1", "db1", "dX",
    ]  # fmt: skip


def test_the_room_can_be_called():
    import inspect

    assert cr.explain is sys.modules["chainrule.explain"]
    assert inspect.signature(cr.explain) == inspect.signature(explain)
    assert cr.explain.explain is explain
    assert list(cr.explain(NET, PARAMS, X, Y)) == list(explain(NET, PARAMS, X, Y))


def test_a_step():
    step = cr.explain(NET, PARAMS, X, Y)["dZ1"]
    assert step.name == "dZ1"
    assert step.formula == "dZ1 = dA1 ⊙ g1'(Z1)"
    assert step.concrete_formula == "dZ1 = dA1 ⊙ (1 − A1²)"
    assert step.dims == ("m", "n1")
    assert step.shape == (5, 4)
    assert step.factors == ("dA1", "g1'")
    assert step.latex == (
        r"dZ_{1} = \frac{\partial J}{\partial A_{1}} \cdot \frac{\partial A_{1}}{\partial Z_{1}} = "
        r"dA_{1} \odot g_{1}'\left(Z_{1}\right) = dA_{1} \odot \left(1 - {A_{1}}^{2}\right)"
    )


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("hidden", ["tanh", "softmax"])
def test_every_factor_is_a_step_that_came_before(hidden, output, loss):
    network = network_of(hidden, output, loss, 2, penalty=cr.L2(0.1))
    parameters, inputs, targets = point(network)
    seen = set()
    for step in explain(network, parameters, inputs, targets, np.ones(len(targets))).values():
        assert set(step.factors) <= seen, step.name
        assert np.shape(step.value) == step.shape
        assert step.factors or step.part == "given"
        seen.add(step.name)


def test_a_step_that_is_not_there():
    with pytest.raises(ParameterError, match=r"unknown step 'dZ3': did you mean 'dZ"):
        explain(NET, PARAMS, X, Y)["dZ3"]
    assert "dZ3" not in explain(NET, PARAMS, X, Y)


def test_columns_are_the_transposes():
    rows, columns = (explain(NET, PARAMS, X, Y, notation=n) for n in ("rows", "columns"))
    assert list(rows) == list(columns)
    for name, step in rows.items():
        np.testing.assert_array_equal(columns[name].value, np.transpose(step.value))
        assert columns[name].shape == step.shape[::-1]
    assert columns["dW1"].formula == "dW1 = dZ1 Xᵀ"
    with pytest.raises(ParameterError, match="unknown notation 'row': did you mean 'rows'"):
        explain(NET, PARAMS, X, Y, notation="row")


@pytest.mark.parametrize(
    ("X", "Y", "words"),
    [
        (X[:, :2], Y, "X has 2 columns, the network has 3 inputs"),
        (X, Y[:4], r"Y has shape \(4, 2\); 5 observations .* need \(5, 2\)"),
        (X[0], Y, "X must have two dimensions"),
        (X[:0], Y[:0], "no rows"),
    ],
)
def test_shapes_that_do_not_fit(X, Y, words):
    with pytest.raises(ShapeError, match=words):
        explain(NET, PARAMS, X, Y)


def test_parameters_of_another_network():
    with pytest.raises(ShapeError, match="sizes"):
        explain(NET, random_parameters((3, 4, 1), 0), X, Y)
    with pytest.raises(ParameterError, match="must be a Network, not a str"):
        explain("3-4-2", PARAMS, X, Y)


def test_a_network_with_more_than_is_known_here():
    @dataclass(frozen=True)
    class Residual(cr.Network):
        skip: float = 1.0

    explain(Residual((3, 4, 2), loss="binary_cross_entropy"), PARAMS, X, Y)
    with pytest.raises(ParameterError, match="skip=0\\.5 cannot be explained yet"):
        explain(Residual((3, 4, 2), skip=0.5), PARAMS, X, Y)


def test_sparse_inputs_and_float32():
    sparse = explain(NET, PARAMS, scipy.sparse.csr_array(X), Y)
    np.testing.assert_allclose(sparse["dW1"].value, explain(NET, PARAMS, X, Y)["dW1"].value)
    np.testing.assert_array_equal(sparse["X"].value, X)
    assert sparse.chain("W1[0,0]").value == sparse["dW1"].value[0, 0]
    assert "X = [[" in str(sparse)
    small = explain(NET, cr.Parameters(NET.sizes, PARAMS.vector.astype(np.float32)), X, Y)
    assert small["dZ1"].value.dtype == np.float32


def test_the_values_are_those_of_the_training():
    """The very records: no second implementation."""
    from chainrule.nn.propagation import backward, forward

    trace = explain(NET, PARAMS, X, Y)
    record = forward(NET, PARAMS, X)
    back = backward(NET, PARAMS, record, Y, input_gradient=True)
    for layer in (1, 2):
        np.testing.assert_array_equal(trace[f"Z{layer}"].value, record.Z[layer])
        np.testing.assert_array_equal(trace[f"dZ{layer}"].value, back.dZ[layer])
    for name, gradient in back.gradients.items():
        np.testing.assert_array_equal(trace[f"d{name}"].value, gradient)
    np.testing.assert_array_equal(trace["dX"].value, back.dA[0])


# ---------------------------------------------------------------------------------- saturated units


def test_a_saturated_unit_is_shown_as_0_by_0():
    network = cr.Network((1, 1), loss="binary_cross_entropy")
    parameters = cr.Parameters.from_arrays({"W1": [[800.0]], "b1": [0.0]})
    trace = explain(network, parameters, [[1.0], [0.001], [-1.0]], [[1.0], [1.0], [1.0]])
    step = trace["dZ1"]
    unfused = step.unfused.value
    assert np.isnan(unfused[0, 0])  # 0/0 · 0
    assert not np.isfinite(unfused[2, 0])  # −1/0 · 0
    assert unfused[1, 0] == pytest.approx(step.value[1, 0], rel=1e-12)
    assert np.isfinite(step.value).all()
    assert step.value[2, 0] == pytest.approx(-1 / 3)
    text = str(trace)
    assert "2 entries of 3 cannot be computed in this way: a saturated unit makes it 0/0" in text
    document = trace.to_dict()
    assert next(s for s in document["steps"] if s["name"] == "dZ1")["unfused"]["value"][0] == [None]


def test_an_unfused_form_stands_beside_each_fused_one_and_only_there():
    for output, loss in PAIRS:
        network = network_of("tanh", output, loss, 1)
        trace = explain(network, *point(network))
        fused = network.loss_function.logit_derivative is not None
        assert [s.name for s in trace.steps if s.unfused is not None] == ["dZ2"] * fused


# ----------------------------------------------------------------------------------- large networks


def test_a_large_network_is_quick_and_elided():
    network = cr.Network((784, 512, 512, 10), "relu", loss="categorical_cross_entropy")
    parameters = network.init(0)
    X = np.random.RandomState(0).normal(size=(256, 784))
    Y = np.eye(10)[np.arange(256) % 10]
    start = time.process_time()
    trace = explain(network, parameters, X, Y)
    text = str(trace)
    assert time.process_time() - start < 4  # some 0.3 s by the wall, on two cores
    assert len(text) < 30_000
    assert "⋯" in text
    document = trace.to_dict()
    by_name = {step["name"]: step for step in document["steps"]}
    assert by_name["dW1"]["elided"]
    assert by_name["dW1"]["value"] is None
    assert by_name["dW1"]["summary"]["norm"] == pytest.approx(np.linalg.norm(trace["dW1"].value))
    assert not by_name["db3"]["elided"]
    (whole,) = trace.to_dict(only=["dZ2"])["steps"]
    np.testing.assert_array_equal(whole["value"], trace["dZ2"].value)


def test_a_wide_softmax_gives_a_few_jacobians():
    network = cr.Network((2, 600, 1), "softmax", loss="binary_cross_entropy")
    trace = explain(network, network.init(0), np.ones((5, 2)), np.ones(5))
    assert trace["Jac1"].value.shape == (2, 600, 600)
