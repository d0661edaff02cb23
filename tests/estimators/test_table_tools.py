"""The table estimators inside other tools of scikit-learn, on a frame with text, dates and gaps."""

import copy

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, VotingClassifier, VotingRegressor
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.impute import SimpleImputer
from sklearn.inspection import partial_dependence
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    GroupKFold,
    cross_val_score,
    cross_validate,
)
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import chainrule as cr

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning",
    "ignore:column.* far outside what the model:chainrule.data.DataWarning",
)
SMALL = {"hidden_layer_sizes": (8,), "max_iter": 8, "random_state": 0}
CLASSIFIER, REGRESSOR = cr.TableClassifier(**SMALL), cr.TableRegressor(**SMALL)
M = 120
RNG = np.random.RandomState(0)
X = pd.DataFrame(
    {
        "age": np.where(np.arange(M) % 5, RNG.randint(1, 80, M), np.nan),
        "fare": RNG.lognormal(3, 1, M),
        "sex": RNG.choice(["male", "female"], M),
        "port": RNG.choice(["S", "C", None], M),
        "boarded": pd.date_range("1912-04-01", periods=M, freq="h"),
    }
)
SURVIVED = pd.Series(np.where((X["sex"] == "female") ^ (RNG.uniform(size=M) < 0.1), 1, 0))
FARE = 2 * X["fare"] + 10 * (X["sex"] == "male") + RNG.normal(size=M)
ENCODED = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "fare"]),
        ("words", OneHotEncoder(handle_unknown="ignore"), ["sex", "port"]),
    ]
)


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_behind_a_column_transformer(output):
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=output == "default")
    steps = clone(ENCODED).set_params(words=words).set_output(transform=output)
    model = make_pipeline(steps, clone(CLASSIFIER)).fit(X, SURVIVED)
    assert model.predict_proba(X).shape == (M, 2)
    rest = ColumnTransformer([("age", SimpleImputer(), ["age"])], remainder="passthrough")
    assert make_pipeline(rest, clone(CLASSIFIER)).fit(X, SURVIVED).predict(X).shape == (M,)


def test_a_search_over_rate_and_preset():
    grid = {"m__learning_rate_init": [0.01, 0.04], "m__preset": ["plain", "realmlp"]}
    search = GridSearchCV(Pipeline([("m", CLASSIFIER)]), grid, cv=2).fit(X, SURVIVED)
    assert set(search.best_params_) == set(grid)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_scores_with_groups_and_of_several_kinds():
    groups = np.arange(M) // 10
    assert cross_val_score(CLASSIFIER, X, SURVIVED, groups=groups, cv=GroupKFold(3)).shape == (3,)
    kinds = ["roc_auc", "neg_log_loss", "average_precision"]
    assert np.isfinite(
        cross_validate(CLASSIFIER, X, SURVIVED, scoring=kinds, cv=2)["test_roc_auc"]
    ).all()


def test_among_other_models():
    others = [("table", CLASSIFIER), ("line", make_pipeline(ENCODED, LogisticRegression()))]
    for kind in (StackingClassifier(others, cv=2), VotingClassifier(others, voting="soft")):
        assert kind.fit(X, SURVIVED).score(X, SURVIVED) > 0.8
    assert VotingRegressor([("table", REGRESSOR)]).fit(X, FARE).predict(X).shape == (M,)
    before = make_pipeline(clone(CLASSIFIER), LogisticRegression()).fit(X, SURVIVED)
    assert before.score(X, SURVIVED) > 0.8
    assert FixedThresholdClassifier(
        FrozenEstimator(clone(CLASSIFIER).fit(X, SURVIVED)), threshold=0.3
    ).fit(X, SURVIVED).predict(X).shape == (M,)


def test_several_targets():
    two = np.c_[FARE, -FARE]
    own = clone(REGRESSOR).fit(X, two)
    each = MultiOutputRegressor(REGRESSOR).fit(X, two)
    assert own.predict(X).shape == each.predict(X).shape == (M, 2)
    words = pd.DataFrame({"a": SURVIVED.map(["no", "yes"].__getitem__), "b": X["sex"]})
    with pytest.raises(ValueError, match=r"several columns of classes.*MultiOutputClassifier"):
        clone(CLASSIFIER).fit(X, words)
    many = MultiOutputClassifier(CLASSIFIER).fit(X.drop(columns="sex"), words)
    assert set(many.predict(X.drop(columns="sex"))[:, 0]) <= {"no", "yes"}


def test_transformed_targets_selections_and_dependences():
    logs = TransformedTargetRegressor(REGRESSOR, func=np.log1p, inverse_func=np.expm1)
    assert (logs.fit(X, FARE).predict(X) > 0).all()
    chosen = SequentialFeatureSelector(CLASSIFIER, n_features_to_select=1, cv=2)
    assert chosen.fit(X[["age", "fare"]], SURVIVED).get_support().sum() == 1
    model = clone(CLASSIFIER).fit(X, SURVIVED)
    for name, given in (("fare", None), ("sex", ["sex"])):
        found = partial_dependence(model, X, [name], categorical_features=given)
        assert np.isfinite(found["average"]).all()


def test_weights_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        asking = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        asking.set_score_request(sample_weight=True)
        weights = {"sample_weight": np.ones(M)}
        scores = cross_validate(asking, X, SURVIVED, cv=2, params=weights)["test_score"]
    assert np.isfinite(scores).all()


def test_copies_and_pages():
    model = clone(REGRESSOR).fit(X, FARE)
    np.testing.assert_array_equal(copy.deepcopy(model).predict(X), model.predict(X))
    assert "TableRegressor" in make_pipeline(model)._repr_html_()
    with sklearn.config_context(display="text"):
        assert list(model._repr_mimebundle_()) == ["text/plain"]
