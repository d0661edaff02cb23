"""Which engine computes: the best instruction set, the one that was asked for, or the reference."""

import sys
import warnings

import numpy as np
import pytest

import chainrule as cr
from chainrule.core import (
    CompiledEngine,
    choice,
    engine_for,
    engine_name,
    forward_output,
    gradient_function,
    instruction_sets,
)
from chainrule.core import engine as compiled_side
from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.propagation import cost_and_gradients
from chainrule.notices import EngineWarning
from chainrule.optim import SGD
from chainrule.train import Dataset, train_lbfgs
from helpers.engines import DTYPES, SETS, difference, differences, draw, reference
from helpers.training import NET, dataset, trainer

ENGINES = (*SETS, "reference")


@pytest.fixture(autouse=True)
def nothing_asked_for(monkeypatch):
    monkeypatch.delenv("CHAINRULE_ENGINE", raising=False)


@pytest.fixture
def used(monkeypatch):
    """Write down the instruction set of every engine that is made."""
    names = []
    make = CompiledEngine.__init__

    def noted(self, network, dtype, n_threads=None, instruction_set=None):
        names.append(instruction_set)
        make(self, network, dtype, n_threads, instruction_set)

    monkeypatch.setattr(CompiledEngine, "__init__", noted)
    return names


def leave_out(monkeypatch):
    """Do as if chainrule had been installed without its compiled module."""
    monkeypatch.setattr(compiled_side, "_engine", None)
    monkeypatch.setattr(choice, "_said", set())


# ------------------------------------------------------------------------------------------ the choice


def test_every_machine_has_the_baseline():
    assert SETS[-1] == "baseline"
    assert set(SETS) <= {"avx512", "avx2", "baseline"}
    assert instruction_sets() == list(SETS)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/cpuinfo is Linux's")
def test_the_sets_are_those_of_the_processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        flags = set(next((line for line in file if line.startswith("flags")), "").split())
    wanted = {
        "avx512": {"avx512f", "avx512dq", "avx512bw", "avx512vl", "fma"},
        "avx2": {"avx2", "fma"},
        "baseline": set(),
    }
    assert [name for name, needs in wanted.items() if needs <= flags] == list(SETS)


@pytest.mark.parametrize("asked", [None, "", " ", "auto", "AUTO", " auto "])
def test_the_best_one_by_default(asked, monkeypatch):
    if asked is not None:
        monkeypatch.setenv("CHAINRULE_ENGINE", asked)
    assert engine_name() == SETS[0]
    assert isinstance(engine_for(NET, np.float64), CompiledEngine)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("form", [str, str.upper, " {} ".format])
def test_the_one_that_was_asked_for(name, form, monkeypatch, used):
    monkeypatch.setenv("CHAINRULE_ENGINE", form(name))
    assert engine_name() == name
    engine = engine_for(NET, np.float64, 1)
    assert used == ([] if name == "reference" else [name])
    assert (engine is None) == (name == "reference")


