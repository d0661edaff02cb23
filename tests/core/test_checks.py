"""A wrong call of the compiled module is an exception: all is checked before a pointer goes on."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from chainrule.core import CompiledEngine, EpochPlan
from chainrule.core.engine import _engine
from chainrule.errors import ParameterError
from chainrule.nn import Network, Parameters
from helpers.engines import SETS, compiled, differences, draw

SIZES = (3, 5, 2)
COUNT = 32  # parameters
ROWS = 6
LEGAL = {
    "sizes": list(SIZES),
    "activations": ["tanh", "identity"],
    "loss": "squared_error",
    "reduction": "mean",
    "cost_scale": 1.0,
    "label_smoothing": 0.0,
    "penalty": 0.1,
    "penalty_scale": "full",
    "penalty_on_biases": False,
}
ADAM = _engine.Optimizer("adam", {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8})


def ones(*shape, dtype=np.float64):
    return np.ones(shape, dtype)


def read_only(V):
    V.setflags(write=False)
    return V


def filled(native, fields):
    """Set the fields of one of the extension's objects."""
    for name, value in fields.items():
        setattr(native, name, value)
    return native


def dense(X):
    return {"X": X}


def sparse(indptr, indices, values=None):
    values = np.ones(len(indices)) if values is None else values
    return {"X": values, "indptr": np.array(indptr), "indices": np.array(indices)}


ENGINE = _engine.EngineDouble(_engine.Network(**LEGAL), SETS[0])
TABLE = {"X": ones(ROWS, 3)}
TARGETS = {"Y": ones(ROWS, 2), "weight": None}
PLAN = {
    "first": np.zeros(COUNT),
    "second": np.zeros(COUNT),
    "batch_size": 4,
    "optimizer": ADAM,
    "rates": np.full(2, 1e-3),
    "rate_factors": None,
    "step": 0,
    "frozen": None,
    "dropout": None,
    "dropout_key": 0,
    "dropout_drawn": 0,
    "largest_allowed": 1e300,
}
SHARED = {"team": _engine.Team(2), "parameters": ones(COUNT), **TABLE}
CALLS = {
    "evaluate": SHARED | TARGETS | {"dropout": None, "dropout_key": 0, "gradient": np.zeros(COUNT)},
    "epoch": SHARED | TARGETS | {"order": None} | PLAN,
    "predict": SHARED | {"Z": np.zeros((1, ROWS, 2)), "A": np.zeros((1, ROWS, 2))},
}
ROWS_HAVE = ("X", "indptr", "indices", "Y", "weight", "order")


def call(method, engine=ENGINE, **changed):
    """Call a method with what `CALLS` has for it, but for some things, in the objects they belong to."""
    given = CALLS[method] | changed
    table = {name: given.pop(name) for name in ROWS_HAVE if name in given}
    given["table"] = filled(_engine.TableDouble(table.pop("X")), table)
    if method == "epoch":
        plan = {name: given.pop(name) for name in PLAN}
        given["plan"] = filled(_engine.PlanDouble(), plan)
    return getattr(engine, method)(**given)


