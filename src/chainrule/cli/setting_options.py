"""The settings of a training as options: made from their rows, read, and checked before a table is.

Errors speak of options, where the estimators speak of parameters.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from chainrule.cli.options import OUTPUT
from chainrule.errors import DivergenceError, ParameterError, unknown_name
from chainrule.settings import PRESETS, ClassifierSettings, RegressorSettings, Setting, rows_of
from chainrule.settings.choices import NETWORK_LOSS
from chainrule.settings.presets import DRAWN
from chainrule.settings.rows import complete
from chainrule.settings.texts import written

__all__ = [
    "Chosen",
    "SettingsCommand",
    "as_options",
    "check_options",
    "chosen_settings",
    "in_options",
    "with_settings",
]

ROWS = {
    name: row
    for name, row in {**rows_of(ClassifierSettings), **rows_of(RegressorSettings)}.items()
    if row.option is not None
}
FLAGS = {
    "learning_rate schedule": "schedule",
    "clip_norm=1": "--clip-norm 1",
    "unknown pack": "unknown effort",
    **{name: row.flag for name, row in ROWS.items() if "_" in name and name != "learning_rate"},
}
# A name that is a word of English too is an option's at the beginning of a sentence alone.
PATTERN = re.compile(
    "|".join(
        [rf"\b{name}\b" for name in FLAGS]
        + [rf"^{name}(?= must\b| does not go with)" for name in ROWS if name not in FLAGS]
    )
)


@contextmanager
def in_options() -> Iterator[None]:
    """Let an error name the options of the command line, not the parameters they stand for."""
    try:
        yield
    except (ParameterError, DivergenceError) as error:
        raise type(error)(as_options(str(error))) from None


def as_options(text: str) -> str:
    """Return a text with options in the place of the parameters they stand for."""
    return PATTERN.sub(lambda match: FLAGS.get(match[0]) or ROWS[match[0]].flag, text)


# ---------------------------------------------------------------------------------- of a command


def with_settings(panels: tuple[str, ...]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each row, in the place of its ``**chosen``.

    Parameters
    ----------
    panels : tuple of str
        The order of the panels; what has none comes first.
    """

    def add_options(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters.values()
        every = [p for p in own if p.kind is not p.VAR_KEYWORD]
        every += [parameter_of(row) for row in ROWS.values()]
        every.sort(key=lambda p: place(p, panels))
        keywords = [p.replace(kind=p.KEYWORD_ONLY) for p in every]
        command.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in keywords}
        return command

    return add_options


def place(parameter: inspect.Parameter, panels: tuple[str, ...]) -> int:
    """Return where a parameter stands: with the others of its panel."""
    panel = parameter.annotation.__metadata__[0].rich_help_panel
    return panels.index(panel) if panel in panels else -1


def parameter_of(row: Setting) -> inspect.Parameter:
    """Return a row as the parameter of a command."""
    option = row.option
    assert option is not None
    flag = f"{row.flag}/--no-{row.flag[2:]}" if option.value is bool else row.flag
    told = typer.Option(
        flag,
        help=option.text + in_presets(row),
        rich_help_panel=option.panel,
        show_default=not row.presets,
        min=option.least,
        max=option.most,
    )
    default = option.default
    if default is None and row.default is not None and not row.presets:
        default = option.codec.write(row.default) if option.codec else row.default
    return inspect.Parameter(
        row.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[option.value | None, told],
    )


def in_presets(row: Setting) -> str:
    """Return what the presets make of a row, in brackets; nothing if they do nothing."""
    option = row.option
    assert option is not None
    if not row.presets:
        return ""
    write = option.codec.write if option.codec else written
    words = []
    presets = [preset for preset in PRESETS if preset != "pack" or row.name not in DRAWN]
    for preset in presets:
        classes, numbers = (
            option.shown.get(preset) or write(row.in_preset(preset, classification=kind))
            for kind in (True, False)
        )
        words.append(classes if classes == numbers else f"{classes}, in a regression {numbers}")
    return f" [{words[0]}; {'; '.join(map(': '.join, zip(presets[1:], words[1:], strict=True)))}]."


