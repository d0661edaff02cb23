"""MLPClassifier."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import type_of_target, unique_labels

from chainrule.errors import ParameterError
from chainrule.estimators.base import BaseMLP
from chainrule.estimators.faces import ClassifierFace
from chainrule.estimators.labels import Labels
from chainrule.estimators.plan import takes_steps
from chainrule.modelfile import saveable
from chainrule.settings import ClassifierSettings
from chainrule.settings.rows import documented

__all__ = ["MLPClassifier"]


@saveable
@documented
class MLPClassifier(ClassifierSettings, ClassifierFace, BaseMLP):
    """A multilayer perceptron that classifies: two classes, many classes, or many labels.

    A drop-in for scikit-learn's ``MLPClassifier``: the same parameters with the same defaults, the same
    fitted attributes, and for the same `random_state` the same weights. Two classes have one sigmoid
    output, more have softmax outputs, an indicator matrix has one sigmoid a column; the cost is the
    mean cross-entropy plus ``(alpha/2m) Σ W²``.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The class labels.
    parameters_ : Parameters
        All weights and biases, in one vector with named views.
    network_ : Network
        The network and its cost.
    history_ : History
        Costs, scores, learning rates and times of every epoch.
    coefs_, intercepts_ : list of ndarray
        The weights and biases by layer.
    loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_, n_iter_, t_, \
n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    References
    ----------
    Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323,
    1986.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from chainrule import MLPClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((8,), solver="lbfgs", alpha=0.01, random_state=0).fit(X / 8, y)
    >>> model.score(X / 8, y) > 0.95
    True
    """

    @available_if(takes_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Go once over a batch of rows, keeping the weights and the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`.
        classes : array-like of shape (K,), optional
            All classes that will ever come; the first call needs them, unless y is an indicator
            matrix.

        Returns
        -------
        self

        Raises
        ------
        ParameterError
            If the first call lacks `classes`, or a later one names others.
        """
        if self.class_weight == "balanced":
            raise ParameterError(
                "class_weight='balanced' needs all rows at once, and partial_fit has a batch: give "
                "a dict of the classes' weights"
            )
        known = None
        if hasattr(self, "classes_"):
            if classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
                raise ParameterError(
                    f"classes={list(classes)} is not the same as on the last call to partial_fit, "
                    f"{list(self.classes_)}"
                )
        elif type_of_target(y).startswith("multilabel"):
            pass  # the columns say it
        elif classes is None:
            raise ParameterError("classes must be passed on the first call to partial_fit.")
        else:
            known = Labels.of(unique_labels(classes))  # which this batch may lack
        return self._fit(X, y, sample_weight, incremental=True, known=known)
