"""Names of a package that are imported when they are first asked for, as PEP 562 has it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["late_names"]


def late_names(
    package: str, homes: Mapping[str, Iterable[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and the ``__dir__`` of a package.

    Parameters
    ----------
    package : str
        The package's name.
    homes : mapping of str to iterable of str
        For each module the names that the package has from it.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def getattr_(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(home_of[name])
        # A room called like its function was set as an attribute by its import.
        is_room = module.__name__ == f"{package}.{name}"
        value = module if is_room and callable(module) else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return getattr_, lambda: list(vars(sys.modules[package])["__all__"])
