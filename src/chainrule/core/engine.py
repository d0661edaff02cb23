"""The compiled engine: what nn/propagation does, and whole epochs of it, in C++.

It computes what the reference computes, tensor by tensor, to rounding. A batch is cut into shards that
any number of threads works on, and the cut depends on the batch and the network alone, so that the bits
do not depend on the number of threads. Each machine runs the code of its best instruction set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.core.threads import sharing, usable_cores
from chainrule.errors import ParameterError
from chainrule.nn import L2, Network, Parameters, PeriodicEmbedding
from chainrule.nn.arrays import Array, is_sparse

__all__ = ["CompiledEngine", "EpochOutcome", "EpochPlan", "obstacle"]


def compiled_module() -> Any:
    """Return the extension module; None without one: there was no compiler at the installation."""
    try:
        return import_module("chainrule.core._engine")
    except ImportError:
        return None


_engine = compiled_module()

SUFFIXES = {np.dtype(np.float32): "Single", np.dtype(np.float64): "Double"}
NO_PENALTY = "full"  # the scale of a penalty of 0


def obstacle(network: Network) -> str | None:
    """Return what the compiled engine does not know of a network, in words; None if it knows all.

    The tables of `chainrule.nn` are the truth, and a row may be added to one there. The extension
    says by name what it was written for, and everything else is the reference's.
    """
    penalty = network.penalty
    asked = [("activation", g.name) for g in network.activations]
    asked.append(("loss", str(network.loss)))
    asked.append(("reduction", network.reduction))
    asked.append(("parametrization", network.parametrization))
    if penalty is not None:
        asked.append(("penalty scale", penalty.scale))
    for kind, name in asked:
        if name not in _engine.names[kind]:
            return f"the {kind} {name!r}"
    if penalty is not None and type(penalty) is not L2:
        return f"the penalty {type(penalty).__name__}"
    if network.embedding is not None and type(network.embedding) is not PeriodicEmbedding:
        return f"the embedding {type(network.embedding).__name__}"
    for what, count, most in (
        ("layers", network.depth, _engine.max_layers),
        ("units in a layer", max(network.sizes), _engine.most_units),
        ("values for the first layer", network.layout.inputs(1), _engine.most_units),
        ("members", network.members, _engine.most_members),
    ):
        if count > most:
            return f"more than {most:,} {what}"
    return None


@dataclass(frozen=True)
class EpochPlan:
    """How the batches of an epoch are trained on.

    Parameters
    ----------
    method : {"sgd", "rmsprop", "adam", "adamw"}
    settings : dict of str to float
        The method's own: momentum, nesterov, decay, beta_1, beta_2, epsilon, weight_decay.
    state : sequence of ndarray
        Its memory, changed in place: one or two vectors like the parameters'.
    step : int
        Updates made before.
    rates : ndarray of shape (batches,)
        The learning rate of each update.
    batch_size : int
    rate_factors : ndarray or None
        A factor of the rate for each named parameter, in the order of their layout.
    clip_norm : float or None
    frozen : boolean ndarray or None
    dropout : sequence of float or None
        The probability for each hidden layer.
    dropout_key, dropout_drawn : int
        The stream of the masks, and the batches that it has served.
    largest_allowed : float
        A batch that costs more, or NaN, ends the epoch.
    """

    method: str
    settings: dict[str, Any]
    state: Sequence[Array]
    step: int
    rates: Array
    batch_size: int
    rate_factors: Array | None = None
    clip_norm: float | None = None
    frozen: Array | None = None
    dropout: Sequence[float] | None = None
    dropout_key: int = 0
    dropout_drawn: int = 0
    largest_allowed: float = np.finfo(np.float64).max

    def bound_to(self, native: Any, rows: int) -> Any:
        """Return `native`, the extension's plan, filled in for a table of `rows` rows."""
        native.optimizer = _engine.Optimizer(
            self.method, self.settings, clip_norm=self.clip_norm or 0.0
        )
        native.first, native.second = (*self.state, None, None)[:2]
        native.dropout = None if self.dropout is None else np.array(self.dropout, np.float64)
        native.batch_size = max(1, min(self.batch_size, rows))
        native.step = self.step
        native.rates = self.rates
        native.rate_factors = self.rate_factors
        native.frozen = self.frozen
        native.dropout_key = self.dropout_key
        native.dropout_drawn = self.dropout_drawn
        native.largest_allowed = self.largest_allowed
        return native


@dataclass(frozen=True)
class EpochOutcome:
    """What came of an epoch.

    Attributes
    ----------
    total : float
        Σ over batches of cost × rows.
    counted : int
        Rows of batches that weighed anything.
    first, largest : float
        The first and the largest cost of a batch.
    updates, seen : int
        Updates made; rows passed.
    refused : float or None
        The cost that ended the epoch, if one did.
    raised : BaseException or None
        What a signal raised, Ctrl-C for one: the epoch ended there, after a whole update.
    """

    total: float
    counted: int
    first: float
    largest: float
    updates: int
    seen: int
    refused: float | None
    raised: BaseException | None


def described(network: Network) -> Any:
    """Return the extension's own description of a network that it knows."""
    penalty, embedding = network.penalty, network.embedding
    try:
        return _engine.Network(
            sizes=list(network.sizes),
            activations=[g.name for g in network.activations],
            loss=str(network.loss),
            reduction=network.reduction,
            cost_scale=network.cost_scale,
            label_smoothing=network.label_smoothing,
            penalty=0.0 if penalty is None else penalty.gradient_factor(1.0),
            penalty_scale=NO_PENALTY if penalty is None else penalty.scale,
            penalty_on_biases=penalty is not None and bool(penalty.biases),
            input_scale=network.input_scale,
            parametrization=network.parametrization,
            members=network.members,
            shared_weights=network.shared_weights,
            **(
                {}
                if embedding is None
                else {"embedded": embedding.columns, "width": embedding.width}
            ),
        )
    except OverflowError as error:
        raise ParameterError(str(error)) from None


