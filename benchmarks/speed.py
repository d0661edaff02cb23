"""How fast training is beside scikit-learn's: the same data, network, batches and updates.

The two fit in turn, and the figure is the median of the ratios of the rounds: above 1 ours is faster.
"""

import time
import warnings

import numpy as np
from sklearn.neural_network import MLPClassifier as Theirs

from chainrule import MLPClassifier as Ours

# rows, inputs, hidden layers, batch size
NETWORKS = ((9104, 30, (16,), 32), (20_000, 20, (64, 64), 64), (1797, 64, (100,), 200))
ROUNDS = 7


def seconds(estimator, X, y, **settings):
    """Return how long a fit of three epochs takes."""
    model = estimator(max_iter=3, random_state=0, **settings)
    started = time.perf_counter()
    model.fit(X, y)
    return time.perf_counter() - started


def ratio(rows, inputs, hidden, batch_size, activation):
    """Return the median of scikit-learn's time over ours."""
    rng = np.random.RandomState(0)
    X = rng.normal(size=(rows, inputs))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    settings = {
        "hidden_layer_sizes": hidden,
        "activation": activation,
        "batch_size": batch_size,
    }
    return np.median(
        [seconds(Theirs, X, y, **settings) / seconds(Ours, X, y, **settings) for _ in range(ROUNDS)]
    )


def table():
    """Return the comparison as lines of a Markdown table."""
    lines = ["| network | batch | relu | tanh |", "|---|---|---|---|"]
    for rows, inputs, hidden, batch_size in NETWORKS:
        name = "-".join(map(str, (inputs, *hidden, 1)))
        cells = (f"{ratio(rows, inputs, hidden, batch_size, g):.2f}" for g in ("relu", "tanh"))
        lines.append(f"| {name} | {batch_size} | {' | '.join(cells)} |")
    return ["Epochs in a second over scikit-learn's (Adam, float64):", "", *lines]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print("\n".join(table()))
