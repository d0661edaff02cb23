"""The error tree, and the names that messages suggest."""

import pytest

from chainrule import errors

KNOWN = ["relu", "elu", "gelu", "silu", "tanh", "Age", "age"]


@pytest.mark.parametrize(
    ("given", "nearest"),
    [
        ("relu", "relu"),
        ("Relu", "relu"),
        ("ReLU", "relu"),
        ("GELU", "gelu"),
        ("SiLU", "silu"),
        ("tahn", "tanh"),
        ("age", "age"),
        ("Age", "Age"),
        ("AGE", "Age"),
        ("softsign", None),
    ],
)
def test_nearest_name(given, nearest):
    assert errors.nearest_name(given, KNOWN) == nearest


def test_an_unknown_name_lists_the_known_ones():
    message = str(errors.unknown_name("solver", "adm", ["adam", "sgd"]))
    assert message == "unknown solver 'adm': did you mean 'adam'? The known ones are: adam, sgd"
    assert str(errors.unknown_name("solver", 3, ["adam"])).startswith("unknown solver 3: The known")


def test_a_long_list_of_names_is_cut():
    message = str(errors.unknown_name("column", "c7x", [f"c{i}" for i in range(5000)]))
    assert "did you mean 'c7'?" in message
    assert message.endswith("c29 and 4,970 more")


@pytest.mark.parametrize("name", [n for n in errors.__all__ if n.endswith("Error")])
def test_every_error_is_in_the_tree_and_in_its_drawing(name):
    error = getattr(errors, name)
    assert issubclass(error, errors.ChainruleError)
    assert name in errors.__doc__
    if issubclass(error, errors.InputError):
        assert issubclass(error, ValueError)