@pytest.mark.parametrize("name", ["avx1024", "avx-2", "ref", "none", "0", "avx2,baseline"])
def test_an_unknown_one_is_refused_with_those_that_are_there(name, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", name)
    message = f"CHAINRULE_ENGINE={name}: this machine has {', '.join(ENGINES)}$"
    data = dataset()
    model = cr.MLPClassifier((4,), max_iter=2)
    for use in (
        engine_name,
        lambda: engine_for(NET, np.float64),
        lambda: gradient_function(NET, np.float64),
        lambda: forward_output(NET, NET.init(0), data.X),
        lambda: trainer().run(NET.init(0), data),
        lambda: train_lbfgs(NET, NET.init(0), data),
        lambda: model.fit(data.X, data.Y[:, 0]),
    ):
        with pytest.raises(ParameterError, match=message):
            use()


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_set_is_used_and_they_agree(dtype, monkeypatch, used):
    """Fit, partial fit and predict: to rounding, and not all to the bit, so there are several."""
    data = dataset(300)
    X, y = data.X.astype(dtype), data.Y[:, 0]
    found = {}
    for name in ENGINES:
        monkeypatch.setenv("CHAINRULE_ENGINE", name)
        used.clear()
        model = cr.MLPClassifier((33,), max_iter=20, tol=0.01, random_state=0).fit(X, y)
        model.partial_fit(X, y)
        found[name] = model.parameters_.vector, model.predict_proba(X), model.loss_curve_
        assert set(used) == ({name} if name != "reference" else set())
    *want, _ = found["reference"]
    for name in SETS:
        vector, proba, _ = found[name]
        assert (vector.dtype, proba.dtype) == (dtype, np.float64)
        for got, V in zip((vector, proba), want, strict=True):
            assert difference(got, V) < {np.float64: 1e-11, np.float32: 1e-4}[dtype], name
    assert len({V.tobytes() for V, *_ in found.values()}) > 1


@pytest.mark.parametrize("name", SETS)
def test_one_set_computes_the_same_bits_from_run_to_run(name, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", name)
    params = [NET.init(0) for _ in range(2)]
    for it in params:
        trainer(dropout=0.2).run(it, dataset())
    assert params[0].vector.tobytes() == params[1].vector.tobytes()


@pytest.mark.parametrize("name", ["avx3", "", "reference", "AVX2"])
def test_the_module_itself_knows_no_other_names(name):
    if name:
        with pytest.raises(ValueError, match=f"this machine has no instruction set {name}"):
            CompiledEngine(NET, np.float64, 1, name)
    Z = np.zeros(16)
    with pytest.raises(ValueError, match="this machine has no instruction set"):
        compiled_side._engine.activate(name, "tanh", Z, Z.copy())


# ---------------------------------------------------------------------------- what the reference is for


def test_networks_that_are_too_deep_are_the_references(monkeypatch):
    monkeypatch.setattr(choice, "_said", set())
    deep, deeper = Network((2,) * 65), Network((2,) * 66)
    assert isinstance(engine_for(deep, np.float64), CompiledEngine)
    with pytest.warns(EngineWarning, match="does not know more than 64 layers: NumPy computes"):
        assert engine_for(deeper, np.float64) is None
    point = draw(deeper, 5, 0)
    J, gradients = gradient_function(deeper, np.float64)(*point.batch)
    assert (J, gradients) == cost_and_gradients(deeper, *point.batch)
    history = trainer(deeper, SGD(0.01), epochs=2).run(point.parameters, Dataset(point.X, point.Y))
    assert len(history) == 2


@pytest.mark.parametrize("dtype", [np.float16, np.longdouble, np.complex128])
def test_other_precisions_are_the_references(dtype):
    if np.dtype(dtype) != np.float64:
        assert engine_for(NET, dtype) is None


def test_the_reference_computes_the_outputs_of_complex_parameters():
    point = draw(NET, 5, 0)
    parameters = type(point.parameters)(NET.sizes, point.parameters.vector.astype(complex))
    output = forward_output(NET, parameters, point.X)
    np.testing.assert_allclose(output.A, reference(NET, point)["A"], rtol=1e-14)
    assert output.A.dtype == complex


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_gradients_and_outputs_by_whichever_engine(name, dtype, monkeypatch):
    monkeypatch.setenv("CHAINRULE_ENGINE", name)
    point = draw(NET, 50, 0, "random").cast(dtype)
    J, gradients = gradient_function(NET, dtype)(*point.batch)
    output = forward_output(NET, point.parameters, point.X)
    got = {"J": J, "Z": output.Z, "A": output.A, **gradients}
    errors = differences(got, reference(NET, point))
    assert max(errors.values()) < {np.float64: 1e-12, np.float32: 2e-6}[dtype]


# -------------------------------------------------------------------------- without the compiled module


def test_a_module_that_cannot_be_imported_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "chainrule.core._engine", None)
    assert compiled_side.compiled_module() is None


def everything():
    """Train and predict in every way that there is."""
    data = dataset()
    X, y = data.X, data.Y[:, 0]
    params = NET.init(0)
    trainer(epochs=1).run(params, data, data)
    train_lbfgs(NET, NET.init(0), data, max_iterations=2)
    forward_output(NET, params, X)
    for solver in ("sgd", "adam", "lbfgs"):
        model = cr.MLPClassifier((4,), solver=solver, max_iter=2, tol=1.0, n_iter_no_change=1)
        model.fit(X, y)
        model.predict_proba(X)
    model.set_params(solver="sgd").partial_fit(X, y)
    regressor = cr.MLPRegressor(hidden_layer_sizes=(4,), max_iter=2, early_stopping=True)
    regressor.fit(X, X[:, 0])
    return regressor.predict(X)


def test_without_the_module_everything_works_with_one_notice(monkeypatch):
    leave_out(monkeypatch)
    assert instruction_sets() == []
    assert engine_name() == "reference"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert engine_for(NET, np.float32) is None
        first = everything()
        everything()
    notices = [warning for warning in caught if "compiled engine" in str(warning.message)]
    assert len(notices) == 1
    assert notices[0].category is EngineWarning
    assert "\n" not in str(notices[0].message)
    assert "CHAINRULE_ENGINE=reference" in str(notices[0].message)
    assert np.isfinite(first).all()
    assert {type(warning.message).__name__ for warning in caught} <= {
        "EngineWarning",
        "ConvergenceWarning",
    }


def test_whoever_asks_for_the_reference_reads_no_notice(monkeypatch):
    leave_out(monkeypatch)
    monkeypatch.setenv("CHAINRULE_ENGINE", "reference")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        everything()
    assert not [warning for warning in caught if "compiled engine" in str(warning.message)]


def test_with_the_module_there_is_no_notice():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        everything()
    assert not [warning for warning in caught if "compiled engine" in str(warning.message)]


def test_without_the_module_its_names_are_unknown(monkeypatch):
    leave_out(monkeypatch)
    monkeypatch.setenv("CHAINRULE_ENGINE", "baseline")
    with pytest.raises(
        ParameterError, match=r"CHAINRULE_ENGINE=baseline: this machine has reference$"
    ):
        engine_name()


def test_without_the_module_the_numbers_are_the_references(monkeypatch):
    data = dataset()
    left = []
    for ask in (True, False):
        with monkeypatch.context() as context:
            if ask:
                context.setenv("CHAINRULE_ENGINE", "reference")
            else:
                leave_out(context)
                context.setattr(choice, "say_once", lambda text: None)
            params = NET.init(0)
            trainer(dropout=0.2).run(params, data)
            left.append(params.vector.tobytes())
    assert left[0] == left[1]