SPARSE = [0, 1, 1, 3, 3, 3, 3]  # where the rows of three entries start
WRONG = {  # what is wrong with any of the three
    "no team": ({"team": None}, TypeError),
    "parameters of another network": ({"parameters": ones(COUNT - 1)}, ValueError),
    "parameters in float32": ({"parameters": ones(COUNT, dtype=np.float32)}, TypeError),
    "parameters in two dimensions": ({"parameters": ones(4, 8)}, TypeError),
    "parameters that are not in a row": ({"parameters": ones(2 * COUNT)[::2]}, TypeError),
    "parameters as a list": ({"parameters": [1.0] * COUNT}, TypeError),
    "X in one dimension": ({"X": ones(3 * ROWS)}, ValueError),
    "X in float32": ({"X": ones(ROWS, 3, dtype=np.float32)}, TypeError),
    "X in another order": ({"X": np.asfortranarray(ones(ROWS, 3))}, TypeError),
    "fewer rows": ({**dense(ones(ROWS - 1, 3))}, ValueError),
    "more rows": ({**dense(ones(ROWS + 1, 3))}, ValueError),
    "another number of columns": ({**dense(ones(ROWS, 4))}, ValueError),
    "columns for rows": ({**dense(ones(3, ROWS))}, ValueError),
    "no rows for m": ({**dense(ones(0, 3))}, ValueError),
    "a column beyond the last": ({**sparse(SPARSE, [0, 1, 3])}, ValueError),
    "a column below 0": ({**sparse(SPARSE, [0, -1, 2])}, ValueError),
    "rows that fall": ({**sparse([0, 3, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that start late": ({**sparse([1, 1, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that start before": ({**sparse([-1, 1, 1, 3, 3, 3, 3], [0, 1, 2])}, ValueError),
    "rows that end early": ({**sparse([0, 1, 1, 2, 2, 2, 2], [0, 1, 2])}, ValueError),
    "rows that end beyond": ({**sparse([0, 1, 1, 3, 3, 3, 4], [0, 1, 2])}, ValueError),
    "sparse rows that are too few": ({**sparse([0, 1, 1, 3, 3, 3], [0, 1, 2])}, ValueError),
    "fewer columns than values": ({**sparse(SPARSE, [0, 1], ones(3))}, ValueError),
    "rows without columns": ({"X": ones(3), "indptr": np.array(SPARSE)}, ValueError),
    "rows without an end": (sparse(np.zeros(0, np.int64), np.zeros(0, np.int64)), ValueError),
    "sparse rows of small numbers": (
        {"X": ones(3), "indptr": np.array(SPARSE, np.int32), "indices": np.array([0, 1, 2])},
        TypeError,
    ),
}
WRONG_BATCH = {  # with a cost
    "targets of fewer rows": ({"Y": ones(ROWS - 1, 2)}, ValueError),
    "targets of one output": ({"Y": ones(ROWS)}, ValueError),
    "targets turned round": ({"Y": ones(2, ROWS)}, ValueError),
    "targets in float32": ({"Y": ones(ROWS, 2, dtype=np.float32)}, TypeError),
    "targets in another order": ({"Y": np.asfortranarray(ones(ROWS, 2))}, TypeError),
    "no targets": ({"Y": None}, ValueError),
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
    "no velocity": (
        {"first": None, "optimizer": _engine.Optimizer("sgd", {"momentum": 0.9})},
        ValueError,
    ),
    "no mean square": (
        {"first": None, "optimizer": _engine.Optimizer("rmsprop", {"decay": 0.9})},
        ValueError,
    ),
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
    "no rates": ({"rates": None}, ValueError),
    "updates below 0": ({"step": -1}, ValueError),
    "updates without an end": ({"step": 2**63 - 1}, ValueError),
    "masks drawn below 0": ({"dropout_drawn": -1}, ValueError),
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
    for what in ("fewer rows", "a column beyond the last", "rows that end beyond"):
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
        ({"sizes": [3, 2**31, 2]}, ValueError),
        ({"sizes": [3, 2**63, 2]}, TypeError),
        ({"sizes": [2**31 - 2**10] * 3}, OverflowError),
        ({"sizes": [2**30, 2**20, 2], "members": 2**20}, OverflowError),
        ({"sizes": [3, 5.5, 2]}, TypeError),
        ({"sizes": [3, 5, 4, 2]}, ValueError),
        ({"sizes": [2] * 66, "activations": ["tanh"] * 65}, ValueError),
        ({"activations": ["tanh"]}, ValueError),
        ({"activations": ["tanh", "softsign"]}, ValueError),
        ({"activations": ["", "tanh"]}, ValueError),
        ({"activations": ["tanh, relu", "tanh"]}, ValueError),
        ({"activations": [2, 0]}, TypeError),
        ({"loss": "hinge"}, ValueError),
        ({"loss": 3}, TypeError),
        ({"reduction": "median"}, ValueError),
        ({"penalty_scale": "third"}, ValueError),
        ({"parametrization": "mup"}, ValueError),
        ({"cost_scale": "1"}, TypeError),
        ({"members": 0}, ValueError),
        ({"members": -2}, ValueError),
        ({"members": 1.5}, TypeError),
        ({"members": 2**31}, ValueError),
        ({"input_scale": "yes"}, TypeError),
    ],
)
def test_a_wrong_network(changed, error):
    with pytest.raises(error):
        _engine.Network(**LEGAL | changed)


def test_the_memory_of_an_engine_has_an_end():
    """Weights that members share are few numbers, and those that they make of them are many."""
    network = Network((3, 10**6, 10**6, 1), members=2 * 10**9)
    with pytest.raises(ParameterError, match="more numbers than memory can hold"):
        CompiledEngine(network, np.float64)
    network = Network((3, 10**5, 10**5, 1), members=10**6)
    with pytest.raises(MemoryError, match=r"^the compiled engine needs \d+ MB more memory[^\n]*$"):
        CompiledEngine(network, np.float64)


# Names and numbers that an engine of 3-5-2 asks for, by what is said of its weights.
OTHER_LAYOUTS = [
    ({"input_scale": True}, 5, COUNT + 3),
    ({"parametrization": "ntk"}, 4, COUNT),
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
        call(method, engine, **arrays)
        for name, V in arrays.items():
            for wrong in (V[:-1].copy(), np.concatenate([V, V[:1]])):
                with pytest.raises(ValueError):  # noqa: PT011
                    call(method, engine, **arrays | {name: wrong})


def test_other_wrong_objects():
    with pytest.raises(ValueError, match="has no optimizer lion"):
        _engine.Optimizer("lion")
    for settings in ({"decay": 0.9}, {"amsgrad": 1.0}, {"": 0.0}):
        with pytest.raises(ValueError, match="no such setting"):
            _engine.Optimizer("adam", settings)
    for wrong in ((2,), ("adam", 0.9), ("adam", {"beta_1": "0.9"})):
        with pytest.raises(TypeError):
            _engine.Optimizer(*wrong)
    with pytest.raises(ValueError, match="no instruction set avx3"):
        _engine.EngineDouble(_engine.Network(**LEGAL), "avx3")
    with pytest.raises(TypeError):
        _engine.EngineDouble(LEGAL, SETS[0])
    with pytest.raises(TypeError):
        _engine.TableDouble([[1.0, 2.0, 3.0]])
    with pytest.raises(TypeError):
        _engine.TableDouble(None)
    for name in ("EngineDouble", "TableDouble", "Network", "Optimizer", "Team"):
        with pytest.raises(TypeError):
            getattr(_engine, name)()
    assert _engine.Team(0).size == _engine.Team(-3).size == 1
    for batch in (-1, 2**47 + 1, 2**63 - 1):
        with pytest.raises(ValueError, match="rows"):
            ENGINE.shards(batch)
    assert ENGINE.shards(0) == 0
    assert 1 <= ENGINE.shards(2**47) <= 64


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("tanh", np.zeros(15), np.zeros(15)), ValueError),
        (("tanh", np.zeros(16), np.zeros(32)), ValueError),
        (("tanh", np.zeros(16), np.zeros(16, np.float32)), TypeError),
        (("tanh", np.zeros((4, 4)), np.zeros((4, 4))), TypeError),
        (("tanh", np.zeros(32)[::2], np.zeros(16)), TypeError),
        (("tanh", read_only(np.zeros(16)), np.zeros(16)), TypeError),
        (("softsign", np.zeros(16), np.zeros(16)), ValueError),
        ((2, np.zeros(16), np.zeros(16)), TypeError),
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


def test_a_cost_of_no_rows():
    """It is an exception in the reference, too."""
    assert outcome("engine.cost_and_gradients(params, none, none)") == "ValueError"


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
    with pytest.raises(ValueError, match="has no optimizer lion"):
        engine.epoch(theta, EpochPlan("lion", {}, (), 0, np.zeros(5), 4), X, Y)
    J, gradients = engine.cost_and_gradients(*point.batch)
    Z, A = engine.outputs(theta, X)
    got = {"J": J, "Z": Z, "A": A, **gradients}
    assert max(differences(got, compiled(network, point)).values()) == 0
