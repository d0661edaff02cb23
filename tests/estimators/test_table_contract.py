"""scikit-learn's own checks of the table estimators: all of them, none skipped.

One check is excepted. It asks that a row of weight 2 be the row twice, and the encoding counts rows,
whatever they weigh: mean, deviation, median and quantiles of a column are those of the rows that are
there. (Where rows are set aside or dealt into batches at random, the doubles are drawn otherwise, too.)
"""

from unittest import SkipTest

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

import chainrule as cr

KINDS = (cr.TableClassifier, cr.TableRegressor)
SMALL = {"hidden_layer_sizes": (10,), "max_iter": 20, "learning_rate_init": 0.02}
WEIGHTS = {
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weight_equivalence_on_sparse_data",
}
INSTANCES = [
    *(kind(preset=None, **SMALL) for kind in KINDS),
    *(
        # Without the rows set aside, and those left out: the checks have 20 rows or so.
        kind(early_stopping=False, drop_last=False, hidden_layer_sizes=(8,), max_iter=60)
        for kind in KINDS
    ),
]
MORE = [
    *(kind() for kind in KINDS),
    *(kind(preset=None, solver="lbfgs", hidden_layer_sizes=(5,)) for kind in KINDS),
    *(
        kind(
            preset="plain", validation_fraction=0.3, n_iter_no_change=50, **SMALL | {"max_iter": 60}
        )
        for kind in KINDS
    ),
]


def check_all(estimator):
    names = set()
    for instance, check in estimator_checks_generator(estimator):
        names.add(check.func.__name__)
        if check.func.__name__ not in WEIGHTS:
            try:
                check(instance)
            except SkipTest as reason:
                pytest.fail(f"skipped: {reason}")
    assert names >= WEIGHTS
    assert len(names) > 40


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:column.* give.* the target:chainrule.data.DataWarning")
@pytest.mark.parametrize("estimator", INSTANCES, ids=repr)
def test_the_contract(estimator):
    check_all(estimator)


@pytest.mark.exhaustive
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:column.* give.* the target:chainrule.data.DataWarning")
@pytest.mark.parametrize("estimator", MORE, ids=repr)
def test_the_contract_of_the_presets_and_lbfgs(estimator):
    check_all(estimator)
