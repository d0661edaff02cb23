"""Every wrong value of every parameter is refused by name, when `fit` is called and not before."""

import re

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import ParameterError
from helpers.trajectories import rows_of

NUMBERS = {  # wrong values of each, beside those that are wrong for all
    "alpha": [-1, np.inf],
    "power_t": [-0.1],
    "tol": [-1e-9],
    "weight_decay": [-1],
    "learning_rate_init": [0, -1, np.inf],
    "epsilon": [0, -1],
    "beta_1": [1, -0.1],
    "beta_2": [1.0, 2],
    "decay": [1.0, -0.1],
    "matrix_rate": [-1, np.inf],
    "matrix_momentum": [1.0, -0.1],
    "validation_fraction": [1.0, -0.1],
    "label_smoothing": [1.0, -0.1],
    "momentum": [1.1, -0.1],
    "clip_norm": [0, -1, np.inf],
    "max_iter": [0, 1.5],
    "max_fun": [0, 1.5],
    "batch_size": [0, 2.5, "all"],
    "n_iter_no_change": [0, 1.5, -np.inf],
    "dropout": [1.0, -0.1, [0.1, 0.2], []],
    "piecewise_linear": [1, -1, 2.5, 1025],
    "ensemble": [0, -1, 1.5],
    "bagging": [0, -1, 1.5],
    "n_threads": [0, 1.5, -1],
    "time_limit": [0, -1, np.inf, np.nan],
}
OTHERS = {
    "pack": ["huge", 3, True, ["low"]],
    "scaling": ["robst", "standard", 3, True, ["robust"]],
    "parametrization": ["nkt", None, 3, ["ntk"]],
    "initializer": ["norml", None, 3, ["normal"]],
    "best_epoch": ["best", None, 3],
    "precision": ["float16", 32, "double", np.float32],
    "binary_output": ["softmx", None, 2],
    "input_scale": ["yes", None, 1],
    "zero_output": ["yes", None, 1],
    "drop_last": ["yes", None, 1],
    "standardize_target": ["yes", None, 1],
    "learning_rate_factors": [
        3,
        "b",
        ["b"],
        {"c": 1},
        {"b": -1},
        {"b": np.nan},
        {"b": "x"},
        {1: 1},
    ],
    "hidden_layer_sizes": [0, -1, 2.5, "ten", None, (5, 0), (5, -1), (5, 2.0), [[5, 5]], True],
    "activation": ["reluu", None, 3, ["relu", "relu"], [], ["reluu"], "exponential"],
    "solver": ["adm", None, 3, ["adam"]],
    "learning_rate": ["cosin", 0.01, None, ["step"]],
    "shuffle": ["yes", None, 1],
    "warm_start": ["yes", None],
    "nesterovs_momentum": ["yes", 1],
    "early_stopping": ["yes", None],
    "verbose": ["yes", None],
    "random_state": ["seed", 1.5, -1],
    "metric": ["acuracy", 3, ""],
    "callbacks": [5, "print", [print], [None]],
    "class_weight": ["balance", [1, 2], {0: -1}, {0: "a"}, {0: np.nan}, {0: np.inf}, 3],
    "loss": ["squared_eror", None, 3],
}
FOR_ALL = ["many", None, np.nan, [], {}, True, object()]
LEGAL = {("clip_norm", None), ("n_threads", None), ("time_limit", None)}
WRONG = [
    (name, value)
    for name, values in NUMBERS.items()
    for value in (*values, *FOR_ALL)
    if (name, None if value is None else 0) not in LEGAL and (name, value) != ("dropout", [])
]
WRONG += [(name, value) for name, values in OTHERS.items() for value in values]


def name_of(value):
    """Return a test's name for a value: the same in every process, so without an address in memory."""
    return re.sub(r" at 0x\w+", "", str(value), flags=re.IGNORECASE)


CALLED = {  # what a message says in place of the parameter's name
    "learning_rate": "learning_rate schedule",
    "learning_rate_factors": "learning rate|learn at a rate of its own",
}


def estimators_with(name):
    return [
        kind
        for kind in (cr.MLPClassifier, cr.MLPRegressor)
        if name in kind().get_params(deep=False)
    ]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=name_of)
