"""Optimizers: each is one update of one flat vector by one flat gradient, in place.

``update(vector, gradient)`` is called after all gradients are known, never layer by layer in between.
`learning_rate` may be changed between two updates; schedules do just that. The state (velocities,
moments) is made at the first update, in the vector's precision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from chainrule.checks import check_number
from chainrule.nn.arrays import Array
from chainrule.nn.layout import Layout, Place
from chainrule.optim.newton_schulz import newton_schulz

__all__ = ["OPTIMIZERS", "SGD", "Adam", "AdamW", "Muon", "Optimizer", "RMSprop"]


class Optimizer(ABC):
    """The base of all optimizers.

    Parameters
    ----------
    learning_rate : float
        η, more than 0.

    Attributes
    ----------
    learning_rate, initial_learning_rate : float
        The current one, and the one that schedules are factors of.
    step : int
        t, the number of updates made.
    layout : Layout or None
        What `bind` was given.
    state : dict of str to ndarray
        The optimizer's memory, each entry of the vector's shape, in the order of `slots`.
    settings : tuple of str
        The constructor's parameters beside the learning rate; attributes of the same names hold them.
    names_in_estimators : dict of str to str
        The settings that scikit-learn, and so the estimators, call otherwise.
    """

    slots: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[tuple[str, ...]] = ()
    names_in_estimators: ClassVar[dict[str, str]] = {}

    def __init__(self, learning_rate: float) -> None:
        check_number("learning_rate", learning_rate, 0, low_open=True)
        self.initial_learning_rate = self.learning_rate = float(learning_rate)
        self.step = 0
        self.state: dict[str, Array] = {}
        self.layout: Layout | None = None

    @classmethod
    def from_parameters(cls, learning_rate: float, parameters: Mapping[str, Any]) -> Self:
        """Return an optimizer whose settings are taken out of an estimator's parameters.

        Parameters
        ----------
        learning_rate : float
            η.
        parameters : mapping
            By their names in the estimators; a setting that is missing keeps its default.
        """
        names = {setting: cls.names_in_estimators.get(setting, setting) for setting in cls.settings}
        given = {setting: parameters[name] for setting, name in names.items() if name in parameters}
        return cls(learning_rate, **given)

    def update(
        self,
        vector: Array,
        gradient: Array,
        frozen: Array | None = None,
        rate_factors: Array | None = None,
    ) -> None:
        """Move `vector` by one step, in place.

        Parameters
        ----------
        vector, gradient : ndarray of shape (n,)
            The parameters and ∂J/∂θ.
        frozen : boolean ndarray of shape (n,), optional
            True where a parameter must keep its value; see `Parameters.mask`.
        rate_factors : ndarray of shape (n,), optional
            What multiplies η for each number; see `Parameters.spread`.
        """
        self.prepare(vector)
        self.step += 1
        kept = vector[frozen] if frozen is not None else None
        rate = self.learning_rate
        self._move(vector, gradient, rate if rate_factors is None else rate * rate_factors)
        if frozen is not None:
            vector[frozen] = kept

    def bind(self, layout: Layout) -> None:
        """Tell the optimizer where each parameter lies in the vector; most need not know."""
        self.layout = layout

    def prepare(self, vector: Array) -> None:
        """Make the state for parameters like `vector`, unless it is there."""
        if not self.state:
            self.state = {name: np.zeros_like(vector) for name in self.slots}

    @abstractmethod
    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        """Apply the update's equations; η is `rate`, one number or one for each parameter."""


class SGD(Optimizer):
    """Gradient descent: of the whole table or of mini-batches, with or without momentum.

    .. code-block:: text

        v ← μ v − η g
        θ ← θ + v                  momentum
        θ ← θ + μ v − η g          Nesterov's

    With μ = 0 both are θ ← θ − η g, gradient descent as the lecture notes have it.

    Parameters
    ----------
    learning_rate : float
        η.
    momentum : float
        μ, in [0, 1].
    nesterov : bool
        Whether to look ahead.

    References
    ----------
    Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
    learning", 2013, equations 1 to 4; Nesterov's in the form of Bengio, Boulanger-Lewandowski and
    Pascanu, "Advances in optimizing recurrent networks", 2013, equation 7.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0, -2.0])
    >>> SGD(learning_rate=0.5).update(theta, np.array([1.0, 1.0]))
    >>> theta
    array([ 0.5, -2.5])
    """

    slots = ("velocity",)
    settings = ("momentum", "nesterov")
    names_in_estimators: ClassVar[dict[str, str]] = {"nesterov": "nesterovs_momentum"}

    def __init__(
        self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False
    ) -> None:
        super().__init__(learning_rate)
        check_number("momentum", momentum, 0, 1)
        self.momentum = momentum
        self.nesterov = nesterov

    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        if self.momentum == 0:
            vector -= rate * gradient
            return
        v = self.state["velocity"]
        v *= self.momentum
        v -= rate * gradient
        vector += self.momentum * v - rate * gradient if self.nesterov else v


class RMSprop(Optimizer):
    """Divide the gradient by a running root mean square of its own size.

    .. code-block:: text

        s ← ρ s + (1 − ρ) g²
        θ ← θ − η g / (√s + ε)

    Parameters
    ----------
    learning_rate : float
        η.
    decay : float
        ρ, in [0, 1).
    epsilon : float
        ε, more than 0.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning, 2012.
    """

    slots = ("mean_square",)
    settings = ("decay", "epsilon")

    def __init__(
        self, learning_rate: float = 0.001, decay: float = 0.9, epsilon: float = 1e-8
    ) -> None:
        super().__init__(learning_rate)
        check_number("decay", decay, 0, 1, high_open=True)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.decay = decay
        self.epsilon = epsilon

    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        s = self.state["mean_square"]
        s *= self.decay
        s += (1 - self.decay) * gradient**2
        vector -= rate * gradient / (np.sqrt(s) + self.epsilon)


