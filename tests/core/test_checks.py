"""A wrong call of the compiled module is an exception: all is checked before a pointer goes on."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from chainrule.core import CompiledEngine, EpochPlan
from chainrule.core.engine import _engine
from chainrule.nn import Network, Parameters
from helpers.engines import SETS, compiled, differences, draw

SIZES = (3, 5, 2)
COUNT = 32  # parameters
ROWS = 6
LEGAL = {
    "sizes": list(SIZES),
    "activations": [2, 0],
    "loss": 3,
    "mean": True,
    "cost_scale": 1.0,
    "label_smoothing": 0.0,
    "penalty": 0.1,
    "penalty_over_m": False,
    "penalty_on_biases": False,
}
ADAM = _engine.Optimizer(2, beta_1=0.9, beta_2=0.999, epsilon=1e-8)


def ones(*shape, dtype=np.float64):
    return np.ones(shape, dtype)


def read_only(V):
    V.setflags(write=False)
    return V


def dense(X):
    return _engine.TableDouble(X, None, None)


def sparse(indptr, indices, values=None):
    values = np.ones(len(indices)) if values is None else values
    return _engine.TableDouble(values, np.array(indptr), np.array(indices))


ENGINE = _engine.EngineDouble(_engine.Network(**LEGAL), SETS[0])
SHARED = {
    "team": _engine.Team(2),
    "parameters": ones(COUNT),
    "table": dense(ones(ROWS, 3)),
    "m": ROWS,
}
BATCH = {"Y": ones(ROWS, 2), "weight": None, "dropout": None, "dropout_key": 0}
CALLS = {
    "evaluate": SHARED | BATCH | {"gradient": np.zeros(COUNT)},
    "epoch": SHARED
    | BATCH
    | {
        "first": np.zeros(COUNT),
        "second": np.zeros(COUNT),
        "order": None,
        "batch_size": 4,
        "optimizer": ADAM,
        "rates": np.full(2, 1e-3),
        "rate_factors": None,
        "step": 0,
        "frozen": None,
        "dropout_drawn": 0,
        "largest_allowed": 1e300,
    },
    "predict": SHARED | {"Z": np.zeros((1, ROWS, 2)), "A": np.zeros((1, ROWS, 2))},
}


def call(method, **changed):
    return getattr(ENGINE, method)(**CALLS[method] | changed)


SPARSE = [0, 1, 1, 3, 3, 3, 3]  # where the rows of three entries start
WRONG = {  # what is wrong with any of the three
    "no team": ({"team": None}, TypeError),
    "parameters of another network": ({"parameters": ones(COUNT - 1)}, ValueError),
    "parameters in float32": ({"parameters": ones(COUNT, dtype=np.float32)}, TypeError),
    "parameters in two dimensions": ({"parameters": ones(4, 8)}, TypeError),
    "parameters that are not in a row": ({"parameters": ones(2 * COUNT)[::2]}, TypeError),
    "parameters as a list": ({"parameters": [1.0] * COUNT}, TypeError),
    "a table that is an array": ({"table": ones(ROWS, 3)}, TypeError),
    "fewer rows": ({"table": dense(ones(ROWS - 1, 3))}, ValueError),
    "more rows": ({"table": dense(ones(ROWS + 1, 3))}, ValueError),
    "another number of columns": ({"table": dense(ones(ROWS, 4))}, ValueError),
    "columns for rows": ({"table": dense(ones(3, ROWS))}, ValueError),
    "no rows for m": ({"table": dense(ones(0, 3))}, ValueError),
    "m below 0": ({"m": -ROWS}, ValueError),
    "m of another size": ({"m": ROWS - 1}, ValueError),
    "m that is no whole number": ({"m": 6.5}, TypeError),
    "a column beyond the last": ({"table": sparse(SPARSE, [0, 1, 3])}, ValueError),
    "a column below 0": ({"table": sparse(SPARSE, [0, -1, 2])}, ValueError),
    "rows that fall": ({"table": sparse([0, 3, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that start late": ({"table": sparse([1, 1, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that start before": ({"table": sparse([-1, 1, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that end early": ({"table": sparse([0, 1, 1, 2, 2, 2, 2], [0, 1, 2])}, ValueError),
    "rows that end beyond": ({"table": sparse([0, 1, 1, 3, 3, 3, 4], [0, 1, 2])}, ValueError),
    "sparse rows that are too few": ({"table": sparse([0, 1, 1, 3, 3, 3], [0, 1, 2])}, ValueError),
    "fewer columns than values": ({"table": sparse(SPARSE, [0, 1], ones(3))}, ValueError),
    "rows without columns": (
        {"table": _engine.TableDouble(ones(3), np.array(SPARSE), None)},
        ValueError,
    ),
}
WRONG_BATCH = {  # with a cost
    "targets of fewer rows": ({"Y": ones(ROWS - 1, 2)}, ValueError),
    "targets of one output": ({"Y": ones(ROWS)}, ValueError),
    "targets turned round": ({"Y": ones(2, ROWS)}, ValueError),
    "targets in float32": ({"Y": ones(ROWS, 2, dtype=np.float32)}, TypeError),
    "targets in another order": ({"Y": np.asfortranarray(ones(ROWS, 2))}, TypeError),
    "no targets": ({"Y": None}, TypeError),
    "weights of fewer rows": ({"weight": ones(ROWS - 1)}, ValueError),
    "weights in float32": ({"weight": ones(ROWS, dtype=np.float32)}, TypeError),
    "dropout of too many layers": ({"dropout": np.full(2, 0.5)}, ValueError),
    "dropout of too few": ({"dropout": np.zeros(0)}, ValueError),
    "dropout in float32": ({"dropout": np.full(1, 0.5, np.float32)}, TypeError),
    "dropout of everything": ({"dropout": np.full(1, 1.0)}, ValueError),
    "dropout of more": ({"dropout": np.full(1, 1.5)}, ValueError),
    "dropout below 0": ({"dropout": np.full(1, -0.5)}, ValueError),
    "dropout of NaN": ({"dropout": np.full(1, np.nan)}, ValueError),
    "a key below 0": ({"dropout_key": -1}, TypeError),
    "a key beyond 64 bits": ({"dropout_key": 2**64}, TypeError),
}
WRONG_EVALUATION = {
    "a gradient of another length": ({"gradient": np.zeros(COUNT + 1)}, ValueError),
    "a gradient in float32": ({"gradient": np.zeros(COUNT, np.float32)}, TypeError),
    "a gradient that must not change": ({"gradient": read_only(np.zeros(COUNT))}, TypeError),
}
WRONG_EPOCH = {
    "parameters that must not change": ({"parameters": read_only(ones(COUNT))}, TypeError),
    "no first moment": ({"first": None}, ValueError),
    "no second moment": ({"second": None}, ValueError),
    "no velocity": ({"first": None, "optimizer": _engine.Optimizer(0, momentum=0.9)}, ValueError),
    "no mean square": ({"first": None, "optimizer": _engine.Optimizer(1, decay=0.9)}, ValueError),
    "a shorter first moment": ({"first": np.zeros(COUNT - 1)}, ValueError),
    "a longer second moment": ({"second": np.zeros(COUNT + 1)}, ValueError),
    "a moment that must not change": ({"first": read_only(np.zeros(COUNT))}, TypeError),
    "a moment in float32": ({"second": np.zeros(COUNT, np.float32)}, TypeError),
    "an order beyond the rows": ({"order": np.array([0, ROWS])}, ValueError),
    "an order below 0": ({"order": np.array([0, -1])}, ValueError),
    "an order of small numbers": ({"order": np.arange(ROWS, dtype=np.int32)}, TypeError),
    "too few rates": ({"rates": np.full(1, 1e-3)}, ValueError),
    "too few rates for the order": ({"order": np.arange(12) % ROWS}, ValueError),
    "no rate for a batch of any size": (
        {"batch_size": 2**63 - 1, "rates": np.zeros(0)},
        ValueError,
    ),
    "rates in float32": ({"rates": np.full(2, 1e-3, np.float32)}, TypeError),
    "batches of none": ({"batch_size": 0}, ValueError),
    "batches below 0": ({"batch_size": -4}, ValueError),
    "factors of the rate too few": ({"rate_factors": np.ones(3)}, ValueError),
    "factors of the rate too many": ({"rate_factors": np.ones(5)}, ValueError),
    "a factor of the rate for each number": ({"rate_factors": np.ones(COUNT)}, ValueError),
    "factors of the rate in float32": ({"rate_factors": np.ones(4, np.float32)}, TypeError),
    "frozen ones too few": ({"frozen": np.zeros(COUNT - 1, bool)}, ValueError),
    "frozen ones that are numbers": ({"frozen": np.zeros(COUNT)}, TypeError),
    "no optimizer": ({"optimizer": None}, TypeError),
}
WRONG_PREDICTION = {
    "outputs of fewer rows": ({"Z": np.zeros((1, ROWS - 1, 2))}, ValueError),
    "outputs of another number": ({"A": np.zeros((1, ROWS, 3))}, ValueError),
    "outputs turned round": ({"A": np.zeros((1, 2, ROWS))}, ValueError),
    "outputs of more members": ({"Z": np.zeros((2, ROWS, 2))}, ValueError),
    "outputs of no members": ({"A": np.zeros((0, ROWS, 2))}, ValueError),
    "outputs in one dimension": ({"Z": np.zeros(2 * ROWS)}, TypeError),
    "outputs in two dimensions": ({"Z": np.zeros((ROWS, 2))}, TypeError),
    "outputs in float32": ({"Z": np.zeros((1, ROWS, 2), np.float32)}, TypeError),
    "outputs that must not change": ({"A": read_only(np.zeros((1, ROWS, 2)))}, TypeError),
}
CASES = [
    *((method, what, *case) for method in CALLS for what, case in WRONG.items()),
    *(
        (method, what, *case)
        for method in ("evaluate", "epoch")
        for what, case in WRONG_BATCH.items()
    ),
    *(("evaluate", what, *case) for what, case in WRONG_EVALUATION.items()),
    *(("epoch", what, *case) for what, case in WRONG_EPOCH.items()),
    *(("predict", what, *case) for what, case in WRONG_PREDICTION.items()),
]


@pytest.mark.parametrize("method", CALLS)
def test_a_right_call_is_taken(method):
    """Each wrong one differs from it in one thing."""
    call(method)


@pytest.mark.parametrize(
    ("method", "changed", "error"),
    [(method, changed, error) for method, _, changed, error in CASES],
    ids=[f"{method}: {what}" for method, what, *_ in CASES],
)
def test_a_wrong_call_is_an_exception(method, changed, error):
    with pytest.raises(error):
        call(method, **changed)


@pytest.mark.parametrize("method", CALLS)
def test_nothing_may_be_left_out_or_added(method):
    for name in CALLS[method]:
        rest = {key: value for key, value in CALLS[method].items() if key != name}
        with pytest.raises(TypeError):
            getattr(ENGINE, method)(**rest)
    with pytest.raises(TypeError):
        call(method, extra=1)


def test_a_wrong_call_changes_nothing():
    """The engine computes on, and what it was given is as it was."""
    parameters, gradient = ones(COUNT), np.zeros(COUNT)
    given = {"parameters": parameters, "gradient": gradient}
    before = call("evaluate", parameters=parameters)
    for what in ("fewer rows", "a column beyond the last", "rows that end beyond", "m below 0"):
        with pytest.raises(ValueError):  # noqa: PT011
            call("evaluate", **given | WRONG[what][0])
    for what in ("targets of fewer rows", "weights of fewer rows", "dropout of too few"):
        with pytest.raises(ValueError):  # noqa: PT011
            call("evaluate", **given | WRONG_BATCH[what][0])
    np.testing.assert_array_equal(parameters, 1)
    np.testing.assert_array_equal(gradient, 0)
    assert call("evaluate", parameters=parameters) == before


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"sizes": [3], "activations": []}, ValueError),
        ({"sizes": [], "activations": []}, ValueError),
        ({"sizes": [3, 0, 2]}, ValueError),
        ({"sizes": [3, -5, 2]}, ValueError),
        ({"sizes": [3, 2**31, 2]}, TypeError),
        ({"sizes": [3, 5.5, 2]}, TypeError),
        ({"sizes": [3, 5, 4, 2]}, ValueError),
        ({"sizes": [2] * 66, "activations": [0] * 65}, ValueError),
        ({"activations": [2]}, ValueError),
        ({"activations": [2, 13]}, ValueError),
        ({"activations": [-1, 0]}, ValueError),
        ({"loss": 5}, ValueError),
        ({"loss": -1}, ValueError),
        ({"loss": "poisson"}, TypeError),
        ({"cost_scale": "1"}, TypeError),
        ({"members": 0}, ValueError),
        ({"members": -2}, ValueError),
        ({"members": 1.5}, TypeError),
        ({"members": 2**31}, TypeError),
        ({"input_scale": "yes"}, TypeError),
    ],
)
def test_a_wrong_network(changed, error):
    with pytest.raises(error):
        _engine.Network(**LEGAL | changed)


# Names and numbers that an engine of 3-5-2 asks for, by what is said of its weights.
OTHER_LAYOUTS = [
    ({"input_scale": True}, 5, COUNT + 3),
    ({"ntk": True}, 4, COUNT),
    ({"members": 2}, 6, 15 + 2 * (3 + 5) + 2 * 5 + 2 * 10 + 2 * 2),
    ({"members": 2, "shared_weights": False}, 4, 2 * COUNT),
    ({"members": 3, "input_scale": True}, 7, 3 + 15 + 3 * (3 + 5) + 3 * 5 + 3 * 10 + 3 * 2),
]


@pytest.mark.parametrize(("options", "names", "count"), OTHER_LAYOUTS, ids=str)
def test_the_sizes_that_other_weights_ask_for(options, names, count):
    """One number too few or too many, in each array there is one for, is an exception."""
    engine = _engine.EngineDouble(_engine.Network(**LEGAL | options), SETS[0])
    k = options.get("members", 1)
    vector, outputs = np.full(count, 0.1), np.zeros((k, ROWS, 2))
    right = {
        "evaluate": {"parameters": vector, "gradient": np.zeros(count)},
        "epoch": {
            "parameters": vector,
            "first": np.zeros(count),
            "second": np.zeros(count),
            "frozen": np.zeros(count, bool),
            "rate_factors": np.ones(names),
        },
        "predict": {"parameters": vector, "Z": outputs, "A": outputs.copy()},
    }
    for method, arrays in right.items():
        getattr(engine, method)(**CALLS[method] | arrays)
        for name, V in arrays.items():
            for wrong in (V[:-1].copy(), np.concatenate([V, V[:1]])):
                with pytest.raises(ValueError):  # noqa: PT011
                    getattr(engine, method)(**CALLS[method] | arrays | {name: wrong})


def test_other_wrong_objects():
    for method in (-1, 4, 100):
        with pytest.raises(ValueError, match="no such optimizer"):
            _engine.Optimizer(method)
    with pytest.raises(TypeError):
        _engine.Optimizer(0, 0.9)  # the settings have names
    with pytest.raises(ValueError, match="no instruction set avx3"):
        _engine.EngineDouble(_engine.Network(**LEGAL), "avx3")
    with pytest.raises(TypeError):
        _engine.EngineDouble(LEGAL, SETS[0])
    with pytest.raises(TypeError):
        _engine.TableDouble(ones(6, 3, dtype=np.float32), None, None)
    with pytest.raises(TypeError):
        _engine.TableDouble(np.asfortranarray(ones(6, 3)), None, None)
    with pytest.raises(TypeError):
        sparse(np.array(SPARSE, np.int32), np.array([0, 1, 2], np.int32))
    for name in ("EngineDouble", "TableDouble", "Network", "Optimizer", "Team"):
        with pytest.raises(TypeError):
            getattr(_engine, name)()
    assert _engine.Team(0).size == _engine.Team(-3).size == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((0, np.zeros(15), np.zeros(15)), ValueError),
        ((0, np.zeros(16), np.zeros(32)), ValueError),
        ((0, np.zeros(16), np.zeros(16, np.float32)), TypeError),
        ((0, np.zeros((4, 4)), np.zeros((4, 4))), TypeError),
        ((0, np.zeros(32)[::2], np.zeros(16)), TypeError),
        ((0, read_only(np.zeros(16)), np.zeros(16)), TypeError),
        ((13, np.zeros(16), np.zeros(16)), ValueError),
        ((-1, np.zeros(16), np.zeros(16)), ValueError),
    ],
)
def test_wrong_arguments_of_activate(arguments, error):
    with pytest.raises(error):
        _engine.activate(SETS[0], *arguments)


# ----------------------------------------------------------------------- what ends a process, if it does


def outcome(code):
    """Run code in a process of its own; return the name of its exception, or how it ended."""
    prelude = """
        import numpy as np
        from chainrule.core import CompiledEngine
        from chainrule.core.engine import _engine
        from chainrule.nn import L2, Network, Parameters

        net = Network((4, 4), penalty=L2(0.1))
        params = Parameters.zeros(net.sizes)
        engine = CompiledEngine(net, np.float64)
        none = np.empty((0, 4))
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(prelude) + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if run.returncode != 1:
        return run.returncode
    return run.stderr.strip().rpartition("\n")[2].partition(":")[0]


