"""What the README claims of gradients and trajectories, measured again: ``make report``.

Writes Markdown. The gradients and the trajectories are computed by what the tests use; the tests assert
limits, this prints the figures.
"""

import platform
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
from sklearn.neural_network import MLPRegressor as TheirRegressor

import chainrule as cr

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from helpers.product import largest_gradient_error
from helpers.trajectories import trajectory_differences


def gradients():
    """Say how far the gradients are from the complex step."""
    error, tensor, network, weighted, cases = largest_gradient_error()
    sizes = "-".join(map(str, network.sizes))
    hidden = ", ".join(dict.fromkeys(network.hidden))
    return [
        f"Largest relative error of any gradient tensor against the complex step, over {cases:,} cases "
        f"(activation × loss × reduction × penalty × cost scale × smoothing × weights × depth): "
        f"**{error:.1e}** ({tensor} of {sizes}, {hidden}, {network.output}, {network.loss}"
        f"{', weighted' if weighted else ''})."
    ]


def trajectories():
    """Say how far 50 epochs of training are from scikit-learn's."""
    rows = trajectory_differences()
    weights = max(rows, key=lambda row: row[1])
    curves = max((row for row in rows if row[2] is not None), key=lambda row: row[2])
    return [
        f"{len(rows)} trainings of 50 epochs beside scikit-learn {sklearn.__version__} in float64: the "
        f"weights differ by at most **{weights[1]:.1e}** (relative norm; {weights[0]}), the loss curves "
        f"by at most **{curves[2]:.1e}** ({curves[0]})."
    ]


def several_outputs():
    """Compare the slope of the reported loss with the gradient that training follows."""
    rng = np.random.RandomState(0)
    X, Y = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    settings = {
        "hidden_layer_sizes": (),
        "solver": "sgd",
        "alpha": 0,
        "momentum": 0,
        "batch_size": 40,
        "max_iter": 2,
        "random_state": 0,
        "learning_rate_init": 1e-4,
        "shuffle": False,
    }
    lines = []
    for name, model in (
        ("scikit-learn", TheirRegressor(**settings)),
        ("chainrule", cr.MLPRegressor(**settings)),
    ):
        model.fit(X, Y)
        # A step of −η g lowers a loss with gradient g by η ‖g‖², to first order.
        residual = X @ model.coefs_[0] + model.intercepts_[0] - Y
        squared_norm = ((X.T @ residual / 40) ** 2).sum() + (residual.mean(axis=0) ** 2).sum()
        drop = model.loss_curve_[0] - model.loss_curve_[1]
        lines.append((name, drop / (settings["learning_rate_init"] * squared_norm)))
    return [
        "MLPRegressor with 3 outputs, the drop of the reported loss in one small step, over what the "
        "gradient that it follows predicts (1 is right): "
        + ", ".join(f"{name} **{ratio:.3f}**" for name, ratio in lines)
        + "."
    ]


def main():
    """Print the report."""
    warnings.simplefilter("ignore")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}\n")
    for section in (gradients, trajectories, several_outputs):
        print("\n".join(section()), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
