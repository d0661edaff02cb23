"""``chainrule derive``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chainrule.cli.console import Reporter, guarded, json_text
from chainrule.cli.networks import (
    CostScaleOption,
    Described,
    EmbedOption,
    FileOption,
    FormatOption,
    HiddenOption,
    LossOption,
    NotationOption,
    NoteOption,
    OutputOption,
    PenaltyBiasesOption,
    PenaltyOption,
    PenaltyScaleOption,
    ReductionOption,
    SizesOption,
    SmoothingOption,
    build_network,
    format_of,
)
from chainrule.cli.options import JsonOption, QuietOption, check_output
from chainrule.errors import ParameterError
from chainrule.explain.derivation import derivation_of
from chainrule.explain.document import Document
from chainrule.explain.pages import derivation_page
from chainrule.explain.render import render
from chainrule.explain.render.json import derivation_document
from chainrule.explain.render.text import rich_text
from chainrule.explain.trace import convention_of
from chainrule.modelfile import write_atomically

__all__ = ["EXAMPLES", "derive", "give"]

EXAMPLES = """
**Examples**

`chainrule derive --network 3-4-1 --loss binary_cross_entropy`

`chainrule derive --network 4-8-8-3 --hidden relu --loss categorical_cross_entropy -o derivation.tex`

`chainrule derive --in singh`
"""


@guarded
def derive(
    network: SizesOption = None,
    hidden: HiddenOption = None,
    output: OutputOption = None,
    loss: LossOption = None,
    reduction: ReductionOption = None,
    penalty: PenaltyOption = None,
    penalty_scale: PenaltyScaleOption = None,
    penalize_biases: PenaltyBiasesOption = None,
    cost_scale: CostScaleOption = None,
    label_smoothing: SmoothingOption = None,
    embed: EmbedOption = None,
    note: NoteOption = None,
    notation: NotationOption = None,
    format: FormatOption = None,
    out: FileOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the derivation of a network, from the cost back to every weight, without data.

    Each step has its chain of derivatives, the formula in symbols, the formula with the network's own
    functions, and its shape.
    """
    reporter = Reporter(quiet)
    kind = format_of(format, out, as_json)
    if out is not None:
        check_output(out, [])
    options = Described(
        hidden, output, loss, reduction, penalty, penalty_scale, penalize_biases, cost_scale,
        label_smoothing, embed,
    )  # fmt: skip
    built = build_network(network, options, note)
    convention = convention_of(built, checked_notation(notation, note), note)
    steps = derivation_of(convention)
    document = derivation_document(convention, steps) if kind == "json" else None
    give(reporter, derivation_page(convention, steps), document, kind, out)


def checked_notation(notation: str | None, note: str | None) -> str:
    """Return the layout; a note has its own."""
    if notation is not None and note is not None:
        raise ParameterError(
            "--notation and --in: the notes have their own layout, give one of them"
        )
    return notation or "rows"


def give(
    reporter: Reporter, page: Document, document: dict[str, Any] | None, kind: str, out: str | None
) -> None:
    """Print a page, or write it into a file."""
    if kind == "json":
        assert document is not None
        text = json_text(document)
    elif kind == "text" and out is None:
        if not reporter.quiet:
            reporter.out.print(rich_text(page))
        return
    else:
        text = render(page, kind)
    if out is not None:
        write_atomically(Path(out), text.encode())
        reporter.note(f"written: {out}")
    elif not reporter.quiet:
        reporter.write(text)
