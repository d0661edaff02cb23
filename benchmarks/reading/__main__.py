"""``python -m benchmarks.reading``."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import pyarrow as pa
import pyarrow.csv
import typer

from chainrule.data import read_table

COLUMNS = 30
BLOCK = 100_000


def numbers(rng: np.random.RandomState, rows: int) -> dict[str, object]:
    """Return decimal numbers, with all of their digits."""
    return {f"x{place}": rng.randn(rows) for place in range(COLUMNS)}


def mixed(rng: np.random.RandomState, rows: int) -> dict[str, object]:
    """Return short decimal numbers, whole numbers of one to eight digits and labels."""
    labels = np.array([f"label {place}" for place in range(50)])
    return (
        {f"x{place}": rng.randn(rows).round(3) for place in range(15)}
        | {f"n{place}": rng.randint(0, 10 ** (place + 1), rows) for place in range(8)}
        | {f"s{place}": labels[rng.randint(0, 50, rows)] for place in range(7)}
    )


def dates(rng: np.random.RandomState, rows: int) -> dict[str, object]:
    """Return days and moments beside numbers; all three libraries take them for text by default."""
    seconds = np.datetime64("2020-01-01", "s") + rng.randint(0, 10**8, (10, rows))
    found: dict[str, object] = {f"x{place}": rng.randn(rows).round(2) for place in range(20)}
    for place, values in enumerate(seconds):
        kind = pa.timestamp("s") if place % 2 else pa.date32()
        found[f"d{place}"] = pa.array(values).cast(kind, safe=False).cast(pa.string())
    return found


FILES: dict[str, tuple[Callable[..., dict[str, object]], str]] = {
    "numbers": (numbers, "none"),
    "mixed": (mixed, "none"),
    "all cells in quotes": (mixed, "all_valid"),
    "numbers and dates": (dates, "none"),
}


def write(path: Path, name: str, rows: int) -> None:
    """Write a file of so many rows, some at a time."""
    made, quoting = FILES[name]
    rng = np.random.RandomState(0)
    with path.open("wb") as sink:
        for start in range(0, rows, BLOCK):
            table = pa.table(made(rng, min(BLOCK, rows - start)))
            options = pa.csv.WriteOptions(include_header=start == 0, quoting_style=quoting)
            if quoting == "all_valid":  # of numbers Arrow writes none
                table = table.cast(
                    pa.schema([(column, pa.string()) for column in table.column_names])
                )
            pa.csv.write_csv(table, sink, options)


def readers() -> dict[str, Callable[[Path], object]]:
    """Return what reads a file, by the library and its version."""
    found: dict[str, Callable[[Path], object]] = {"chainrule": read_table}
    try:
        import pandas

        found[f"pandas {pandas.__version__}"] = pandas.read_csv
    except ImportError:
        pass
    try:
        import polars

        found[f"polars {polars.__version__}"] = polars.read_csv
    except ImportError:
        pass
    return found


def seconds(read: Callable[[Path], object], path: Path) -> tuple[float, float]:
    """Return the time on the clock, and that of all processors together."""
    used, start = os.times(), time.perf_counter()
    table = read(path)
    elapsed, after = time.perf_counter() - start, os.times()
    del table
    return elapsed, after.user - used.user + after.system - used.system


def main(
    rows: Annotated[int, typer.Option(min=1, help="Rows of each file.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=1, help="How often each file is read.")] = 5,
    folder: Annotated[Path | None, typer.Option(help="Where the files are written.")] = None,
) -> None:
    """Print a table: seconds on the clock, and in brackets those of all processors together."""
    libraries = readers()
    print(
        f"{rows:,} rows × {COLUMNS} columns, {os.cpu_count()} processors, medians of {repeats}:\n"
    )
    print(f"| file | MB | {' | '.join(libraries)} |\n|---|---|{'---|' * len(libraries)}")
    with tempfile.TemporaryDirectory(dir=folder) as place:
        for name in FILES:
            path = Path(place) / "table.csv"
            write(path, name, rows)
            times: dict[str, list[tuple[float, float]]] = {library: [] for library in libraries}
            for _ in range(repeats):
                for library, read in libraries.items():
                    times[library].append(seconds(read, path))
            cells = (
                f"{statistics.median(a for a, _ in found):.2f} "
                f"({statistics.median(b for _, b in found):.2f})"
                for found in times.values()
            )
            size = path.stat().st_size / 1e6
            print(f"| {name} | {size:,.0f} | {' | '.join(cells)} |", flush=True)
    print(f"\nPyArrow {pa.__version__}, Python {platform.python_version()}, {platform.machine()}")


if __name__ == "__main__":
    typer.run(main)