@pytest.mark.parametrize(
    "code",
    [
        "engine.cost_and_gradients(params, none, none)",
        """
        engine._native.evaluate(
            team=_engine.Team(1), parameters=params.vector, gradient=np.zeros(20),
            table=_engine.TableDouble(none, None, None), Y=none, weight=None, m=2**62,
            dropout=None, dropout_key=0,
        )
        """,
    ],
    ids=["a cost of no rows", "so many rows that their number wraps"],
)
def test_a_process_survives(code):
    """Its exception is one that is in the reference, too, or a check's."""
    assert outcome(code) in ("ValueError", "ZeroDivisionError", "TypeError")


def test_the_outcome_of_a_process_is_seen():
    assert outcome("import os; os.kill(os.getpid(), 9)") == -9
    assert outcome("raise ValueError('x')") == "ValueError"
    assert outcome("") == 0


# ----------------------------------------------------------------------------------- from Python's side


def test_the_python_side_passes_the_checks_on():
    network = Network(SIZES, "tanh", loss="squared_error")
    engine = CompiledEngine(network, np.float64)
    point = draw(network, 20, 0, "random")
    theta, X, Y, weight = point.batch
    plan = EpochPlan("adam", {}, (), 0, np.zeros(5), 4)
    for wrong in (
        lambda: engine.cost_and_gradients(theta, X[:, :2], Y),
        lambda: engine.cost_and_gradients(theta, X[:10], Y),
        lambda: engine.cost_and_gradients(theta, X.T, Y),
        lambda: engine.cost_and_gradients(theta, X, Y[:, :1]),
        lambda: engine.cost_and_gradients(theta, X, Y, weight[:5]),
        lambda: engine.cost_and_gradients(theta, X, Y, dropout=[0.1, 0.1]),
        lambda: engine.cost_and_gradients(Parameters.zeros((3, 4, 2)), X, Y),
        lambda: engine.outputs(theta, X[:, :2]),
        lambda: engine.outputs(theta, np.hstack([X, X])),
        lambda: engine.epoch(theta, plan, X, Y),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            wrong()
    with pytest.raises(TypeError):
        engine.cost_and_gradients(theta.copy().__class__(SIZES, theta.vector.astype("f4")), X, Y)
    with pytest.raises(KeyError):
        engine.epoch(theta, EpochPlan("lion", {}, (), 0, np.zeros(5), 4), X, Y)
    J, gradients = engine.cost_and_gradients(*point.batch)
    Z, A = engine.outputs(theta, X)
    got = {"J": J, "Z": Z, "A": A, **gradients}
    assert max(differences(got, compiled(network, point)).values()) == 0
