"""The layout of the parameters: its size has an end."""

import pytest

from chainrule.errors import ParameterError
from chainrule.nn import Network
from chainrule.nn.layout import MOST, Layout

TOO_MANY = "^a network of these sizes has more parameters than any memory can hold: [^\\n]*$"


@pytest.mark.parametrize(
    ("sizes", "members"),
    [
        ((3, 10**25, 1), 1),
        ((2**40, 2**40), 1),
        ((3, 4, 1), 10**30),
        ((2**20, 2**20, 2**20), 2**20),
        ((1, 10**5000), 1),
    ],
)
def test_more_parameters_than_memory_can_hold(sizes, members):
    with pytest.raises(ParameterError, match=TOO_MANY):
        Network(sizes, members=members, shared_weights=False).init(0)


def test_the_largest_number_that_is_let_through():
    sizes = (1, MOST // 2)
    assert Layout(sizes).count == MOST
    with pytest.raises(ParameterError, match=TOO_MANY):
        Layout(sizes, input_scale=True)
    with pytest.raises(MemoryError, match=r"^[^\n]*$"):  # NumPy's, and one line, too
        Network(sizes).init(0)
