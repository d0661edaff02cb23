"""Names that are imported when they are first asked for."""

import subprocess
import sys
from importlib import import_module

import pytest

import chainrule


@pytest.mark.parametrize("package", ["chainrule", "chainrule.doctor", "chainrule.doctor.formulas"])
def test_every_name_is_there_and_listed(package):
    module = import_module(package)
    assert set(module.__all__) <= set(dir(module))
    for name in module.__all__:
        assert getattr(module, name) is not None


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match=r"module 'chainrule\.doctor' has no attribute 'chek'"):
        chainrule.doctor.chek  # noqa: B018


@pytest.mark.parametrize("first", ["import chainrule.explain", "cr.Trace", "cr.explain"])
def test_the_room_that_can_be_called_is_the_same_in_any_order(first):
    script = (
        f"import chainrule as cr; {first}; import chainrule.explain as room; "
        "print(cr.explain is room, callable(cr.explain))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.split() == [b"True", b"True"]
