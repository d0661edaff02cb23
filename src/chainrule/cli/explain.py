"""``chainrule explain``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from chainrule.cli.console import Reporter, guarded
from chainrule.cli.derive import checked_notation, give
from chainrule.cli.networks import (
    CostScaleOption,
    Described,
    DigitsOption,
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
    format_of,
)
from chainrule.cli.options import (
    JsonOption,
    QuietOption,
    check_output,
    names_in,
)
from chainrule.cli.reading_options import NOTHING_SAID, Reading, with_reading
from chainrule.errors import ParameterError
from chainrule.explain.pages import trace_page
from chainrule.explain.render.json import trace_document
from chainrule.explain.trace import Trace
from chainrule.explain.trace import explain as explain_network

__all__ = ["EXAMPLES", "explain"]

EXAMPLES = """
**Examples**

`chainrule explain churn.model.safetensors customers.csv --rows 1-3`

`chainrule explain --network 3-4-1 --hidden tanh --loss binary_cross_entropy --x 1,2,3 --y 1`

`chainrule explain --network 3-4-1 --in singh --of W1[2,3] --learning-rate 0.1 -o singh.html`
"""

NUMBERS = "The numbers"
WHAT = "What is shown"


def option(text: str, panel: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


@guarded
@with_reading
def explain(
    model: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="A model file; or --network.", show_default=False),
    ] = None,
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="A table. Beside --network: numbers, first the inputs, then the targets.",
            show_default=False,
        ),
    ] = None,
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
    x: Annotated[
        str | None,
        option("The inputs: 0.05,0.10, with ; between observations.", NUMBERS, metavar="NUMBERS"),
    ] = None,
    y: Annotated[
        str | None, option("The targets, in the same way.", NUMBERS, metavar="NUMBERS")
    ] = None,
    member: Annotated[
        int | None,
        option(
            "One member of an ensemble, counted from 0, as a plain network; of any other network, 0 is "
            "the same function with V for its weights.",
            NUMBERS,
            min=0,
        ),
    ] = None,
    rows: Annotated[
        str | None, option("Rows of DATA, counted from 1: 1-3, or 2,5. All by default.", NUMBERS)
    ] = None,
    parameters: Annotated[
        str | None,
        option(
            "A .json or .npz file with W1, b1, W2, …, and X and Y if it has them; drawn by default.",
            NUMBERS,
            metavar="FILE",
        ),
    ] = None,
    seed: Annotated[int, option("Of the parameters and rows that are drawn.", NUMBERS, min=0)] = 0,
    note: NoteOption = None,
    notation: NotationOption = None,
    digits: DigitsOption = 6,
    only: Annotated[
        list[str] | None,
        option("A step by its name, dZ2; again for more. All by default.", WHAT, metavar="STEP"),
    ] = None,
    of: Annotated[
        list[str] | None,
        option(
            "The scalar chain of one weight, W1[2,3], or bias, b1[3], counted from 0; again for "
            "more.",
            WHAT,
            metavar="WEIGHT",
        ),
    ] = None,
    paths: Annotated[int, option("So many paths of it are listed.", WHAT, min=1)] = 10,
    learning_rate: Annotated[
        float | None, option("Show a step of gradient descent, whole.", WHAT, metavar="η")
    ] = None,
    steps: Annotated[int, option("So many steps of it.", WHAT, min=1)] = 1,
    freeze: Annotated[
        str | None, option("Parameters that keep their values: b1,b2.", WHAT, metavar="NAMES")
    ] = None,
    share_biases: Annotated[
        bool, option("The units of a layer share one bias.", WHAT, "--share-biases")
    ] = False,
    too_early: Annotated[
        bool,
        option(
            "Show beside it what a common slip gives: each layer updated before the gradients of the "
            "layer below are computed.",
            WHAT,
            "--too-early",
        ),
    ] = False,
    format: FormatOption = None,
    out: FileOption = None,
    reading: Reading = NOTHING_SAID,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show every factor of the chain rule for a network and data: formula, shape and numbers.

    The network is that of a model file, or is described by options; without data and parameters, small
    ones are drawn. The numbers are the records that training uses.
    """
    # Models and tables: not for --help.
    from chainrule.cli.explain_data import described_subject, model_subject, of_member, take

    kind = format_of(format, out, as_json)
    reporter = Reporter(quiet, as_json=kind == "json" and out is None)
    if out is not None:
        check_output(out, [model, data, parameters])
    if learning_rate is None and (steps > 1 or freeze or share_biases or too_early):
        raise ParameterError(
            "--steps, --freeze, --share-biases and --too-early belong to a step of gradient "
            "descent: give --learning-rate"
        )
    described = Described(
        hidden, output, loss, reduction, penalty, penalty_scale, penalize_biases, cost_scale,
        label_smoothing, embed,
    )  # fmt: skip
    notes: list[str] = []
    table = {**reading, "notes": notes}
    with reporter.hearing_warnings():
        if network is None and parameters is None and model is not None:
            if described.anything or x is not None or y is not None:
                raise ParameterError(
                    "a model file has its own network and needs a table: options that describe a "
                    "network, --x and --y belong to --network"
                )
            subject = model_subject(model, data, table)
        else:
            if data is not None:
                raise ParameterError(
                    "--network or --parameters takes one table, not MODEL and DATA"
                )
            subject = described_subject(
                network, described, note, model, table, x, y, parameters, seed
            )
        subject = of_member(take(subject, rows), member)
    reporter.notes(notes)
    trace = explain_network(
        subject.network, subject.parameters, subject.X, subject.Y, subject.weight,
        notation=checked_notation(notation, note), note=note,
    )  # fmt: skip
    shown: dict[str, Any] = {
        "only": only or (),
        "chains": [trace.chain(entry, paths) for entry in of or ()],
        "update": updated(trace, learning_rate, steps, freeze, share_biases, too_early),
    }
    document = trace_document(trace, **shown) if kind == "json" else None
    page = trace_page(trace, digits=digits, **shown)
    for text in subject.drawn:
        reporter.note(text)
    give(reporter, page, document, kind, out)


def updated(
    trace: Trace,
    learning_rate: float | None,
    steps: int,
    freeze: str | None,
    share_biases: bool,
    too_early: bool,
) -> Any:
    """Return the steps of gradient descent that are asked for, or None."""
    if learning_rate is None:
        return None
    return trace.update(
        learning_rate, steps=steps, freeze=names_in(freeze) if freeze else (),
        shared_biases=share_biases, too_early=too_early,
    )  # fmt: skip