class SettingsCommand(TyperCommand):
    """A command with two pages of help: one of the options that most people use, one of all.

    Lists of names are put into the help when it is read: to ask the tables takes time.
    """

    common: frozenset[str] = frozenset()
    """The options of the first page that are no settings."""
    shows_all = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page that was asked for."""
        for parameter in self.params:
            row = ROWS.get(parameter.name or "")
            common = parameter.name in self.common or (row and row.option and row.option.common)
            if parameter.param_type_name == "option":
                parameter.hidden = not (self.shows_all or common)  # type: ignore[attr-defined]
        if self.shows_all:
            self.fill_help()
        super().format_help(ctx, formatter)

    def fill_help(self) -> None:
        """Put the lists of names into the texts."""
        for parameter in self.params:
            if parameter.name in ROWS:
                parameter.help = ROWS[parameter.name].filled(parameter.help)  # type: ignore[attr-defined]


def show_all(ctx: typer.Context, wanted: bool) -> None:
    """Print the page of help with all options, and leave."""
    if wanted:
        assert isinstance(ctx.command, SettingsCommand)
        ctx.command.shows_all = True
        typer.echo(ctx.get_help())
        raise typer.Exit


HelpAllOption = Annotated[
    bool,
    typer.Option(
        "--help-all",
        callback=show_all,
        is_eager=True,
        help="Show all options, and exit.",
        rich_help_panel=OUTPUT,
    ),
]


# ------------------------------------------------------------------------------ what was chosen


@dataclass(frozen=True)
class Chosen:
    """The parameters that the user has chosen; what is left to the preset is not there.

    Parameters
    ----------
    settings : dict
        Of both estimators.
    of_classes, of_numbers : dict
        Of the classifier, and of the regressor, alone.
    dtype : str or None
    """

    settings: dict[str, Any]
    of_classes: dict[str, Any]
    of_numbers: dict[str, Any]
    dtype: str | None

    @property
    def all(self) -> dict[str, Any]:
        """The parameters of every task."""
        return {**self.settings, **self.of_classes, **self.of_numbers}

    def of_task(self, task: str) -> dict[str, Any]:
        """Return the parameters that a kind of task has; refuse those of the other kind."""
        mine, others = self.of_classes, self.of_numbers
        if task == "regression":
            mine, others = others, mine
        for name in others:
            hint = ": take --task regression" if name == "loss" else ""
            raise ParameterError(f"{ROWS[name].flag} does not apply to a {task} task{hint}")
        return {**self.settings, **mine}


def chosen_settings(given: Mapping[str, Any]) -> Chosen:
    """Read the options of a command.

    Raises
    ------
    ParameterError
        If a text cannot be read.
    """
    values = {name: read(ROWS[name], value) for name, value in given.items() if value is not None}
    dtype = values.pop("precision", None)
    of_classes, of_numbers = rows_of(ClassifierSettings), rows_of(RegressorSettings)

    def part(wanted: Callable[[str], bool]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if wanted(name)}

    return Chosen(
        part(lambda name: name in of_classes and name in of_numbers),
        part(lambda name: name not in of_numbers),
        part(lambda name: name not in of_classes and values[name] != ROWS[name].default),
        dtype,
    )


def read(row: Setting, value: Any) -> Any:
    """Return the value of an option that typer has read."""
    assert row.option is not None
    return row.option.codec.read(row.flag, value) if row.option.codec else value


def check_options(preset: str | None, chosen: Chosen, task: str | None) -> None:
    """Raise a ParameterError for the first option that makes no sense, whatever the table is."""
    from chainrule.data import TASKS
    from chainrule.estimators import TableModel
    from chainrule.estimators.building import build_network, check_parameters, check_with_network
    from chainrule.settings import preset_settings
    from chainrule.settings.choices import metrics

    if chosen.settings.get("pack") is not None and preset != "pack":
        raise ParameterError("--effort is of the preset pack: leave out it, or --preset")
    known: list[tuple[str, Any, Any]] = [
        ("task", task, (*TASKS, "classification")),
        ("loss", chosen.of_numbers.get("loss"), NETWORK_LOSS),
        ("class weight", chosen.of_classes.get("class_weight"), ["balanced"]),
        ("metric", chosen.settings.get("metric"), metrics()),
    ]
    for kind, name, names in known:
        if name is not None and name not in names:
            raise unknown_name(kind, name, names)
    TableModel(dtype=chosen.dtype, preset=preset)
    with in_options():
        usual = preset_settings(preset, classification=True)
        given = {**usual, **chosen.settings, **chosen.of_classes}
        parameters = complete(ClassifierSettings, given)
        check_parameters(ClassifierSettings, parameters)
        network = build_network(parameters, inputs=1, outputs=1, loss="binary_cross_entropy")
        check_with_network(parameters, network)
