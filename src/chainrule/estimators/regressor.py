"""MLPRegressor."""

from __future__ import annotations

from chainrule.estimators.base import BaseMLP
from chainrule.estimators.faces import RegressorFace
from chainrule.modelfile import saveable
from chainrule.settings import RegressorSettings
from chainrule.settings.rows import documented

__all__ = ["MLPRegressor"]


@saveable
@documented
class MLPRegressor(RegressorSettings, RegressorFace, BaseMLP):
    """A multilayer perceptron that predicts numbers, one or several.

    A drop-in for scikit-learn's ``MLPRegressor``: the same parameters with the same defaults, the same
    fitted attributes, and for the same `random_state` the same weights. The cost is the mean over
    observations of ``½ Σ_j (ŷ_j − y_j)²``, summed over the outputs, plus ``(alpha/2m) Σ W²``; it is the
    cost that the gradient belongs to for any number of outputs. (scikit-learn 1.9 reports the mean
    over outputs and follows the gradient of the sum.)

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    parameters_, network_, history_, coefs_, intercepts_, loss_, loss_curve_, best_loss_, \
validation_scores_, best_validation_score_, n_iter_, t_, n_layers_, n_outputs_, out_activation_, \
n_features_in_, feature_names_in_
        As for `MLPClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import MLPRegressor
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> model = MLPRegressor(hidden_layer_sizes=(8,), activation="tanh", solver="lbfgs", random_state=0)
    >>> model.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.99
    True
    """
