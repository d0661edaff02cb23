"""A network and its parameters, saved by themselves."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ModelFileError, ParameterError, ShapeError


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"input_scale": True, "parametrization": "ntk"},
        {"members": 3, "input_scale": True},
        {"members": 2, "shared_weights": False},
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_round_trip(tmp_path, parts, dtype):
    network = cr.Network((3, 4, 2), loss="categorical_cross_entropy", penalty=cr.L2(0.1), **parts)
    parameters = network.init(seed=0, dtype=dtype)
    cr.save((network, parameters), tmp_path / "model.safetensors")
    again, own = cr.load(tmp_path / "model.safetensors")
    assert again == network
    assert own == parameters
    assert own.dtype == dtype


def test_what_comes_from_scikit_learn_is_saved_and_checked(tmp_path):
    from sklearn.datasets import load_iris
    from sklearn.neural_network import MLPClassifier

    X, y = load_iris(return_X_y=True)
    theirs = MLPClassifier((5,), max_iter=5000, tol=1e-3, random_state=0).fit(X, y)
    cr.save(cr.from_sklearn(theirs), tmp_path / "iris.safetensors")
    network, parameters = cr.load(tmp_path / "iris.safetensors")
    np.testing.assert_allclose(
        network.predict(parameters, X), theirs.predict_proba(X), rtol=1e-12, atol=1e-15
    )
    trace = cr.explain(network, parameters, X, np.eye(3)[y])
    assert np.isfinite(trace["dW1"].value).all()


def test_parameters_of_another_network(tmp_path):
    network = cr.Network((3, 4, 2))
    with pytest.raises(ShapeError, match="save those that belong together"):
        cr.save((network, cr.Network((3, 5, 2)).init(0)), tmp_path / "x.safetensors")
    with pytest.raises(ShapeError, match="save those that belong together"):
        cr.save((network, cr.Network((3, 4, 2), input_scale=True).init(0)), tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_another_tuple_is_no_model(tmp_path):
    with pytest.raises(ParameterError, match=r"a builtins\.tuple cannot be saved"):
        cr.save((1, 2), tmp_path / "x.safetensors")


def test_details_are_refused(tmp_path):
    from chainrule.modelfile import ModelRecord
    from chainrule.modelfile.container import write_record

    network = cr.Network((2, 1))
    path = tmp_path / "x.safetensors"
    write_record(ModelRecord("Network", network, network.init(0), {"a": 1}), path)
    with pytest.raises(ModelFileError, match="no details"):
        cr.load(path)
