"""``python -m benchmarks.tabular``."""

from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chainrule.cli.console import Reporter, guarded
from chainrule.errors import DataError, ParameterError, unknown_name

from .measure import RESULTS, Fit, Plan, append_fit, measure, read_fits
from .models import MODELS
from .report import markdown
from .sets import HOW_TO, TABLES, Table

T = TypeVar("T")
REPORT = "tabular.md"


def chosen(kind: str, names: str | None, known: dict[str, T]) -> tuple[T, ...]:
    """Return what a list such as "a,b" names; everything if there is none."""
    wanted = list(known) if names is None else [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in known:
            raise unknown_name(kind, name, known)
    return tuple(known[name] for name in dict.fromkeys(wanted))


def installed(tables: tuple[Table, ...], reporter: Reporter) -> tuple[Table, ...]:
    """Return the tables whose packages are there; say in a line which are not."""
    for package in dict.fromkeys(table.package for table in tables if not table.installed):
        names = ", ".join(table.name for table in tables if table.package == package)
        reporter.warn(f"left out, for {package} is not installed: {names}: {HOW_TO[package]}")
    there = tuple(table for table in tables if table.installed)
    if not there:
        raise ParameterError("none of these tables is installed: pip install 'chainrule[tables]'")
    return there


def made(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"cannot write into {path!r}: {error.strerror or error}") from None
    return folder


def shown(fit: Fit) -> str:
    figures = ", ".join(f"{name} {value:.4f}" for name, value in fit.figures.items())
    return f"{fit.table}, {fit.model}, seed {fit.seed}: {figures}, {fit.seconds:.2f} s"


@guarded
def main(
    sets: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"Tables, of {', '.join(TABLES)}; by default all."),
    ] = None,
    models: Annotated[
        str | None,
        typer.Option(metavar="A,B", help=f"Models, of {', '.join(MODELS)}; by default all."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Splits of each table.")] = 3,
    out: Annotated[
        str, typer.Option(metavar="FOLDER", help=f"Where {RESULTS} and {REPORT} are kept.")
    ] = "bench/tabular",
    again: Annotated[
        bool, typer.Option("--again", help="Measure anew what stands there already.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="One split of at most 1,000 rows: to see that it works.")
    ] = False,
) -> None:
    """Compare this project's models with scikit-learn's on tables.

    What is measured already is not measured again, so that a run that was ended goes on where it was.
    The report is of everything that stands in the folder. Nothing else should run meanwhile.
    """
    reporter = Reporter()
    plan = Plan(
        installed(chosen("table", sets, TABLES), reporter),
        chosen("model", models, MODELS),
        1 if quick else seeds,
        quick,
    )
    path = made(out) / RESULTS
    failed: list[str] = []

    def keep(fit: Fit) -> None:
        append_fit(path, fit)
        reporter.note(shown(fit))

    def warn(text: str) -> None:
        failed.append(text)
        reporter.warn(text)

    done = read_fits(path)
    measure(plan, [] if again else done, keep, warn)
    text = markdown(read_fits(path), quick)
    report = path.with_name(REPORT)
    report.write_text(text, "utf-8")
    print(text)
    reporter.note(f"written: {path}, {report}")
    if failed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
