"""``chainrule train`` with its presets: what is chosen, what is left, and what is read back."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule
from chainrule.errors import ParameterError
from chainrule.settings import preset_settings
from chainrule.settings.texts import SECONDS
from helpers.cli import TARGETS, Run, people

QUICK = ["--hidden", "6", "--epochs", "3", "-q", "-m", "m"]


def options_for(target: str) -> list[str]:
    """Return the options that predict one target of `people`, whatever the preset is."""
    dropped = [option for name in TARGETS if name != target for option in ("--drop", name)]
    return ["--target", target, *dropped]


def trained(run: Run, table: str, folder: Path, target: str, *options: object) -> Any:
    run("train", table, *options_for(target), *QUICK, *options)
    return chainrule.load(folder / "m")


def assert_settings(model: Any, expected: dict[str, Any]) -> None:
    found = model.estimator.get_params()
    for name, value in expected.items():
        got = tuple(found[name]) if isinstance(found[name], list) else found[name]
        assert got == value, name


@pytest.mark.parametrize("target", ["grown", "grade", "score"])
def test_realmlp_is_the_default(run: Run, table: str, tmp_path: Path, target: str) -> None:
    model = trained(run, table, tmp_path, target)
    expected = preset_settings("realmlp", classification=target != "score")
    for name in ("hidden_layer_sizes", "max_iter", "validation_fraction", "precision"):
        del expected[name]
    expected.pop("standardize_target", None)  # the table model does that itself
    assert_settings(model, expected)
    assert model.dtype == np.float32
    network = model.estimator.network_
    assert network.parametrization == "ntk"
    assert network.input_scale
    assert network.penalty is None
    assert network.sizes[1:] == (6, {"grown": 2, "grade": 3, "score": 1}[target])
    assert network.hidden == ("mish" if target == "score" else "selu",)
    assert network.label_smoothing == (0 if target == "score" else 0.1)
    assert model.estimator.history_.metric == ("rmse" if target == "score" else "accuracy")
    explicit = trained(run, table, tmp_path, target, "--preset", "realmlp")
    assert explicit.estimator.parameters_ == model.estimator.parameters_


def test_the_numbers_of_the_recipe() -> None:
    """Holzmüller et al., table A.1, column RealMLP-TD-S."""
    both = {
        "hidden_layer_sizes": (256, 256, 256),
        "max_iter": 256,
        "batch_size": 256,
        "beta_2": 0.95,
        "learning_rate": "coslog4",
        "learning_rate_factors": {"scale": 6.0, "b": 0.1},
        "n_iter_no_change": "auto",
        "best_epoch": "last",
        "scaling": "robust",
    }
    classes = preset_settings("realmlp", classification=True)
    numbers = preset_settings("realmlp", classification=False)
    assert classes.items() >= both.items()
    assert numbers.items() >= both.items()
    assert (classes["activation"], classes["learning_rate_init"]) == ("selu", 0.04)
    assert (numbers["activation"], numbers["learning_rate_init"]) == ("mish", 0.07)
    assert classes["label_smoothing"] == 0.1
    assert preset_settings(None, classification=True) == {}
    classes["max_iter"] = 1  # a dictionary of one's own
    assert preset_settings("realmlp", classification=True)["max_iter"] == 256


@pytest.mark.parametrize("target", ["grown", "score"])
def test_plain_is_the_estimators_own(run: Run, table: str, tmp_path: Path, target: str) -> None:
    model = trained(run, table, tmp_path, target, "--preset", "plain")
    kind = chainrule.MLPRegressor if target == "score" else chainrule.MLPClassifier
    chosen = {"hidden_layer_sizes", "max_iter", "early_stopping", "validation_fraction"}
    chosen |= {"n_iter_no_change", "metric", "batch_size", "random_state"}
    usual = {name: value for name, value in kind().get_params().items() if name not in chosen}
    assert_settings(model, usual)
    assert_settings(model, {"n_iter_no_change": 20, "metric": "cost", "batch_size": 16})
    assert model.dtype == np.float64
    assert model.estimator.network_.is_plain
    assert model.estimator.network_.sizes[-1] == 1
    assert model.estimator.network_.hidden == ("relu",)


OWN = {
    "classes": (
        "grade",
        [
            *("--activation", "tanh", "--alpha", "0.2", "--label-smoothing", "0.3"),
            *("--scaling", "standard", "--no-input-scale", "--parametrization", "standard"),
            *("--initializer", "he_normal", "--no-zero-output", "--dtype", "float64"),
            *("--learning-rate", "0.5", "--schedule", "cosine", "--rate-factors", "none"),
            *("--beta-2", "0.5", "--batch-size", "7", "--no-drop-last", "--patience", "2"),
            *("--metric", "log_loss"),
        ],
        {
            "activation": "tanh",
            "alpha": 0.2,
            "label_smoothing": 0.3,
            "scaling": None,
            "input_scale": False,
            "parametrization": "standard",
            "initializer": "he_normal",
            "zero_output": False,
            "learning_rate_init": 0.5,
            "learning_rate": "cosine",
            "learning_rate_factors": None,
            "beta_2": 0.5,
            "batch_size": 7,
            "drop_last": False,
            "n_iter_no_change": 2,
            "metric": "log_loss",
            "max_iter": 3,
        },
    ),
    "numbers": (
        "score",
        [
            *("--preset", "plain", "--scaling", "robust", "--bins", "5", "--input-scale"),
            *("--parametrization", "ntk", "--initializer", "normal", "--zero-output"),
            *("--dtype", "float32", "--schedule", "coslog4", "--drop-last", "--batch-size", "9"),
            *("--rate-factors", " scale = 6 , b=0.1,W2=2", "--ensemble", "3", "--beta-2", "0.9"),
        ],
        {
            "scaling": "robust",
            "piecewise_linear": 5,
            "input_scale": True,
            "parametrization": "ntk",
            "initializer": "normal",
            "zero_output": True,
            "learning_rate": "coslog4",
            "drop_last": True,
            "batch_size": 9,
            "learning_rate_factors": {"scale": 6.0, "b": 0.1, "W2": 2.0},
            "ensemble": 3,
            "beta_2": 0.9,
        },
    ),
}


@pytest.mark.parametrize("case", OWN)
def test_every_option_goes_before_the_preset(
    run: Run, table: str, tmp_path: Path, case: str
) -> None:
    target, options, expected = OWN[case]
    model = trained(run, table, tmp_path, target, *options)
    assert_settings(model, expected)
    network = model.estimator.network_
    assert network.members == expected.get("ensemble", 1)
    assert network.input_scale == expected["input_scale"]
    assert network.parametrization == expected["parametrization"]
    assert model.dtype == (np.float64 if case == "classes" else np.float32)
    features = model.estimator._features
    assert (features is None) == (case == "classes")
    if features is not None:
        assert features.robust is not None
        assert max(features.piecewise.widths) == 5
        assert network.sizes[0] == features.inputs > len(model.encoder.feature_names)
    else:
        assert network.penalty.strength == 0.2


@pytest.mark.parametrize("target", ["grown", "score"])
@pytest.mark.parametrize("options", [["--ensemble", "2"], ["--bagging", "2"]], ids=str)
def test_several_networks_predict_as_one(
    run: Run, table: str, tmp_path: Path, target: str, options: list[str]
) -> None:
    model = trained(run, table, tmp_path, target, *options)
    assert model.estimator.network_.members == 2
    assert model.predict(tmp_path / table).num_rows == 60
    document = run("evaluate", "m", table, "--json").document
    assert document["rows"] == 60
    assert all(
        math.isfinite(document[name])
        for name in ("cost", "rmse" if target == "score" else "accuracy")
    )
    lines = run("predict", "m", table).out.splitlines()
    assert len(lines) == 61
    probabilities = [] if target == "score" else ["probability_no", "probability_yes"]
    assert [name.strip('"') for name in lines[0].split(",")] == ["prediction", *probabilities]


def test_two_outputs_for_two_classes(run: Run, table: str, tmp_path: Path) -> None:
    model = trained(run, table, tmp_path, "grown")
    columns = model.predict(tmp_path / table)
    P = np.column_stack([columns["probability_no"], columns["probability_yes"]])
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-6)
    said = np.array(["no", "yes"])[P.argmax(axis=1)]
    assert columns["prediction"].to_pylist() == said.tolist()
    figures = model.evaluate(tmp_path / table)
    truth = people()["grown"].to_numpy()
    assert figures["accuracy"] == pytest.approx((said == truth).mean())
    assert figures["log_loss"] == pytest.approx(
        -np.log(P[range(60), (truth == "yes") * 1]).mean(), rel=1e-5
    )


def test_poisson_is_not_standardized(run: Run, table: str, tmp_path: Path) -> None:
    options = ["--task", "regression", "--loss", "poisson"]
    model = trained(run, table, tmp_path, "visits", *options)
    assert model.estimator.network_.loss == "poisson"
    assert (np.asarray(model.predict(tmp_path / table)["prediction"]) > 0).all()
    np.testing.assert_array_equal([model.scaling.mean, model.scaling.scale], [[0], [1]])


@pytest.mark.parametrize("preset", ["realmlp", "plain"])
def test_lbfgs_with_either_preset(run: Run, table: str, tmp_path: Path, preset: str) -> None:
    model = trained(run, table, tmp_path, "score", "--preset", preset, "--solver", "lbfgs")
    assert model.estimator.n_iter_ <= 3
    assert not model.estimator.early_stopping


def test_the_help_says_what_each_preset_has(run: Run) -> None:
    text = " ".join(run("train", "--help-all").out.replace("│", " ").split())
    for words in (
        "[256,256,256; plain: 100; pack: 128,128,128]",
        "[scale=6,b=0.1; plain:",
        "[0.95; plain: 0.999]",
    ):
        assert words in text


def test_a_pack(run: Run, table: str, tmp_path: Path) -> None:
    options = [*options_for("grown"), "--preset", "pack", "--effort", "low", "--epochs", "8"]
    told = run("train", table, *options, "-m", "m").err
    assert "12 of 12 networks trained on" in told
    assert re.search(r"drawn and chosen: hidden layers .*, learning rate .*, waves ", told)
    document = run("train", table, *options, "-m", "n", "--json").document
    assert (tmp_path / "m").read_bytes() != b""
    count = len(document["sampled"])
    assert count >= 1
    assert run("evaluate", "m", table, "--json").document["rows"] == 60
    run("predict", "m", table, "-o", "out.csv")
    explained = run("explain", "m", table, "--member", str(count - 1), "--rows", "2", "--json")
    assert explained.document["cost"] > 0
    wrong = run("explain", "m", table, "--member", str(count), code=2)
    assert "there is no member" in wrong.err


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90.0), ("1.5s", 1.5), ("2min", 120.0), ("1h", 3600.0)]
)
def test_a_time_limit_is_read(text: str, seconds: float) -> None:
    assert SECONDS.read("--time-limit", text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-3", "5 years", "1e3", "٣"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ParameterError, match="--time-limit must be a time"):
        SECONDS.read("--time-limit", text)


def test_a_time_limit_ends_any_training(run: Run, table: str) -> None:
    endless = ["--preset", "plain", "--epochs", "1000000", "--patience", "1000000"]
    told = run("train", table, *options_for("grown"), *endless, "--time-limit", "0.3s", "-m", "m")
    assert "the time was up, 0.3 seconds" in told.err
