"""Saving and loading: which class puts which kind of model together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Protocol, TypeVar

from chainrule.errors import ModelFileError, ParameterError
from chainrule.modelfile.bare import KIND, bare_record, from_bare_record, is_bare
from chainrule.modelfile.container import UNUSABLE, read_record, unusable, write_record
from chainrule.modelfile.record import ModelRecord

__all__ = ["Saveable", "load", "save", "saveable", "saveable_in"]


class Saveable(Protocol):
    """What a model must offer to be saved; `saveable` registers its class for loading."""

    def to_record(self) -> ModelRecord:
        """Take the model apart."""
        ...

    @classmethod
    def from_record(cls, record: ModelRecord) -> Any:
        """Put a model together; raise a ModelFileError if the record cannot be one."""
        ...


SAVEABLE: dict[str, Callable[[], type[Saveable]]] = {}
"""The classes that `load` can put together, by name; those of `saveable_in` are imported when called."""
ModelClass = TypeVar("ModelClass", bound=type[Saveable])


def saveable(model_class: ModelClass) -> ModelClass:
    """Register a class, by its name, as one that `load` can put together. A class decorator."""
    SAVEABLE[model_class.__name__] = lambda: model_class
    return model_class


def saveable_in(homes: Mapping[str, Iterable[str]]) -> None:
    """Register classes by module and name; a module is imported when its class is saved or loaded."""

    def of(name: str, home: str) -> Callable[[], type[Saveable]]:
        return lambda: getattr(import_module(home), name)

    for home, names in homes.items():
        for name in names:
            SAVEABLE.setdefault(name, of(name, home))


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Save a fitted model in one file; see `chainrule.modelfile.container` for what is in it.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, TableModel or (Network, Parameters)
        A fitted one; or a network and its parameters, such as `chainrule.from_sklearn` returns.
    path : str or path-like
        Replaced if it exists, once the new file is complete.

    Raises
    ------
    ParameterError
        If the model is of a class that cannot be saved.
    ModelFileError
        If the file cannot be written.
    """
    if is_bare(model):
        write_record(bare_record(model), path)
        return
    known = SAVEABLE.get(type(model).__name__)
    if known is None or known() is not type(model):  # scikit-learn has an MLPClassifier too
        name = f"{type(model).__module__}.{type(model).__qualname__}"
        raise ParameterError(
            f"a {name} cannot be saved: save one of {', '.join(SAVEABLE)}, or (network, parameters)"
        )
    write_record(model.to_record(), path)


def load(path: str | os.PathLike[str]) -> Any:
    """Load a model that `save` wrote; the file is checked, and nothing in it is executed.

    Returns
    -------
    MLPClassifier, MLPRegressor, TableModel or (Network, Parameters)
        What was saved.

    Raises
    ------
    ModelFileError
        If the file is missing, truncated, altered, foreign, or from a newer version.
    """
    record = read_record(path)
    try:
        build = from_bare_record if record.kind == KIND else SAVEABLE[record.kind]().from_record
    except KeyError:
        raise ModelFileError(
            f"{os.fspath(path)!r} holds a {record.kind!r:.80}, which this version does not know"
        ) from None
    try:
        return build(record)
    except UNUSABLE as error:
        raise unusable(path, error) from None
