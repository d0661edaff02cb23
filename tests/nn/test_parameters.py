"""Parameters: one vector and the views into it."""

import copy
import pickle
from itertools import pairwise

import numpy as np
import pytest

from chainrule import Parameters
from chainrule.errors import ParameterError, ShapeError
from chainrule.nn.layout import Layout, Place


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


# ----------------------------------------------------------------------------- layouts of other networks

LAYOUTS = [
    (Layout((3, 2)), {"W1": (3, 2), "b1": (1, 2)}),
    (Layout((3, 2), True), {"scale": (1, 3), "W1": (3, 2), "b1": (1, 2)}),
    (
        Layout((3, 2), members=4),
        {"W1": (4, 3, 2), "b1": (4, 2)},
    ),  # the output layer's is each's own
    (
        Layout((3, 5, 2), True, 4),
        {
            "scale": (1, 3),
            "W1": (3, 5),
            "R1": (4, 3),
            "S1": (4, 5),
            "b1": (4, 5),
            "W2": (4, 5, 2),
            "b2": (4, 2),
        },
    ),
    (
        Layout((3, 5, 2), members=4, shared_weights=False),
        {"W1": (4, 3, 5), "b1": (4, 5), "W2": (4, 5, 2), "b2": (4, 2)},
    ),
    (
        Layout((3, 5, 2), shared_weights=False),
        {"W1": (3, 5), "b1": (1, 5), "W2": (5, 2), "b2": (1, 2)},
    ),
]
each_layout = pytest.mark.parametrize(("layout", "shapes"), LAYOUTS, ids=str)


@each_layout
def test_names_and_shapes_in_their_order(layout, shapes):
    assert dict(layout.shapes()) == shapes
    assert [name for name, _ in layout.shapes()] == list(shapes)
    assert layout.count == sum(int(np.prod(shape)) for shape in shapes.values())
    assert layout.depth == len(layout.sizes) - 1
    places = list(layout.places())
    assert places[0].start == 0
    assert places[-1].stop == layout.count
    assert all(one.stop == other.start for one, other in pairwise(places))
    parameters = Parameters(layout, np.arange(layout.count, dtype=float))
    np.testing.assert_array_equal(
        np.concatenate([V.ravel() for V in parameters.values()]), parameters.vector
    )
    assert parameters.sizes == layout.sizes
    assert all(np.shares_memory(V, parameters.vector) for V in parameters.values())


@each_layout
def test_from_arrays_of_a_layout(layout, shapes):
    given = {name: np.random.RandomState(0).normal(size=shape) for name, shape in shapes.items()}
    parameters = Parameters.of_layout(layout, dict(reversed(given.items())))
    for name, V in given.items():
        np.testing.assert_array_equal(parameters[name], V)
        assert not np.shares_memory(parameters[name], V)
    back = pickle.loads(pickle.dumps(parameters))
    assert back == parameters == parameters.copy()
    assert back.layout == layout
    for name in given:
        with pytest.raises(ShapeError, match="the parameters are "):
            Parameters.of_layout(layout, {key: V for key, V in given.items() if key != name})
        for wrong in (given[name][..., :-1], given[name][np.newaxis], given[name].ravel()):
            with pytest.raises(ShapeError, match=f"{name} has shape .*, not "):
                Parameters.of_layout(layout, {**given, name: wrong})
    with pytest.raises(ShapeError, match=r"the parameters are .*; got .*W9"):
        Parameters.of_layout(layout, {**given, "W9": np.ones((1, 1))})
    single = {name: V.astype(np.float32) for name, V in given.items()}
    assert Parameters.of_layout(layout, single).dtype == np.float32


def test_parameters_of_other_layouts_are_others():
    plain, scaled = Layout((2, 1)), Layout((1, 1), True)
    assert plain.count == scaled.count == 3
    assert Parameters.zeros(plain) == Parameters.zeros((2, 1))
    assert Parameters.zeros(plain) != Parameters.zeros(scaled)


def test_what_is_assigned_to_a_layout():
    parameters = Parameters.zeros(Layout((3, 5, 2), True, 4))
    parameters["scale"] = [1, 2, 3]  # a row may come without its first axis
    np.testing.assert_array_equal(parameters.vector[:3], [1, 2, 3])
    parameters["scale"] = [[4, 5, 6]]
    for name, value in (
        ("scale", 1.0),
        ("scale", [1, 2]),
        ("b1", np.ones(5)),  # of four members a row is not enough
        ("R1", np.ones(3)),
        ("S1", np.ones((1, 5))),
        ("W2", np.ones((5, 2))),
        ("W1", np.ones((4, 3, 5))),
    ):
        with pytest.raises(ShapeError, match=f"{name} is "):
            parameters[name] = value
    assert parameters.vector[:3].tolist() == [4, 5, 6]
    assert not parameters.vector[3:].any()
    with pytest.raises(ShapeError, match="W2 is 4 × 5 × 2, not"):
        parameters["W2"] = 1.0
    one_row = Parameters.zeros((1, 3))
    with pytest.raises(ShapeError, match="W1 is 1 × 3"):
        one_row["W1"] = [1, 2, 3]  # a matrix is a matrix, if of one row


def test_spread():
    parameters = Parameters.zeros(Layout((2, 3, 1), True), np.float32)
    values = {"scale": 6.0, "W1": 1.0, "b1": 0.1, "W2": 2.0, "b2": 0.0}
    spread = parameters.spread(values)
    assert spread.dtype == np.float32
    want = np.repeat([6, 1, 0.1, 2, 0], [2, 6, 3, 3, 1]).astype(np.float32)
    np.testing.assert_array_equal(spread, want)
    assert not parameters.vector.any()
    marked = parameters.mask(("scale", "b2"))
    np.testing.assert_array_equal(np.flatnonzero(marked), [0, 1, 14])
