"""Parameters: one vector and the views into it."""

import copy
import pickle

import numpy as np
import pytest

from chainrule import Parameters
from chainrule.errors import ParameterError, ShapeError


def counted(sizes):
    parameters = Parameters.zeros(sizes)
    parameters.vector[...] = np.arange(parameters.vector.size)
    return parameters


def test_layout():
    parameters = counted((2, 3, 1))
    assert list(parameters) == ["W1", "b1", "W2", "b2"]
    assert len(parameters) == 4
    assert parameters.depth == 2
    np.testing.assert_array_equal(parameters["W1"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(parameters["b1"], [[6, 7, 8]])
    np.testing.assert_array_equal(parameters["W2"], [[9], [10], [11]])
    np.testing.assert_array_equal(parameters["b2"], [[12]])
    places = list(parameters.layout.places())
    assert places[1:3] == [Place("b1", (1, 3), 6, 9), Place("W2", (3, 1), 9, 12)]
    assert repr(parameters) == "<Parameters of 2-3-1, 13 float64>"


def test_the_names_are_views():
    parameters = counted((2, 3, 1))
    for V in parameters.values():
        assert np.shares_memory(V, parameters.vector)
    parameters.vector -= 1
    assert parameters["b2"][0, 0] == 11
    parameters["W1"][1, 2] = 50
    assert parameters.vector[5] == 50
    parameters["W1"] += 1
    assert parameters.vector[5] == 51
    parameters["b1"] = [7, 8, 9]
    np.testing.assert_array_equal(parameters.vector[6:9], [7, 8, 9])
    parameters["b1"] = [[4, 5, 6]]
    np.testing.assert_array_equal(parameters.vector[6:9], [4, 5, 6])


def test_the_vector_is_used_as_it_is():
    vector = np.zeros(13)
    parameters = Parameters([2, 3, 1], vector)
    vector[0] = 5
    assert parameters["W1"][0, 0] == 5
    assert parameters.sizes == (2, 3, 1)


def test_a_copy_has_a_vector_of_its_own():
    parameters = counted((2, 1))
    for other in (parameters.copy(), copy.deepcopy(parameters)):
        assert other == parameters
        other["b1"] = [9]
        assert parameters["b1"][0, 0] == 2
        assert other != parameters


def test_equality_looks_at_sizes_and_values():
    assert counted((2, 1)) == counted((2, 1))
    assert Parameters.zeros((3, 1)) != Parameters.zeros((1, 2))  # 4 numbers each
    assert counted((2, 1)) != list(counted((2, 1)))
    with pytest.raises(TypeError, match="unhashable"):
        hash(counted((2, 1)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_pickle(dtype):
    parameters = counted((2, 3, 1))
    parameters = Parameters(parameters.sizes, parameters.vector.astype(dtype))
    back = pickle.loads(pickle.dumps(parameters))
    assert back == parameters
    assert back.dtype == dtype
    back["W2"] = [[1], [2], [3]]
    np.testing.assert_array_equal(back.vector[9:12], [1, 2, 3])


def test_mask():
    parameters = counted((2, 3, 1))
    marked = parameters.mask(("b1", "W2"))
    assert marked.dtype == bool
    np.testing.assert_array_equal(np.flatnonzero(marked), range(6, 12))
    assert not parameters.mask(()).any()
    with pytest.raises(ParameterError, match="unknown parameter 'b3'"):
        parameters.mask(("b3",))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_from_arrays(dtype):
    want = counted((2, 3, 1))
    given = {name: V.astype(dtype) for name, V in want.items()}
    given["b1"] = given["b1"][0]  # a bias may be (n,) or (1, n)
    parameters = Parameters.from_arrays(dict(reversed(given.items())))
    assert parameters == want
    assert parameters.dtype == dtype
    given["W1"][0, 0] = 99
    assert parameters["W1"][0, 0] == 0  # copied


def test_from_arrays_takes_lists_of_integers():
    parameters = Parameters.from_arrays({"W1": [[1], [2]], "b1": [3]})
    assert parameters.dtype == np.float64
    np.testing.assert_array_equal(parameters.vector, [1, 2, 3])


W1, b1, W2, b2 = np.ones((2, 3)), np.ones(3), np.ones((3, 1)), np.ones(1)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "must be named W1, b1, W2, b2 and so on; got $"),
        ({"W1": W1}, "got W1$"),
        ({"W1": W1, "b1": b1, "W2": W2}, "got W1, b1, W2$"),
        ({"W2": W2, "b2": b2}, "got W2, b2$"),
        ({"W1": W1, "c1": b1}, "got W1, c1$"),
        ({"W0": W1, "b0": b1}, "got W0, b0$"),
        ({"W1": b1, "b1": b1}, r"W1 must be a matrix, not of shape \(3,\)"),
        ({"W1": W1, "b1": b2}, r"b1 is 1 × 3, not \(1,\)"),
        ({"W1": W1, "b1": b1[:, np.newaxis]}, r"b1 is 1 × 3, not \(3, 1\)"),
        ({"W1": W1, "b1": b1, "W2": np.ones((4, 1)), "b2": b2}, "W1 has 3 columns, W2 has 4 rows"),
    ],
)
def test_arrays_that_form_no_chain(arrays, message):
    with pytest.raises(ShapeError, match=message):
        Parameters.from_arrays(arrays)


def test_what_does_not_fit_is_not_assigned():
    parameters = counted((2, 3, 1))
    before = parameters.vector.copy()
    for name, value in (("W1", W2), ("W1", 1.0), ("b1", 1.0), ("W2", [1, 2, 3]), ("b2", b1)):
        with pytest.raises(ShapeError, match=f"{name} is "):
            parameters[name] = value
    np.testing.assert_array_equal(parameters.vector, before)


@pytest.mark.parametrize("shape", [(12,), (14,), (13, 1), (0,)])
def test_a_vector_of_the_wrong_shape(shape):
    with pytest.raises(ShapeError, match=r"sizes \(2, 3, 1\) has 13 parameters .* not an array of"):
        Parameters((2, 3, 1), np.zeros(shape))


def test_an_unknown_name():
    parameters = counted((2, 3, 1))
    assert "W2" in parameters
    assert "W3" not in parameters
    with pytest.raises(
        ParameterError, match=r"unknown parameter 'W3': did you mean .*W1, b1, W2, b2"
    ):
        parameters["W3"]
    with pytest.raises(ParameterError, match="unknown parameter 'w1'"):
        parameters["w1"] = W1