class CompiledEngine:
    """The compiled forward and backward pass of one network.

    It holds threads and memory of its own: it cannot be pickled, and is made anew for each training.

    Parameters
    ----------
    network : Network
    dtype : dtype
        float32 or float64; that of the parameters and of all rows.
    n_threads : int or None
        None is this computation's share of the cores that the process may use.
    instruction_set : str, optional
        The best one by default.

    Raises
    ------
    ParameterError
        If the network is one that the engine does not know, or larger than any memory.
    MemoryError
        If there is not enough for its weights.
    """

    def __init__(
        self,
        network: Network,
        dtype: DTypeLike,
        n_threads: int | None = None,
        instruction_set: str | None = None,
    ) -> None:
        self.network = network
        self.dtype = np.dtype(dtype)
        self.n_threads = n_threads
        self.cores = usable_cores()
        unknown = obstacle(network)
        if unknown is not None:
            raise ParameterError(f"the compiled engine does not know {unknown}")
        suffix = SUFFIXES[self.dtype]
        self._table = getattr(_engine, f"Table{suffix}")
        self._plan = getattr(_engine, f"Plan{suffix}")
        self._native = getattr(_engine, f"Engine{suffix}")(
            described(network), instruction_set or _engine.available()[0]
        )
        self._team: Any = _engine.Team(1)

    @staticmethod
    def knows(optimizer: str, settings: Sequence[str]) -> bool:
        """Say whether whole epochs can be run with an optimizer of this name and these settings."""
        return optimizer in _engine.settings and set(settings) == set(_engine.settings[optimizer])

    def cost_and_gradients(
        self,
        parameters: Parameters,
        X: Any,
        Y: Array,
        weight: Array | None = None,
        dropout: Sequence[float] | None = None,
        dropout_key: int = 0,
    ) -> tuple[Any, Parameters]:
        """Return J and ∂J/∂θ, as `chainrule.nn.propagation.cost_and_gradients` does.

        Parameters
        ----------
        parameters, X, Y, weight
            As there; in the engine's precision.
        dropout : sequence of float, optional
            The probability for each hidden layer.
        dropout_key : int
            Of this batch's masks.
        """
        gradients = Parameters.zeros(parameters.layout, self.dtype)
        with sharing(self.n_threads, self.cores) as threads:
            J = self._native.evaluate(
                team=self._team_for(threads, len(Y)),
                parameters=parameters.vector,
                gradient=gradients.vector,
                table=self._rows(X, Y, weight),
                dropout=None if dropout is None else np.array(dropout, np.float64),
                dropout_key=dropout_key,
            )
        return self.dtype.type(J), gradients

    def outputs(self, parameters: Parameters, X: Any) -> tuple[Array, Array]:
        """Return Z_L and A_L, each of shape (m, n_L), or (k, m, n_L) for an ensemble."""
        m, k = X.shape[0], self.network.members
        Z = np.empty((k, m, self.network.sizes[-1]), self.dtype)
        A = np.empty_like(Z)
        with sharing(self.n_threads, self.cores) as threads:
            self._native.predict(
                team=self._team_for(threads, m),
                parameters=parameters.vector,
                table=self._rows(X),
                Z=Z,
                A=A,
            )
        return (Z, A) if k > 1 else (Z[0], A[0])

    def epoch(
        self,
        parameters: Parameters,
        plan: EpochPlan,
        X: Any,
        Y: Array,
        weight: Array | None = None,
        order: Array | None = None,
        progress: Array | None = None,
    ) -> EpochOutcome:
        """Train for one epoch, changing the parameters and the optimizer's state in place.

        Parameters
        ----------
        parameters : Parameters
        plan : EpochPlan
        X, Y, weight
            All rows, in the engine's precision.
        order : ndarray of int, optional
            The order in which to take the rows.
        progress : ndarray of 3 int64, optional
            Receives the updates made, the rows passed, and the updates and masks begun, also where a
            signal is heard before this method can return.
        """
        rows = self._rows(X, Y, weight)
        rows.order = None if order is None else order.astype(np.int64, copy=False)
        with sharing(self.n_threads, self.cores) as threads:
            outcome = self._native.epoch(
                team=self._team_for(threads, min(plan.batch_size, len(Y))),
                parameters=parameters.vector,
                table=rows,
                plan=plan.bound_to(self._plan(), len(Y)),
                progress=progress,
            )
        return EpochOutcome(*outcome)

    def _team_for(self, threads: int, rows: int) -> Any:
        """Return a team of `threads` workers, or of those that a batch of `rows` keeps at work."""
        size = max(1, min(threads, self._native.shards(rows)))
        if self._team.size != size:
            self._team = _engine.Team(size)
        return self._team

    def _array(self, values: Array) -> Array:
        """Return the values in this precision and one after another: themselves, if they are."""
        return np.ascontiguousarray(values, self.dtype)

    def _rows(self, X: Any, Y: Array | None = None, weight: Array | None = None) -> Any:
        """Return a table as the C++ side takes it: X dense, or in compressed sparse rows."""
        if is_sparse(X):
            X = X.tocsr()
            rows = self._table(self._array(X.data))
            rows.indptr = X.indptr.astype(np.int64, copy=False)
            rows.indices = X.indices.astype(np.int64, copy=False)
        else:
            rows = self._table(self._array(X))
        rows.Y = None if Y is None else self._array(Y)
        rows.weight = None if weight is None else self._array(weight)
        return rows
