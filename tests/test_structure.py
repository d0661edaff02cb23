"""The house rules: a room imports only from rooms before it, and no files import each other."""

import ast
import sys
from pathlib import Path

import pytest

import chainrule

ROOT = Path(chainrule.__file__).parent
ROOMS = (
    "version",
    "late",
    "forks",
    "errors",
    "checks",
    "notices",
    "files",
    "nn",
    "core",
    "optim",
    "data",
    "modelfile",
    "train",
    "pack",
    "settings",
    "estimators",
    "notation",
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


def module_of(path):
    """Return a file's name as a module; that of a package is its ``__init__``."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def file_graph(sources):
    """Return what each file imports of the others, whenever it does.

    Parameters
    ----------
    sources : dict of str to (str, str)
        The package that relative names count from and the text of each module, by its name.
    """
    graph = {}
    for module, (package, text) in sources.items():
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if is_type_checking(node):
                node.test = ast.Constant(value=True)  # which is no TYPE_CHECKING any more
        names = [name for _, name in imports(tree, package)]
        graph[module] = {
            next((m for m in (name, name.rpartition(".")[0]) if m in sources), None)
            for name in names
        } - {None}
    return graph


def circles(graph):
    """Return the groups of files that import each other, roundabout or not."""
    reached = {}
    for start in graph:
        found, left = set(), list(graph[start])
        while left:
            module = left.pop()
            if module not in found:
                found.add(module)
                left += graph[module]
        reached[start] = found
    groups = {
        frozenset(m for m in reached[start] if start in reached[m])
        for start in graph
        if start in reached[start]
    }
    return sorted(map(sorted, groups))


def sources_of_the_package():
    entrances = (ROOT / "__init__.py", ROOT / "__main__.py")
    found = {}
    for path in [*files(), *entrances]:
        package = ".".join(path.relative_to(ROOT.parent).parent.parts)
        found[module_of(path)] = (package, path.read_text(encoding="utf-8"))
    return found


def test_no_files_import_each_other():
    """Neither while they load, nor inside a function, nor for the types alone."""
    assert circles(file_graph(sources_of_the_package())) == []


@pytest.mark.parametrize(
    ("texts", "want"),
    [
        ({"p.a": "from p import b", "p.b": "from p.a import x"}, [["p.a", "p.b"]]),
        ({"p.a": "import p.b", "p.b": "def f():\n    from . import a"}, [["p.a", "p.b"]]),
        (
            {
                "p.a": "import p.b",
                "p.b": "if TYPE_CHECKING:\n    from p.a import x\nelse:\n    pass",
            },
            [["p.a", "p.b"]],
        ),
        (
            {"p.a": "import p.b", "p.b": "from .c import x", "p.c": "from p.a import y", "p.d": ""},
            [["p.a", "p.b", "p.c"]],
        ),
        ({"p": "from p.a import x", "p.a": "from p import x"}, [["p", "p.a"]]),
        ({"p": "from p.a import x", "p.a": "from p import b", "p.b": ""}, []),
        ({"p.a": "from p.a import x"}, [["p.a"]]),
        ({"p.a": "import p.c", "p.b": "import p.c", "p.c": "import os"}, []),
    ],
)
def test_the_search_for_circles(texts, want):
    sources = {module: ("p", text) for module, text in texts.items()}
    assert circles(file_graph(sources)) == want


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
