"""``python -m benchmarks.speed``, which is also ``chainrule bench``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.speed.peers import PEERS
from benchmarks.speed.plot import plot_report
from benchmarks.speed.process import available_cores
from benchmarks.speed.report import markdown, sections
from benchmarks.speed.runs import Plan, run_benchmark
from benchmarks.speed.workloads import WORKLOADS
from chainrule.cli.console import Reporter, guarded, without_nan
from chainrule.cli.options import OUTPUT, JsonOption, QuietOption
from chainrule.cli.usage import OneLineGroup
from chainrule.errors import DataError, ParameterError
from chainrule.modelfile import write_atomically
from chainrule.train.plot import check_plot_path

__all__ = ["app", "main"]

EXAMPLES = """
**Examples**

`python -m benchmarks.speed --quick`

`python -m benchmarks.speed --workload tiny --workload small --peer jax --no-sweeps`

`python -m benchmarks.speed --rounds 9 --out results`
"""

WHAT = "What is measured"
WIDTH = 120  # of the tables, where no terminal says how wide it is
FILES = ("bench.md", "bench.json", "bench.png")


def option(text: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=WHAT, **settings)


class OneCommand(OneLineGroup):
    """A command without subcommands, whose errors are one line all the same."""

    @guarded
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Refuse what stands beside the options."""
        raise ParameterError(f"no argument beside the options is expected: {args[0]!r}")


app = typer.Typer(
    cls=OneCommand,
    epilog=EXAMPLES,
    invoke_without_command=True,
    subcommand_metavar="",
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
@guarded
def bench(
    workload: Annotated[
        list[str] | None,
        option("tiny, small, chains, medium or large; again for more; all by default."),
    ] = None,
    peer: Annotated[
        list[str] | None,
        option(
            "scikit-learn, torch, torch-compiled or jax; again for more; by default all that are "
            "installed."
        ),
    ] = None,
    threads: Annotated[
        list[int] | None, option("A number of threads to try; again for more; by default 1 and 2.")
    ] = None,
    rounds: Annotated[int, option("Rounds, in each of which all take their turn.", min=1)] = 7,
    quick: Annotated[
        bool, option("Two rounds of the main table alone, with fewer rows.", "--quick")
    ] = False,
    sweeps: Annotated[
        bool,
        option(
            "Whether to measure what stands beside the main table: precisions, activations, whole "
            "programs, growth with width, depth and batch.",
            "--sweeps/--no-sweeps",
        ),
    ] = True,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FOLDER",
            help="Write bench.md, bench.json and bench.png into this folder; it is made if need be.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how fast training is, beside scikit-learn, PyTorch and JAX.

    All train the same networks on the same data in the same precision, with the same batches in the
    same order, each in a process of its own and in turn. The other libraries come with
    `pip install 'chainrule[bench]'`. Nothing else should run meanwhile.
    """
    folder = None if out is None else checked_folder(out)
    plan = Plan(
        workloads=tuple(workload or WORKLOADS),
        peers=tuple(peer or PEERS),
        threads=tuple(sorted(set(threads))) if threads else (1, 2)[: len(available_cores())],
        rounds=rounds,
        quick=quick,
        sweeps=sweeps,
    )
    reporter = Reporter(quiet, as_json)
    report = run_benchmark(plan, reporter.note, reporter.warn)
    if as_json:
        reporter.result(report)
    elif not quiet:
        if not reporter.out.is_terminal:
            reporter.out.width = WIDTH
        for section in sections(report):
            reporter.out.print(section.to_rich())
    if folder is not None:
        write_files(report, folder)
        reporter.note(f"written: {', '.join(str(folder / name) for name in FILES)}")


def checked_folder(path: str) -> Path:
    """Make the folder, before any work is done; refuse what cannot be written into."""
    folder = Path(path)
    check_plot_path(folder / FILES[-1])  # matplotlib is there
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot write into {path!r}: {error.strerror or error}") from None
    return folder


def write_files(report: dict[str, Any], folder: Path) -> None:
    """Write the report in its three forms."""
    document = json.dumps(without_nan(report), indent=2, ensure_ascii=False) + "\n"
    for name, text in zip(FILES, (markdown(report), document), strict=False):
        write_atomically(folder / name, text.encode())
    plot_report(report, folder / FILES[-1])


def main(arguments: list[str] | None = None, name: str = "python -m benchmarks.speed") -> None:
    """Run the command, under the name that its help and its errors give it."""
    app(arguments, prog_name=name)


if __name__ == "__main__":
    main()
