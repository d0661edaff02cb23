"""Numbers at the ends of the range, in X, y and weights: a finite result, or an error of one line."""

import re
import warnings

import numpy as np
import pyarrow as pa
import pytest
from sklearn.exceptions import ConvergenceWarning

import chainrule as cr
from chainrule.data.findings import DataWarning
from chainrule.errors import ChainruleError, DataError, ModelFileError

VALUES = (5e-324, 1e39, -1e308, np.finfo(float).max, np.inf)
RNG = np.random.RandomState(0)
X, Y = RNG.rand(40, 3), RNG.rand(40)
CLASSES = (X[:, 0] > 0.5).astype(int)
SETTINGS = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}


def one(values, extreme):
    values = np.array(values, dtype=float)
    values.flat[5] = extreme
    return values


def both(values, extreme):
    """The value and its opposite, so that their sum and difference are looked at too."""
    values = np.array(values, dtype=float)
    values.reshape(len(values), -1)[::2, 0] = extreme
    values.reshape(len(values), -1)[1::2, 0] = -extreme
    return values


def everywhere(values, extreme):
    return np.full_like(values, extreme, dtype=float)


def fit_table(X, y, weight=None, **settings):
    columns = {f"x{place}": column for place, column in enumerate(X.T)} | {"y": y}
    if weight is not None:
        columns["w"] = weight
    model = cr.TableModel(**SETTINGS, **settings)
    model.fit(pa.table(columns), "y", weight=None if weight is None else "w")
    model.evaluate(pa.table(columns))
    return model.predict(pa.table(columns))["prediction"].to_numpy()


def results(put, value, dtype, preset):
    """Yield what is to be computed with one extreme value at one place."""
    with np.errstate(over="ignore"):
        bad, target, weight = (put(part, value).astype(dtype) for part in (X, Y, np.ones(len(X))))
    given, weight = X.astype(dtype), np.abs(weight)
    classifier = cr.MLPClassifier.from_preset(preset, **SETTINGS)
    regressor = cr.MLPRegressor.from_preset(preset, **SETTINGS)
    yield lambda: classifier.fit(bad, CLASSES).predict_proba(bad)
    yield lambda: regressor.fit(bad, Y).predict(bad)
    yield lambda: regressor.fit(given, Y).predict(bad)
    yield lambda: regressor.fit(given, target).predict(given)
    yield lambda: classifier.fit(given, CLASSES, weight).predict_proba(given)
    yield lambda: regressor.fit(given, Y, weight).predict(given)
    if dtype is np.float64:
        yield lambda: fit_table(bad, Y, preset=preset)
        yield lambda: fit_table(X, target, preset=preset)
        yield lambda: fit_table(X, Y, weight, preset=preset)


@pytest.mark.parametrize("preset", ["plain", "realmlp"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("put", [one, both, everywhere])
def test_extremes(put, dtype, preset):
    for value in VALUES:
        for compute in results(put, value, dtype, preset):
            said = ""
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                warnings.simplefilter("ignore", DataWarning)
                try:
                    result = compute()
                except ChainruleError as error:
                    said = str(error)
                except ValueError as error:  # scikit-learn's own words
                    said = str(error).splitlines()[0]
                    assert re.search("NaN|infinity|too large", said)
            assert said or np.isfinite(result).all()
            assert "\n" not in said


TABLE = pa.table({"x": X[:, 0], "z": X[:, 1], "price": Y})


def exploded(factor):
    model = cr.TableModel(hidden_layer_sizes=(4, 4), solver="lbfgs", random_state=0, max_iter=2000)
    model.fit(TABLE, "price")
    for name in ("W1", "W2", "W3"):
        model.estimator.parameters_[name][...] *= factor
    return model


def test_a_model_file_that_predicts_nothing_finite_is_refused(tmp_path):
    path = tmp_path / "model"
    cr.save(exploded(1e150), path)
    with pytest.raises(ModelFileError, match="its predictions are not finite") as caught:
        cr.load(path)
    assert str(path) in str(caught.value)


def test_the_row_of_a_prediction_that_is_not_finite():
    model = exploded(1e150)
    with pytest.raises(DataError, match=r"row 1: the model predicts (nan|inf|-inf): its weights"):
        model.predict(TABLE)
    model = exploded(1)
    model.estimator.parameters_["W1"][0] = 1e200
    model.estimator.parameters_["W2"][...] = 1e107
    rows = TABLE.select(["x", "z"]).to_pylist()
    rows[7]["x"] = 1e10
    far = pa.Table.from_pylist(rows)
    with pytest.raises(DataError, match="the model predicts"):
        model.predict(far)


def test_too_little_memory_is_not_the_fault_of_the_file(tmp_path, monkeypatch):
    path = tmp_path / "model"
    cr.save(exploded(1), path)

    def no_memory(*arguments, **named):
        raise MemoryError

    monkeypatch.setattr("chainrule.modelfile.container.parse", no_memory)
    with pytest.raises(MemoryError):
        cr.load(path)
    np.savez(tmp_path / "table.npz", x=np.zeros(3))
    monkeypatch.setattr("chainrule.files.npz.npy.read_array", no_memory)
    with pytest.raises(MemoryError):
        cr.data.read_table(tmp_path / "table.npz")
