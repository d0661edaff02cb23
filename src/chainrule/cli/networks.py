"""Options that describe a network, for the commands that need no model file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.options import OUTPUT, names_in
from chainrule.errors import ParameterError, unknown_name
from chainrule.explain.notes import NOTES, get_note
from chainrule.explain.render import FORMATS
from chainrule.nn import L2, LOSSES, Network, PeriodicEmbedding
from chainrule.nn.architecture import REDUCTIONS, Architecture
from chainrule.settings.choices import activations
from chainrule.settings.rows import listed

__all__ = [
    "CostScaleOption",
    "Described",
    "DigitsOption",
    "EmbedOption",
    "FileOption",
    "FormatOption",
    "HiddenOption",
    "LossOption",
    "NotationOption",
    "NoteOption",
    "OutputOption",
    "PenaltyBiasesOption",
    "PenaltyOption",
    "PenaltyScaleOption",
    "ReductionOption",
    "SizesOption",
    "SmoothingOption",
    "build_network",
    "format_of",
]

NETWORK = "The network"
SHOWN = "How it is written"


KNOWN_FORMATS = (*FORMATS, "json")
DEFAULTS = {field.name: field.default for field in fields(Architecture)}


def choices(names: Iterable[str], of: str = "", default: object = None) -> str:
    """Return names in a sentence, with the default, of a network's setting `of`, as such."""
    default = DEFAULTS.get(of, default)
    return listed([f"{name} (the default)" if name == default else name for name in names])


def option(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return one option."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


SizesOption = Annotated[
    str | None,
    option("Units of every layer, inputs first: 3-4-1.", NETWORK, metavar="SIZES"),
]
HiddenOption = Annotated[
    str | None,
    option(
        f"Activation of the hidden layers: {choices(activations(), of='hidden')}; or one for each: "
        "tanh,relu.",
        NETWORK,
    ),
]
OutputOption = Annotated[
    str | None,
    option("Activation of the output; by default the one that belongs to the loss.", NETWORK),
]
LossOption = Annotated[str | None, option(f"{choices(LOSSES)}.", NETWORK)]
ReductionOption = Annotated[
    str | None,
    option(f"{choices(REDUCTIONS, of='reduction')}, over the observations.", NETWORK),
]
PenaltyOption = Annotated[
    float | None, option("λ, the strength of an L2 penalty.", NETWORK, metavar="λ")
]
PenaltyScaleOption = Annotated[
    str | None,
    option("full λ‖θ‖², half (λ/2)‖θ‖² (the default) or half_mean (λ/2m)‖θ‖².", NETWORK),
]
PenaltyBiasesOption = Annotated[
    bool | None, option("Whether the penalty covers the biases.", NETWORK,
                        "--penalize-biases/--no-penalize-biases"),
]  # fmt: skip
CostScaleOption = Annotated[
    float | None, option("A constant in front of the cost's data term.", NETWORK)
]
SmoothingOption = Annotated[
    float | None, option("Label smoothing of a cross-entropy; 0 to 1.", NETWORK)
]
EmbedOption = Annotated[
    str | None,
    option(
        "Embed the first K inputs in F values each, the input itself and waves of it: 2x8.",
        NETWORK,
        metavar="KxF",
    ),
]
NoteOption = Annotated[
    str | None,
    option(
        f"In the letters, layout and factors of lecture notes: {choices(NOTES)}; or N1 to "
        f"N{len(NOTES)}.",
        SHOWN,
        "--in",
        metavar="NOTE",
    ),
]
NotationOption = Annotated[
    str | None, option("rows (the default) or columns: what an observation is.", SHOWN)
]
DigitsOption = Annotated[int, option("Digits behind the point.", SHOWN, min=1, max=17)]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        "-f",
        help=f"{choices(KNOWN_FORMATS, default='text')}; read off FILE if there is one.",
        rich_help_panel=OUTPUT,
    ),
]
FileOption = Annotated[
    str | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FILE",
        help="A .txt, .md, .tex, .html or .json file to write; standard output by default.",
        rich_help_panel=OUTPUT,
    ),
]

ENDINGS = {
    ".txt": "text", ".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html",
    ".json": "json",
}  # fmt: skip


def format_of(format: str | None, path: str | None, as_json: bool) -> str:
    """Return the format that is asked for, by name, by the file's ending, or by --json."""
    if format is not None and format not in KNOWN_FORMATS:
        raise unknown_name("format", format, KNOWN_FORMATS)
    if as_json:
        if format not in (None, "json"):
            raise ParameterError(f"--json and --format {format}: give one of them")
        return "json"
    if format is not None or path is None:
        return format or "text"
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ParameterError(
            f"cannot tell the format of {path!r}: end it in {', '.join(ENDINGS)}, or give --format"
        )
    return ENDINGS[ending]


def sizes_of(text: str) -> tuple[int, ...]:
    """Read the sizes of a network: 3-4-1."""
    try:
        return tuple(int(size) for size in re.split(r"[-,]", text.strip()))
    except ValueError:
        raise ParameterError(f"--network must be sizes such as 3-4-1, not {text!r}") from None


def embedding_of(text: str) -> PeriodicEmbedding:
    """Read an embedding: 2x8."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*[x×]\s*(\d{1,9})\s*", text)
    if found is None:
        raise ParameterError(f"--embed must be inputs and values such as 2x8, not {text!r}")
    return PeriodicEmbedding(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Described:
    """What the options say of a network, sizes apart; None is what they do not say."""

    hidden: str | None
    output: str | None
    loss: str | None
    reduction: str | None
    penalty: float | None
    penalty_scale: str | None
    penalize_biases: bool | None
    cost_scale: float | None
    label_smoothing: float | None
    embed: str | None

    @property
    def anything(self) -> bool:
        """Whether any option is given."""
        return any(value is not None for value in astuple(self))


def build_network(
    sizes: tuple[int, ...] | str | None, options: Described, note: str | None
) -> Network:
    """Return the network of the options; what is not said is that of the note, if there is one."""
    found = get_note(note) if note is not None else None
    settings: dict[str, Any] = dict(found.network) if found is not None else {}
    if options.output is not None and options.loss is None:
        settings.pop("loss", None)
    given: dict[str, Any] = {
        "output": options.output,
        "loss": options.loss,
        "reduction": options.reduction,
        "cost_scale": options.cost_scale,
        "label_smoothing": options.label_smoothing,
        "embedding": None if options.embed is None else embedding_of(options.embed),
    }
    if options.hidden is not None:
        several = "," in options.hidden
        given["hidden"] = tuple(names_in(options.hidden)) if several else options.hidden
    settings |= {name: value for name, value in given.items() if value is not None}
    if options.penalty is not None:
        settings["penalty"] = penalty_of(options, settings.get("penalty") or L2(0.0))
    elif options.penalty_scale is not None or options.penalize_biases is not None:
        raise ParameterError("--penalty-scale and --penalize-biases need --penalty")
    if isinstance(sizes, str):
        sizes = sizes_of(sizes)
    return Network(sizes or (found.sizes if found is not None else (3, 4, 1)), **settings)


def penalty_of(options: Described, default: L2) -> L2:
    """Return the penalty of the options; the default has the note's scale."""
    biases = default.biases if options.penalize_biases is None else options.penalize_biases
    assert options.penalty is not None
    return L2(options.penalty, options.penalty_scale or default.scale, biases)
