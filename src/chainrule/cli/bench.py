"""``chainrule bench``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.bench.peers import PEERS
from chainrule.bench.plot import plot_report
from chainrule.bench.process import available_cores
from chainrule.bench.report import markdown, sections
from chainrule.bench.runs import Plan, run_benchmark
from chainrule.bench.workloads import WORKLOADS
from chainrule.cli.console import Reporter, guarded, without_nan
from chainrule.cli.options import OUTPUT, JsonOption, QuietOption
from chainrule.errors import DataError
from chainrule.modelfile import write_atomically
from chainrule.train.plot import check_plot_path

__all__ = ["EXAMPLES", "bench"]

EXAMPLES = """
**Examples**

`chainrule bench --quick`

`chainrule bench --workload tiny --workload small --peer jax --no-sweeps`

`chainrule bench --rounds 9 --out results`
"""

WHAT = "What is measured"
WIDTH = 120  # of the tables, where no terminal says how wide it is
FILES = ("bench.md", "bench.json", "bench.png")


def option(text: str, *names: str, **settings: Any) -> Any:
    """Return one option of the command."""
    return typer.Option(*names, help=text, rich_help_panel=WHAT, **settings)


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
