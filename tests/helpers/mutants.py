"""Damaged files, made in a way that a seed repeats: of tables, models and documents.

`python -m helpers.mutants KINDS FIRST COUNT FOLDER` reads so many of each of the kinds, which stand
between semicolons, through the real entry points. It prints, as JSON, what was raised beside the
package's own errors; a crash is seen by who started it.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import traceback
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet

import chainrule as cr
from chainrule.data import (
    DataWarning,
    TableEncoder,
    TargetCodec,
    column_names,
    iterate_batches,
    read_table,
)
from chainrule.doctor import check_document
from chainrule.errors import InputError
from helpers.models import put_together, taken_apart, tiny_model

ROWS = 30
SPECIAL = (
    *(
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b'"',
        b"\n",
        b"\r",
        b"\r\n",
        b",",
    ),
    *(
        b";",
        b"\t",
        b"9" * 400,
        b"1e999",
        b"-1e-320",
        b"nan",
        b"inf",
        b"0x",
        b"{",
        b"}",
        b"$",
        b"\\",
    ),
    *(
        b"[" * 50,
        b"9999-99-99",
        b"-0001-01-01",
        b"2024-02-30T25:61",
        b"\\frac{",
        b"\x1b[31m",
        b"\xf0\x9f",
    ),
    *((2**power - 1).to_bytes(8, "little") for power in (7, 15, 31, 32, 63, 64)),
)


def table() -> pa.Table:
    rng = np.random.RandomState(0)
    days = np.datetime64("2024-01-01", "s") + np.arange(ROWS) * np.timedelta64(86_461, "s")
    return pa.table(
        {
            "x": rng.rand(ROWS),
            "count": rng.randint(0, 9, ROWS),
            "city": [
                None if k % 7 == 3 else ("Bern", "Zürich", 'a "b", c')[k % 3] for k in range(ROWS)
            ],
            "member": [k % 3 == 0 for k in range(ROWS)],
            "since": pa.array(days),
            "y": rng.rand(ROWS),
        }
    )


def as_text(delimiter: str = ",") -> bytes:
    sink = io.BytesIO()
    pa.csv.write_csv(table(), sink, pa.csv.WriteOptions(delimiter=delimiter))
    return sink.getvalue()


def as_parquet(**options: object) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(table(), sink, row_group_size=11, **options)
    return sink.getvalue()


def as_arrow(opened: object = pa.ipc.new_file, compression: str | None = None) -> bytes:
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with opened(sink, table().schema, options=options) as writer:
        writer.write_table(table(), 11)
    return sink.getvalue()


def as_npz(save: object = np.savez) -> bytes:
    sink = io.BytesIO()
    columns = {name: table()[name].to_numpy() for name in ("x", "count", "member", "since", "y")}
    save(sink, city=np.array(["Bern", "Zürich", "Genf"] * 10), pairs=np.ones((ROWS, 2)), **columns)
    return sink.getvalue()


def as_model() -> bytes:
    path = Path(sys.argv[4]) / "whole.model"
    cr.save(tiny_model()[0], path)
    return path.read_bytes()


def as_table_model() -> bytes:
    path = Path(sys.argv[4]) / "whole.model"
    model = cr.TableModel(hidden_layer_sizes=(3,), max_iter=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs are enough
        cr.save(model.fit(table(), "y"), path)
    return path.read_bytes()


NOTES = rb"""# Notes
Forward: $$Z_1 = X W_1 + b_1, \quad A_1 = \tanh(Z_1)$$ and `code`.
```math
\begin{align} dZ_2 &= A_2 - Y \\ dW_2 &= \frac{1}{m} A_1^\top dZ_2 \end{align}
```
$\frac{\partial J}{\partial W^{(1)}} = X^T dZ^{(1)}$; $db_2 = \sum_i dZ_2$,
$W \in \mathbb{R}^{n \times d}$.
"""
LATEX = rb"""\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} % macros
\begin{equation} \pd{J}{W_2} = A_1^T (A_2 - Y) \end{equation}
\[ g'(z) = \begin{cases} 1 & z > 0 \\ 0 & \text{otherwise} \end{cases} \] \verb|x|
"""
CODE = b"""import numpy as np
dZ2 = (A2 - Y) / m
dW2 = A1.T @ dZ2  # a comment
db2 = np.sum(dZ2, axis=0, keepdims=True)
W2 -= eta * dW2
"""
NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "markdown", "source": NOTES.decode().splitlines(True)}]}
).encode()

KINDS = {
    "csv": (".csv", as_text),
    "tsv": (".tsv", lambda: as_text("\t")),
    "csv.gz": (".csv.gz", lambda: gzip.compress(as_text(), mtime=0)),
    "parquet": (".parquet", as_parquet),
    "parquet, zstd": (".parquet", lambda: as_parquet(compression="zstd", use_dictionary=False)),
    "arrow": (".arrow", as_arrow),
    "arrow stream": (".arrow", lambda: as_arrow(pa.ipc.new_stream)),
    "feather, lz4": (".feather", lambda: as_arrow(compression="lz4")),
    "feather, zstd": (".feather", lambda: as_arrow(compression="zstd")),
    "npz": (".npz", as_npz),
    "npz, compressed": (".npz", lambda: as_npz(np.savez_compressed)),
    "model": (".model", as_model),
    "table model": (".model", as_table_model),
    "md": (".md", lambda: NOTES),
    "tex": (".tex", lambda: LATEX),
    "py": (".py", lambda: CODE),
    "ipynb": (".ipynb", lambda: NOTEBOOK),
}


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Return the content with one to four damages."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        near = rng.choice((len(data), min(len(data), 80)))  # headers more often than the rest
        start = rng.randrange(near + 1)
        if rng.random() < 0.3:
            start = len(data) - start  # those at the end too
        chunk = rng.choice((1, 2, 4, 8, 30))
        match rng.randrange(7):
            case 0:
                for place in range(start, min(start + rng.choice((1, 1, 4)), len(data))):
                    data[place] ^= 1 << rng.randrange(8)
            case 1:
                del data[start:]
            case 2:
                del data[start : start + chunk]
            case 3:
                data[start:start] = data[start : start + chunk] * rng.choice((1, 1, 2, 50))
            case 4:
                data[start:start] = rng.choice(SPECIAL)
            case 5:
                special = rng.choice(SPECIAL)
                data[start : start + len(special)] = special
            case 6:
                other = rng.randrange(len(data) + 1)
                one, two = data[start : start + chunk], data[other : other + chunk]
                data[start : start + chunk], data[other : other + chunk] = two, one
    return bytes(data)


def mutated_model(content: bytes, rng: random.Random) -> bytes:
    """Return a damaged model; half of them have the checksum of what they hold."""
    if rng.random() < 0.5:
        return mutated(content, rng)
    document, tensors = taken_apart(content)
    text = mutated(json.dumps(document).encode(), rng).decode("utf-8", "replace")
    return put_together(text, tensors)


def read(path: Path, kind: str) -> None:
    """Read a file as a user would have it read."""
    if "model" in kind:
        cr.load(path).predict(table() if kind == "table model" else tiny_model()[1])
    elif kind in ("md", "tex", "py", "ipynb"):
        report = check_document(path)
        str(report), report.to_markdown(), json.dumps(report.to_dict())
    else:
        names = column_names(path)
        for batch in iterate_batches(path, rows=7):
            assert batch.schema.names == names
        found = read_table(path)
        TargetCodec.fit(found, names[-1])
        TableEncoder().fit(found, exclude=names[-1:]).transform(found)


def run(kind: str, first: int, count: int, folder: Path) -> list[dict[str, object]]:
    """Return what was raised beside the package's own errors."""
    ending, make = KINDS[kind]
    content = make()
    faults = []
    for seed in range(first, first + count):
        rng = random.Random(f"{kind} {seed}")
        damaged = (mutated_model if "model" in kind else mutated)(content, rng)
        path = folder / f"{seed}{ending}"
        path.write_bytes(damaged)
        print(kind, seed, file=sys.stderr, flush=True)
        try:
            read(path, kind)
        except InputError as error:
            if "\n" in str(error) or len(str(error)) > 2000:
                faults.append({"seed": seed, "message": str(error)[:300]})
        except MemoryError:
            pass  # said as such
        except BaseException:
            faults.append({"seed": seed, "message": traceback.format_exc()[-1500:]})
        path.unlink()
    return faults


if __name__ == "__main__":
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", DataWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    found = {
        kind: run(kind, int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        for kind in sys.argv[1].split(";")
    }
    print(json.dumps({kind: faults for kind, faults in found.items() if faults}))