def test_a_wrong_value_is_refused_by_name(name, value):
    X, y = rows_of("binary")
    kinds = estimators_with(name)
    assert kinds
    for kind in kinds:
        model = kind(**{name: value})  # scikit-learn's contract: nothing is checked here
        assert model.get_params()[name] is value
        with pytest.raises(ParameterError, match=CALLED.get(name, name)) as caught:
            model.fit(X[:40], y[:40])
        assert isinstance(caught.value, ValueError)
        assert "\n" not in str(caught.value)
        assert not hasattr(model, "parameters_")


def test_every_parameter_has_a_wrong_value_here():
    names = {*cr.MLPClassifier().get_params(), *cr.MLPRegressor().get_params()}
    assert names == {*NUMBERS, *OTHERS}
    assert names == {name for name, _ in WRONG}


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"solver": "adm"}, "'adam'"),
        ({"solver": "lbgfs"}, "'lbfgs'"),
        ({"activation": "reluu"}, "'relu'"),
        ({"activation": ["tanhh"]}, "'tanh'"),
        ({"learning_rate": "cosin"}, "'cosine'"),
        ({"learning_rate": "invscalling"}, "'invscaling'"),
        ({"metric": "acuracy"}, "'accuracy'"),
        ({"metric": "rocauc"}, "'roc_auc'"),
        ({"scaling": "robus"}, "'robust'"),
        ({"parametrization": "nkt"}, "'ntk'"),
        ({"initializer": "he_norml"}, "'he_normal'"),
        ({"binary_output": "softmx"}, "'softmax'"),
        ({"precision": "float23"}, "'float32'"),
        ({"learning_rate": "coslog"}, "'coslog4'"),
    ],
)
def test_a_misspelt_name_gets_the_nearest_right_one(settings, hint):
    X, y = rows_of("binary")
    with pytest.raises(ParameterError, match=f"did you mean {hint}"):
        cr.MLPClassifier(**settings).fit(X[:40], y[:40])


def test_a_misspelt_loss_and_metrics_of_the_other_kind():
    X, y = rows_of("diabetes")
    with pytest.raises(ParameterError, match="did you mean 'poisson'"):
        cr.MLPRegressor("poison").fit(X, y)
    with pytest.raises(ParameterError, match="metric 'f1' is not one for regression"):
        cr.MLPRegressor(metric="f1").fit(X, y)
    with pytest.raises(ParameterError, match="metric 'r2' is not one for classification"):
        cr.MLPClassifier(metric="r2").fit(X, y > 0)


def test_early_stopping_needs_a_part_of_the_rows():
    X, y = rows_of("binary")
    with pytest.raises(ParameterError, match="validation_fraction must be more than 0"):
        cr.MLPClassifier(early_stopping=True, validation_fraction=0).fit(X, y)
    model = cr.MLPRegressor(early_stopping=True, validation_fraction=0.01)
    with pytest.raises(ValueError, match="validation set has 1 row, too small"):
        model.fit(X[:40], y[:40])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_layer_sizes": np.array([3, 4])},
        {"hidden_layer_sizes": [np.int64(3)]},
        {"hidden_layer_sizes": np.int32(3)},
        {"hidden_layer_sizes": ()},
        {"n_iter_no_change": np.inf},
        {"max_iter": np.int64(2), "batch_size": np.int32(20), "alpha": np.float32(0.1)},
        {"shuffle": np.bool_(False), "verbose": 0},
        {"random_state": np.random.RandomState(0)},
        {"random_state": np.int64(0)},
        {"input_scale": np.bool_(True), "drop_last": np.bool_(True), "zero_output": np.bool_(True)},
        {"ensemble": np.int64(2), "piecewise_linear": np.int32(3)},
        {"bagging": np.int64(2)},
        {"learning_rate_factors": {"b": np.float32(0.1), "scale": 6, "R": 2, "W": 0}},
        {"learning_rate_factors": {}},
        {"callbacks": []},
        {"callbacks": ()},
        {"dropout": (0.5,)},
        {"dropout": np.float64(0.5)},
        {"activation": "logistic"},
        {"tol": 0, "alpha": 0, "momentum": 1, "beta_1": 0, "decay": 0, "clip_norm": 1},
    ],
    ids=name_of,
)
def test_legal_values_of_unusual_types(settings):
    X, y = rows_of("binary")
    model = cr.MLPClassifier(**{"hidden_layer_sizes": (4,), "max_iter": 2, **settings})
    assert model.fit(X[:60], y[:60]).n_iter_ == 2
