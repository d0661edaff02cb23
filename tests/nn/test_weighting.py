"""The coefficients of observations, and the sums that no mean can divide by."""

import numpy as np
import pytest

from chainrule.errors import ParameterError
from chainrule.nn.weighting import check_weight_sum, observation_coefficients


def test_coefficients():
    w = np.array([1.0, 0.0, 3.0])
    assert observation_coefficients(4, None, "mean", 3.0) == 0.75
    assert observation_coefficients(4, None, "sum", 3.0) == 3.0
    np.testing.assert_array_equal(
        observation_coefficients(3, w, "mean", 2.0), [[0.5], [0.0], [1.5]]
    )
    np.testing.assert_array_equal(observation_coefficients(3, w, "sum", 2.0), [[2], [0], [6]])


@pytest.mark.parametrize("weight", [[1e308, 1e308], [5e-324, 0.0]])
def test_a_sum_beyond_the_finite_numbers_is_refused(weight):
    with pytest.raises(ParameterError, match=r"sample_weight sums to .*: scale it"):
        check_weight_sum("sample_weight", np.array(weight))
    check_weight_sum("sample_weight", np.array([1e307, 1e307]))
