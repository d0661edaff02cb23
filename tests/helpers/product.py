"""The whole product of activations, losses, conventions and depths, checked by the complex step.

``python -m helpers.product``, from the folder of the tests, prints the largest relative error.
"""

from dataclasses import replace
from itertools import product

from chainrule.nn import L2
from helpers.cases import CROSS_ENTROPIES, WEIGHT, depth_cases, network_of, point
from helpers.gradients import gradient_errors, loss_slopes

PENALTIES = (
    None,
    *(
        L2(0.3, scale=scale, biases=biases)
        for scale, biases in product(("full", "half", "half_mean"), (False, True))
    ),
)
REDUCTIONS = ("mean", "sum")
COST_SCALES = (1.0, 0.5)
SMOOTHINGS = (0.0, 0.1)


CONVENTIONS = tuple(product(REDUCTIONS, PENALTIES, COST_SCALES, (None, WEIGHT)))


def some_conventions(number):
    """Return seven of the conventions; the more numbers, the more of them, until they are all."""
    return [CONVENTIONS[(number * 5 + step * 17) % len(CONVENTIONS)] for step in range(7)]


def errors_of_case(hidden, output, loss, depth, conventions=CONVENTIONS):
    """Yield (largest relative error, its tensor, network, whether weighted) for each convention."""
    base = network_of(hidden, output, loss, depth)
    parameters, X, Y = point(base)
    for smoothing in SMOOTHINGS if loss in CROSS_ENTROPIES else SMOOTHINGS[:1]:
        # The slopes of ℓ_i know nothing of reduction, penalty and weights: once is enough.
        slopes = loss_slopes(replace(base, label_smoothing=smoothing), parameters, X, Y)
        for reduction, penalty, scale, weight in conventions:
            network = replace(
                base,
                reduction=reduction,
                penalty=penalty,
                cost_scale=scale,
                label_smoothing=smoothing,
            )
            errors = gradient_errors(network, parameters, X, Y, weight, slopes=slopes)
            worst = max(errors, key=errors.get)
            yield errors[worst], worst, network, weight is not None


def largest_gradient_error():
    """Return (error, tensor, network, whether weighted, number of cases) over the whole product."""
    largest = (0.0, "", None, False)
    cases = 0
    for case in depth_cases():
        for found in errors_of_case(*case):
            cases += 1
            largest = max(largest, found, key=lambda item: item[0])
    return *largest, cases


if __name__ == "__main__":
    error, tensor, network, weighted, cases = largest_gradient_error()
    print(f"largest relative error {error:.2e} over {cases} cases: {tensor}, {network}", end="")
    print(", weighted" if weighted else "")
