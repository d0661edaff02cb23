"""How good the defaults are: this project and its peers on the tables that scikit-learn ships.

Each seed divides the rows once, 85 % to 15 %. `chainrule train` takes its validation rows out of the
85 %; the peers get all of them. The peers run as people run them: a StandardScaler before
scikit-learn's MLP with its default parameters, and HistGradientBoosting with its own. The order of the
models changes from seed to seed, and the figures are means over the seeds.
"""

import time
import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_wine,
)
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from chainrule.cli.training import batch_size
from chainrule.estimators import TableModel
from chainrule.train.splitting import split_indices

SETS = {
    "breast cancer": load_breast_cancer,
    "digits": load_digits,
    "iris": load_iris,
    "wine": load_wine,
    "diabetes": load_diabetes,
}
MODELS = ("chainrule train", "scikit-learn MLP", "HistGradientBoosting")
SEEDS = 5


def of_chainrule(X, y, X_test, y_test, seed, classification):
    """Return the score of what ``chainrule train`` does by default."""
    frame = pd.DataFrame(X).add_prefix("x").assign(y=y)
    training, validation, _ = split_indices(
        len(X), 0.15, 0.0, np.random.RandomState(seed), y if classification else None
    )
    model = TableModel(
        max_iter=300,
        n_iter_no_change=20,
        metric="cost",
        early_stopping=True,
        batch_size=batch_size(None, len(training)),
        random_state=seed,
    )
    model.fit(frame.iloc[training], "y", validation=frame.iloc[validation])
    figures = model.evaluate(pd.DataFrame(X_test).add_prefix("x").assign(y=y_test))
    return figures["accuracy" if classification else "r2"]


def of_peer(classifier, regressor):
    """Return a function that scores a peer."""

    def score(X, y, X_test, y_test, seed, classification):
        model = (classifier if classification else regressor)(random_state=seed)
        return make_pipeline(StandardScaler(), model).fit(X, y).score(X_test, y_test)

    return score


SCORERS = dict(
    zip(
        MODELS,
        (
            of_chainrule,
            of_peer(MLPClassifier, MLPRegressor),
            of_peer(HistGradientBoostingClassifier, HistGradientBoostingRegressor),
        ),
        strict=True,
    )
)


def measure(load, seeds=SEEDS):
    """Return {model: (mean score, median seconds)} for one table."""
    X, y = load(return_X_y=True)
    classification = load is not load_diabetes
    scores = {name: [] for name in MODELS}
    seconds = {name: [] for name in MODELS}
    for seed in range(seeds):
        parts = train_test_split(
            X, y, test_size=0.15, random_state=seed, stratify=y if classification else None
        )
        X_train, X_test, y_train, y_test = parts
        for name in np.roll(MODELS, seed):
            started = time.perf_counter()
            scores[name].append(
                SCORERS[name](X_train, y_train, X_test, y_test, seed, classification)
            )
            seconds[name].append(time.perf_counter() - started)
    return {name: (np.mean(scores[name]), np.median(seconds[name])) for name in MODELS}


def table(seeds=SEEDS):
    """Return the whole comparison as lines of a Markdown table."""
    lines = [
        "| table | rows × columns | figure | " + " | ".join(MODELS) + " |",
        "|---|---|---|" + "---|" * len(MODELS),
    ]
    for name, load in SETS.items():
        X, _ = load(return_X_y=True)
        cells = " | ".join(f"{s:.4f}, {t:.2f} s" for s, t in measure(load, seeds).values())
        figure = "R²" if load is load_diabetes else "accuracy"
        lines.append(f"| {name} | {X.shape[0]:,} × {X.shape[1]} | {figure} | {cells} |")
    return lines


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print("\n".join(table()))
