"""PackClassifier and PackRegressor: the preset "pack" as estimators of its own few parameters."""

from __future__ import annotations

from typing import Any

from chainrule.estimators.faces import ClassifierFace, RegressorFace
from chainrule.estimators.fitted import Fitted
from chainrule.estimators.network_estimator import NetworkEstimator
from chainrule.modelfile import saveable
from chainrule.settings import check_settings
from chainrule.settings.packs import (
    PackClassifierSettings,
    PackRegressorSettings,
    pack_parameters,
    pack_settings,
)
from chainrule.settings.rows import documented

__all__ = ["PackClassifier", "PackRegressor"]


class BasePack(NetworkEstimator):
    """The base of both."""

    def _settings(self) -> dict[str, Any]:
        given = self.get_params(deep=False)
        check_settings(type(self), given)
        return pack_settings(given, classification=self.target_class.is_classification)

    @classmethod
    def _own(cls, settings: dict[str, Any]) -> dict[str, Any]:
        return pack_parameters(settings, classification=cls.target_class.is_classification)

    def _publish(self, fitted: Fitted) -> None:
        super()._publish(fitted)
        self.sampled_ = [dict(one) for one in fitted.sampled]


@saveable
@documented
class PackClassifier(PackClassifierSettings, ClassifierFace, BasePack):
    """An ensemble of multilayer perceptrons with sampled hyperparameters, which classifies.

    Many networks are trained side by side on the same rows, each with a depth, a learning rate, a
    decay, a dropout and an embedding of its own. After each epoch those are chosen, one after another,
    whose mean predicts the validation rows best; the best choice is kept. There is nothing to tune. See
    `chainrule.pack`.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (K,)
        The class labels.
    sampled_ : list of dict
        The hyperparameters of each network of the ensemble, in the order in which it was chosen.
    network_ : Pack or Network
        The networks of the ensemble; the network, if there is one alone.
    parameters_ : Parameters
        All of theirs, in one vector.
    history_ : History
        The mean training cost, and the loss of the best ensemble, after each epoch.
    n_features_in_, feature_names_in_, n_iter_, loss_
        As in scikit-learn.

    References
    ----------
    Gorishniy, Kotelnikov, Rubachev and Babenko, "TabPack: Efficient hyperparameter ensembles for
    tabular deep learning", ICML 2026.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from chainrule import PackClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> model = PackClassifier(effort="low", random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """


@saveable
@documented
class PackRegressor(PackRegressorSettings, RegressorFace, BasePack):
    """An ensemble of multilayer perceptrons with sampled hyperparameters, which predicts numbers.

    See `PackClassifier`. Targets are standardized for the networks, but for counts, and predicted in
    their own units.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    sampled_, network_, parameters_, history_, n_features_in_, feature_names_in_, n_iter_, loss_
        As for `PackClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from chainrule import PackRegressor
    >>> X = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    >>> model = PackRegressor(effort="low", random_state=0).fit(X, X[:, 0] * X[:, 1])
    >>> model.score(X, X[:, 0] * X[:, 1]) > 0.9
    True
    """
