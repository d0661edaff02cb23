"""PyTorch, operation by operation, with as little around them as there can be.

Plain tensors in place of modules, `torch.autograd.grad` in place of `backward`, one fused call for the
update of all tensors, slices of tensors in place of a loader: that is nearly twice as fast as
`nn.Sequential` with `torch.optim.SGD` on small networks, and as fast on large ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional as F

from benchmarks.speed.peers.engine import Engine
from benchmarks.speed.workloads import Workload

__all__ = ["Eager", "cost_of"]

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": F.gelu,
}


def cost_of(workload: Workload) -> Callable[[list[Any], Any, Any], Any]:
    """Return the cost as a function of W1, b1 …, the rows of a batch, and their targets."""
    activation = ACTIVATIONS[workload.hidden]
    loss = F.binary_cross_entropy_with_logits if workload.binary else F.cross_entropy

    def cost(tensors: list[Any], x: Any, y: Any) -> Any:
        for layer in range(0, len(tensors) - 2, 2):
            x = activation(torch.addmm(tensors[layer + 1], x, tensors[layer]))
        return loss(torch.addmm(tensors[-1], x, tensors[-2]), y)

    return cost


class Eager(Engine):
    """One gradient and one update after the other."""

    gradients = True

    def prepare(self, X: Any, labels: Any) -> None:
        """Make tensors, and cut them into batches once."""
        task = self.workload
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        self.tensors = [
            torch.tensor(array, requires_grad=self.gradients) for array in task.weights()
        ]
        targets = torch.tensor(task.targets(labels) if task.binary else labels)
        self.batches = list(
            zip(torch.tensor(X).split(task.batch), targets.split(task.batch), strict=True)
        )
        self.step = self.made_step()

    def made_step(self) -> Callable[[Any, Any], Any]:
        """Return what makes one update and returns the cost before it."""
        cost, tensors, update = cost_of(self.workload), self.tensors, self.made_update()

        def step(x: Any, y: Any) -> Any:
            J = cost(tensors, x, y)
            update(torch.autograd.grad(J, tensors))
            return J.detach()

        return step

    def made_update(self) -> Callable[[Any], None]:
        """Return what moves the tensors by their gradients."""
        tensors, rate = self.tensors, self.workload.learning_rate
        if self.workload.optimizer == "adam":
            optimizer = torch.optim.Adam(tensors, rate, fused=True)

            def adam(gradients: Any) -> None:
                for tensor, gradient in zip(tensors, gradients, strict=True):
                    tensor.grad = gradient
                optimizer.step()

            return adam

        def sgd(gradients: Any) -> None:
            with torch.no_grad():
                torch._foreach_add_(tensors, gradients, alpha=-rate)

        return sgd

    def run(self, epochs: int) -> float:
        """Go through the batches."""
        costs: list[Any] = []
        for _ in range(epochs):
            costs = [self.step(x, y) for x, y in self.batches]
        rows = torch.tensor([len(x) for x, _ in self.batches], dtype=costs[0].dtype)
        return float(torch.stack(costs) @ rows / rows.sum())

    def weights(self) -> list[Any]:
        """Return copies of the tensors."""
        return [tensor.detach().numpy().copy() for tensor in self.tensors]
