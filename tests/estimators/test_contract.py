"""scikit-learn's own checks of an estimator: all of them, none skipped, none expected to fail."""

from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import chainrule as cr

KINDS = (cr.MLPClassifier, cr.MLPRegressor)
PACKS = (cr.PackClassifier, cr.PackRegressor)
SMALL = {"hidden_layer_sizes": (10,), "max_iter": 20}
PRESET = {"hidden_layer_sizes": (8,), "max_iter": 20}
INSTANCES = [
    *(kind() for kind in KINDS),
    cr.MLPClassifier(solver="sgd", learning_rate_init=0.02, **SMALL),
    # Some checks have X of size 100 and targets of size 1000.
    cr.MLPRegressor(solver="sgd", learning_rate_init=0.02, clip_norm=1.0, **SMALL),
    *(kind(solver="lbfgs", learning_rate_init=0.02, **SMALL) for kind in KINDS),
    cr.MLPClassifier(
        label_smoothing=0.1,
        clip_norm=1.0,
        learning_rate="one_cycle",
        activation="gelu",
        learning_rate_init=0.02,
        **SMALL,
    ),
    *(
        kind(
            input_scale=True,
            parametrization="ntk",
            initializer="normal",
            ensemble=2,
            learning_rate_factors={"scale": 6.0, "b": 0.1},
            learning_rate_init=0.1,
            **SMALL,
        )
        for kind in KINDS
    ),
]
OTHER_SOLVERS = [
    kind(solver=solver, learning_rate_init=0.02, **SMALL)
    for kind in KINDS
    for solver in ("adam", "rmsprop", "adamw")
]
# Random draws for each row: a row of weight 2 is not the same row twice, with any library.
WEIGHTS = (
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
)
# The quantiles that an encoding is learned from count rows, whatever they weigh; and it takes no
# sparse rows, so that there is no second check.
QUANTILES = WEIGHTS[:1]
# These call partial_fit, which has no validation rows to stop early by.
PARTIAL = (
    "check_fit_score_takes_y",
    "check_n_features_in_after_fitting",
    "check_estimators_partial_fit_n_features",
)
RANDOM_ROWS = [
    *((kind(dropout=0.2, learning_rate_init=0.02, **SMALL), WEIGHTS) for kind in KINDS),
    *(
        (
            # A tenth of the checks' 20 rows would be one too few.
            kind(early_stopping=True, validation_fraction=0.3, learning_rate_init=0.02, **SMALL),
            (*WEIGHTS, *PARTIAL),
        )
        for kind in KINDS
    ),
    *(
        (kind(scaling="robust", piecewise_linear=3, learning_rate_init=0.02, **SMALL), QUANTILES)
        for kind in KINDS
    ),
    *(
        (
            # Without the rows set aside, and those left out.
            kind.from_preset(
                "realmlp", early_stopping=False, drop_last=False, precision=None, **PRESET
            ),
            QUANTILES,
        )
        for kind in KINDS
    ),
    *(
        (
            kind.from_preset("realmlp", validation_fraction=0.3, **PRESET),
            (*QUANTILES, *PARTIAL),
        )
        for kind in KINDS
    ),
    *(
        (
            kind(bagging=2, learning_rate_init=0.02, **SMALL),
            (*WEIGHTS, *PARTIAL),
        )
        for kind in KINDS
    ),
    *((kind(effort="low", max_iter=20), QUANTILES) for kind in PACKS),
]
short_fits = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def run(check, estimator):
    try:
        check(estimator)
    except SkipTest as reason:
        pytest.fail(f"skipped: {reason}")


@short_fits
@parametrize_with_checks(INSTANCES)
def test_the_contract(estimator, check):
    run(check, estimator)


@pytest.mark.exhaustive
@short_fits
@parametrize_with_checks(OTHER_SOLVERS)
def test_the_contract_of_other_solvers(estimator, check):
    run(check, estimator)


@short_fits
@pytest.mark.parametrize(("estimator", "excepted"), RANDOM_ROWS, ids=str)
def test_the_contract_where_rows_are_drawn_at_random(estimator, excepted):
    names = []
    for instance, check in estimator_checks_generator(estimator):
        names.append(check.func.__name__)
        if names[-1] not in excepted:
            run(check, instance)
    assert set(excepted) <= set(names)


def test_no_check_is_expected_to_fail():
    (marker,) = [m for m in test_the_contract.pytestmark if m.name == "parametrize"]
    checks = list(marker.args[1])
    assert len(checks) > 40 * len(INSTANCES)
    assert not [c for c in checks if getattr(c, "marks", ())]
