"""PyTorch with `torch.compile` over the whole step: forward, backward and update in one graph.

`torch.func` keeps the gradient in that graph; a compiled module with `backward` and an optimizer is
three of them, and a fifth as fast on small networks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from benchmarks.speed.peers.torch_eager import Eager, cost_of

__all__ = ["Compiled"]

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Compiled(Eager):
    """The step of `Eager` as one compiled function."""

    gradients = False

    def made_step(self) -> Callable[[Any, Any], Any]:
        """Return the compiled step; the first call with a batch of a new size compiles it."""
        torch._dynamo.reset()  # or the steps of earlier workloads count against its limit
        task, tensors = self.workload, self.tensors
        gradient_and_cost = torch.func.grad_and_value(cost_of(task))
        update = adam if task.optimizer == "adam" else sgd
        state = {
            "rate": task.learning_rate,
            "count": torch.zeros((), dtype=torch.float64),
            "m": [torch.zeros_like(tensor) for tensor in tensors],
            "s": [torch.zeros_like(tensor) for tensor in tensors],
        }

        def step(tensors: Any, state: Any, x: Any, y: Any) -> Any:
            gradients, J = gradient_and_cost(tensors, x, y)
            update(tensors, gradients, state)
            return J

        compiled = torch.compile(step, dynamic=False)
        return lambda x, y: compiled(tensors, state, x, y)

    def run(self, epochs: int) -> float:
        """Go through the batches."""
        with torch.no_grad():
            return super().run(epochs)


def sgd(tensors: Any, gradients: Any, state: Any) -> None:
    for tensor, gradient in zip(tensors, gradients, strict=True):
        tensor.sub_(gradient, alpha=state["rate"])


def adam(tensors: Any, gradients: Any, state: Any) -> None:
    t = state["count"].add_(1)
    rate = state["rate"] * torch.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
    for tensor, g, m, s in zip(tensors, gradients, state["m"], state["s"], strict=True):
        m.lerp_(g, 1 - BETA_1)
        s.mul_(BETA_2).addcmul_(g, g, value=1 - BETA_2)
        tensor.sub_((rate * m / (torch.sqrt(s) + EPSILON)).to(tensor.dtype))
