"""JAX: `jax.jit` around a `lax.scan` over the whole epoch, the weights given away and got back.

The short last batch of an epoch, if there is one, is a second jitted step, so that the updates are
those of everybody else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp

from benchmarks.speed.peers.engine import Engine
from benchmarks.speed.workloads import Workload

__all__ = ["Scan"]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
UNROLL = (
    2  # steps of the scan in one turn of its loop; more is no faster, and takes long to compile
)
ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "gelu": partial(jax.nn.gelu, approximate=False),
}


def cost_of(workload: Workload) -> Callable[[Any, Any, Any], Any]:
    activation = ACTIVATIONS[workload.hidden]

    def cost(arrays: Any, x: Any, y: Any) -> Any:
        for layer in range(0, len(arrays) - 2, 2):
            x = activation(x @ arrays[layer] + arrays[layer + 1])
        z = x @ arrays[-2] + arrays[-1]
        if workload.binary:
            return jnp.mean(jnp.logaddexp(0, z) - y * z)
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(z), axis=1))

    return cost


def step_of(workload: Workload) -> Callable[[Any, Any], Any]:
    """Return the update as a scan wants it: from (state, batch) to (state, cost)."""
    gradient = jax.value_and_grad(cost_of(workload))
    eta = workload.learning_rate

    def sgd(state: Any, batch: Any) -> Any:
        J, g = gradient(state, *batch)
        return [a - eta * d for a, d in zip(state, g, strict=True)], J

    def adam(state: Any, batch: Any) -> Any:
        arrays, m, s, t = state
        J, g = gradient(arrays, *batch)
        t = t + 1
        m = [BETA_1 * a + (1 - BETA_1) * d for a, d in zip(m, g, strict=True)]
        s = [BETA_2 * a + (1 - BETA_2) * d * d for a, d in zip(s, g, strict=True)]
        rate = eta * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        arrays = [
            a - rate * b / (jnp.sqrt(c) + EPSILON) for a, b, c in zip(arrays, m, s, strict=True)
        ]
        return (arrays, m, s, t), J

    return adam if workload.optimizer == "adam" else sgd


class Scan(Engine):
    """One call an epoch."""

    def prepare(self, X: Any, labels: Any) -> None:
        """Lay the batches out one behind the other."""
        task = self.workload
        jax.config.update("jax_enable_x64", task.dtype == "float64")
        Y, whole = task.targets(labels), task.rows // task.batch * task.batch
        self.whole = [
            jnp.array(rows[:whole].reshape(-1, task.batch, rows.shape[1])) for rows in (X, Y)
        ]
        self.rest = [jnp.array(rows[whole:]) for rows in (X, Y)] if whole < task.rows else None
        self.state: Any = [jnp.array(array) for array in task.weights()]
        if task.optimizer == "adam":
            zeros = [[jnp.zeros_like(array) for array in self.state] for _ in range(2)]
            self.state = (self.state, *zeros, jnp.zeros((), task.dtype))
        step = step_of(task)
        self.step = jax.jit(step, donate_argnums=0)
        self.epoch = jax.jit(
            lambda state, batches: jax.lax.scan(step, state, batches, unroll=UNROLL),
            donate_argnums=0,
        )

    def run(self, epochs: int) -> float:
        """Hand epoch after epoch to the device, and wait for the last one."""
        task = self.workload
        costs, last = jnp.zeros(0), 0.0
        for _ in range(epochs):
            if len(self.whole[0]):
                self.state, costs = self.epoch(self.state, self.whole)
            if self.rest is not None:
                self.state, last = self.step(self.state, self.rest)
        jax.block_until_ready(self.state)
        total = float(costs.sum()) * task.batch + float(last) * (task.rows % task.batch)
        return total / task.rows

    def weights(self) -> list[Any]:
        """Return the arrays, without Adam's moments."""
        arrays = self.state[0] if self.workload.optimizer == "adam" else self.state
        return [jax.device_get(array) for array in arrays]
