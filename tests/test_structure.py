"""The house rule: rooms in an order, and a room imports only from those before it."""

import ast
import sys
from pathlib import Path

import pytest

import chainrule

ROOT = Path(chainrule.__file__).parent
ROOMS = (
    "version",
    "errors",
    "checks",
    "notices",
    "nn",
    "core",
    "optim",
    "data",
    "modelfile",
    "train",
    "settings",
    "estimators",
    "explain",
    "doctor",
    "cli",
)
OUTSIDE_OF_NN = {"numpy", "scipy.special"}  # the mathematics needs no more


def is_type_checking(node):
    test = getattr(node, "test", None)
    return isinstance(node, ast.If) and (
        (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING")
        or (isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING")
    )


def imports(tree, package):
    """Yield (line, module) for everything imported at run time, functions included.

    ``from a import b`` yields a.b, for b may be a module; relative names are resolved.
    """
    children = tree.orelse if is_type_checking(tree) else ast.iter_child_nodes(tree)
    for node in children:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"
        else:
            yield from imports(node, package)


def files():
    """Every file of a room; ``__init__`` and ``__main__`` of the package itself see all rooms."""
    entrances = (ROOT / "__init__.py", ROOT / "__main__.py")
    return sorted(path for path in ROOT.rglob("*.py") if path not in entrances)


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path):
    package = ".".join(["chainrule", *path.relative_to(ROOT).parent.parts])
    return imports(ast.parse(path.read_text(encoding="utf-8")), package)


def breaches(path):
    """Return what `path` imports from its own later rooms, or from the package as a whole."""
    room = room_of(path)
    found = []
    for line, module in imports_of(path):
        if module.split(".")[0] != "chainrule":
            continue
        target = module.partition(".")[2].partition(".")[0]  # nothing: the package as a whole
        if target == room:
            continue
        if target not in ROOMS or ROOMS.index(target) > ROOMS.index(room):
            found.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    return found


def test_every_room_is_in_the_order():
    rooms = {room_of(path) for path in files()}
    rooms |= {folder.name for folder in ROOT.iterdir() if (folder / "__init__.py").exists()}
    assert rooms <= set(ROOMS)


def test_a_room_imports_only_from_those_before_it():
    assert [breach for path in files() for breach in breaches(path)] == []


def test_the_mathematics_imports_numpy_and_scipy_special_alone():
    found = []
    for path in (ROOT / "nn").glob("**/*.py"):
        for line, module in imports_of(path):
            top = module.split(".")[0]
            outside = {module, module.rpartition(".")[0], top} & OUTSIDE_OF_NN
            inside = module.startswith(("chainrule.nn.", "chainrule.errors.", "chainrule.checks."))
            if not (outside or inside or top in sys.stdlib_module_names):
                found.append(f"{path.name}:{line} imports {module}")
    assert found == []


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("import numpy.linalg as la", ["numpy.linalg"]),
        ("from scipy import stats", ["scipy.stats"]),
        ("def f():\n    from chainrule.cli import main", ["chainrule.cli.main"]),
        ("from .network import Network", ["chainrule.nn.network.Network"]),
        ("from ..train import Trainer", ["chainrule.train.Trainer"]),
        ("from . import losses", ["chainrule.nn.losses"]),
        ("if TYPE_CHECKING:\n    import pandas\nelse:\n    import json", ["json"]),
        ("import typing\nif typing.TYPE_CHECKING:\n    import pandas", ["typing"]),
        ("try:\n    import jax\nexcept ImportError:\n    import os", ["jax", "os"]),
    ],
)
def test_the_reader_of_imports(source, want):
    """It must see what it is there to see."""
    assert [module for _, module in imports(ast.parse(source), "chainrule.nn")] == want