class Adam(Optimizer):
    """Momentum for the gradient and for its square, both corrected for their start at 0.

    .. code-block:: text

        m ← β₁ m + (1 − β₁) g
        s ← β₂ s + (1 − β₂) g²
        θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√s + ε)

    Parameters
    ----------
    learning_rate : float
        η.
    beta_1, beta_2 : float
        β₁ and β₂, in [0, 1).
    epsilon : float
        ε, more than 0: the ε̂ of the paper, beside the uncorrected √s.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 2, the order of
    computation in its last paragraph.
    """

    slots = ("first_moment", "second_moment")
    settings: ClassVar[tuple[str, ...]] = ("beta_1", "beta_2", "epsilon")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        super().__init__(learning_rate)
        check_number("beta_1", beta_1, 0, 1, high_open=True)
        check_number("beta_2", beta_2, 0, 1, high_open=True)
        check_number("epsilon", epsilon, 0, low_open=True)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        m, s, t = self.state["first_moment"], self.state["second_moment"], self.step
        m *= self.beta_1
        m += (1 - self.beta_1) * gradient
        s *= self.beta_2
        s += (1 - self.beta_2) * gradient**2
        corrected = rate * ((1 - self.beta_2**t) ** 0.5 / (1 - self.beta_1**t))
        vector -= corrected * m / (np.sqrt(s) + self.epsilon)


class AdamW(Adam):
    """Adam with the decay of the parameters apart from the gradient.

    .. code-block:: text

        θ ← θ − η λ θ, then Adam's update

    An L2 penalty goes through Adam's division and loses its meaning there; this decay does not.

    Parameters
    ----------
    learning_rate, beta_1, beta_2, epsilon
        As for `Adam`.
    weight_decay : float
        λ, at least 0; over every parameter that is not frozen.

    References
    ----------
    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019, algorithm 2, with the whole
    rate η before λ, where the paper has the schedule's factor alone; PyTorch's AdamW does the same.
    """

    settings = (*Adam.settings, "weight_decay")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon)
        check_number("weight_decay", weight_decay, 0)
        self.weight_decay = weight_decay

    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        vector *= 1 - rate * self.weight_decay
        super()._move(vector, gradient, rate)


class Muon(AdamW):
    """Momentum, made orthogonal, for the weights of hidden layers; AdamW for all other parameters.

    .. code-block:: text

        M ← μ M + (1 − μ) G
        O = NS₅((1 − μ) G + μ M)                 five Newton–Schulz steps: U diag(≈ 1) Vᵀ
        W ← (1 − f η λ) W − f η √max(1, n_out/n_in) O

    A step moves W equally far along all pairs of its singular vectors, however unequal the gradient's
    singular values are. The hidden layers' W are those of all layers but the last, the first one
    included; those of an ensemble's members are taken one by one.

    Parameters
    ----------
    learning_rate, beta_1, beta_2, epsilon, weight_decay
        As for `AdamW`; λ is for W too.
    matrix_rate : float
        f, at least 0: what multiplies η for these W. With η = 0.001, 20 gives the 0.02 of the paper.
    matrix_momentum : float
        μ, in [0, 1); Nesterov's.

    Notes
    -----
    `bind` says which numbers of the vector are a matrix, and `chainrule.train.Trainer` calls it. Before
    that there are none, and every update is AdamW's.

    References
    ----------
    Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein, "Muon: an optimizer for hidden layers in
    neural networks", 2024, and its program, whose momentum is a running mean and whose scale is
    √max(1, rows/columns) of a W with outputs in rows; the decay of Liu et al., "Muon is scalable for
    LLM training", 2025, equation 3.
    """

    settings = (*AdamW.settings, "matrix_rate", "matrix_momentum")

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        matrix_rate: float = 20.0,
        matrix_momentum: float = 0.95,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, weight_decay)
        check_number("matrix_rate", matrix_rate, 0)
        check_number("matrix_momentum", matrix_momentum, 0, 1, high_open=True)
        self.matrix_rate = matrix_rate
        self.matrix_momentum = matrix_momentum

    @property
    def matrices(self) -> list[Place]:
        """Where the weights of the hidden layers lie."""
        if self.layout is None:
            return []
        hidden = {f"W{layer}" for layer in range(1, self.layout.depth)}
        return [place for place in self.layout.places() if place.name in hidden]

    def _move(self, vector: Array, gradient: Array, rate: Array | float) -> None:
        before, momentum = vector.copy(), self.state["first_moment"].copy()
        super()._move(vector, gradient, rate)  # what it does to the matrices is written over
        for place in self.matrices:
            own = slice(place.start, place.stop)
            W, M, G, new = (
                V[own].reshape(place.shape) for V in (before, momentum, gradient, vector)
            )
            eta = rate if np.ndim(rate) == 0 else rate[own].reshape(place.shape)  # type: ignore[index]
            new[...] = self._moved(W, M, G, self.matrix_rate * eta)
            self.state["first_moment"][own] = M.ravel()

    def _moved(self, W: Array, M: Array, G: Array, rate: Array | float) -> Array:
        """Return W after the update, its momentum M in place; `rate` is f η."""
        mu = self.matrix_momentum
        M *= mu
        M += (1 - mu) * G
        step = newton_schulz((1 - mu) * G + mu * M)
        scale = max(1.0, W.shape[-1] / W.shape[-2]) ** 0.5
        return (1 - rate * self.weight_decay) * W - rate * scale * step


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
    "muon": Muon,
}
