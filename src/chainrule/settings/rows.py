"""The rows: fields of dataclasses whose metadata is a `Setting`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from textwrap import wrap
from typing import Any

from chainrule.settings.kinds import Kind
from chainrule.settings.texts import Codec

__all__ = [
    "ByTask",
    "Option",
    "Setting",
    "check_settings",
    "complete",
    "documented",
    "listed",
    "rows_of",
    "setting",
]

NETWORK = "The network"
TRAINING = "The training"
COMPUTING = "Computing"
METADATA = "setting"


@dataclass(frozen=True)
class ByTask:
    """A preset's value that is one for classes, and another for numbers."""

    classes: Any
    numbers: Any


@dataclass(frozen=True)
class Option:
    """A setting on the command line.

    Parameters
    ----------
    text : str
        The help. Names in braces stand for those of the setting's `names`.
    panel : str
        Under which heading it is listed.
    flag : str
        Its name; made from the setting's if it is empty.
    codec : Codec, optional
        How its text is read, if it is no single number or name.
    value : type
        What typer reads, if there is no codec.
    common : bool
        Whether the short page of help has it.
    default : object
        What takes the place of the setting's own default.
    shown : dict of str to str
        Words for what a preset makes of it, by the preset.
    least, most : int, optional
        Bounds that typer checks.
    """

    text: str
    panel: str
    flag: str = ""
    codec: Codec | None = None
    value: type = str
    common: bool = False
    default: Any = None
    shown: Mapping[str, str] = field(default_factory=dict)
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Setting:
    """A row: all that is known of one setting.

    Parameters
    ----------
    name : str
        What the estimators call it.
    default : object
    kind : Kind
        What values it may have.
    text : str
        What it means, for a docstring. Names in braces stand for those of `names`.
    names : dict of str to callable
        Lists that the texts hold, by the word in braces; asked when the text is read.
    presets : dict of str to object
        What presets make of it, by the preset, where that is not the default.
    option : Option or None
        Its face on the command line.
    """

    name: str
    default: Any
    kind: Kind
    text: str
    names: Mapping[str, Callable[[], list[str]]] = field(default_factory=dict)
    presets: Mapping[str, Any] = field(default_factory=dict)
    option: Option | None = None

    @property
    def flag(self) -> str:
        """The option's name."""
        own = self.option.flag if self.option else ""
        return own or "--" + self.name.replace("_", "-")

    def filled(self, text: str) -> str:
        """Return a text with the lists that it has room for."""
        for word, names in self.names.items():
            if "{" + word + "}" in text:
                text = text.replace("{" + word + "}", listed(names()))
        return text

    def in_preset(self, preset: str, *, classification: bool) -> Any:
        """Return what a preset makes of it."""
        value = self.presets.get(preset, self.default)
        if isinstance(value, ByTask):
            return value.classes if classification else value.numbers
        return value


def setting(
    default: Any,
    kind: Kind,
    text: str,
    *,
    names: Mapping[str, Callable[[], list[str]]] | None = None,
    presets: Mapping[str, Any] | None = None,
    option: Option | None = None,
) -> Any:
    """Return the field of a dataclass of settings; its name is the row's."""
    row = Setting("", default, kind, text, names or {}, presets or {}, option)
    return field(default=default, metadata={METADATA: row})


def rows_of(settings: Any) -> dict[str, Setting]:
    """Return the rows of a dataclass of settings, by their names; those given by position first."""
    found = {}
    for own in sorted(fields(settings), key=lambda own: own.kw_only is True):
        row = own.metadata[METADATA]
        found[own.name] = Setting(**{**vars(row), "name": own.name})
    return found


def complete(settings: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``get_params`` of an estimator with these parameters returns, in its order.

    Parameters
    ----------
    settings : type
        The dataclass of settings.
    given : dict
        Parameters by name; the others have their defaults.
    """
    rows = rows_of(settings)
    return {name: given.get(name, rows[name].default) for name in sorted(rows)}


def check_settings(settings: Any, parameters: Mapping[str, Any]) -> None:
    """Raise a ParameterError that names the first parameter whose value makes no sense.

    Parameters
    ----------
    settings : type
        The dataclass of settings.
    parameters : dict
        What ``get_params`` of the estimator returned.
    """
    for name, row in rows_of(settings).items():
        row.kind.check(name, parameters[name])


def documented(cls: type) -> type:
    """Write the parameters of a class of settings into its docstring, where it says {parameters}."""
    lines = []
    for row in rows_of(cls).values():
        lines.append(f"{row.name} : {row.kind.words}")
        lines += ["    " + line for line in wrap(row.filled(row.text), 92)]
    if cls.__doc__ is not None:  # Python's -OO takes docstrings away
        cls.__doc__ = cls.__doc__.replace("{parameters}", "\n    ".join(lines))
    return cls


def listed(names: Sequence[str]) -> str:
    """Return names as a text: a, b or c."""
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else ", ".join(names)
