"""What ``chainrule predict`` writes: the right columns, in the order of the rows, from any source."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest

import chainrule
from chainrule.cli import predicting as predict_module
from chainrule.data.text import encoding, reading
from helpers.cli import Run, people, task_options

TASKS = {
    "binary": (["grown"], []),
    "multiclass": (["grade"], []),
    "multilabel": (["likes_tea", "likes_rye"], []),
    "regression": (["score"], []),
    "several numbers": (["score", "visits"], ["--task", "regression"]),
    "counts": (["visits"], ["--task", "regression", "--loss", "poisson"]),
}
COLUMNS = {
    "binary": ["prediction", "probability_no", "probability_yes"],
    "multiclass": ["prediction", "probability_high", "probability_low", "probability_mid"],
    "multilabel": [
        *("prediction_likes_tea", "probability_likes_tea_1"),
        *("prediction_likes_rye", "probability_likes_rye_1"),
    ],
    "regression": ["prediction"],
    "several numbers": ["prediction_score", "prediction_visits"],
    "counts": ["prediction"],
}


def trained(run: Run, task: str, epochs: int = 3) -> str:
    targets, options = TASKS[task]
    common = ["--epochs", epochs, "-q", "-m", "model.safetensors"]
    run("train", "people.csv", *task_options(*targets), *options, *common)
    return "model.safetensors"


def read(path: Path) -> pa.Table:
    return pa.parquet.read_table(path) if path.suffix == ".parquet" else pa.csv.read_csv(path)


def assert_same(one: pa.Table, other: pa.Table, tolerance: float = 1e-12) -> None:
    """Assert that two tables hold the same; BLAS may sum other batches in another order."""
    assert one.column_names == other.column_names
    for name in one.column_names:
        if pa.types.is_floating(one.schema.field(name).type):
            np.testing.assert_allclose(one[name], other[name], rtol=tolerance, atol=1e-15)
        else:
            assert one[name].to_pylist() == other[name].to_pylist()


@pytest.mark.parametrize("task", TASKS)
def test_csv_parquet_and_standard_output_agree(
    run: Run, table: str, tmp_path: Path, task: str
) -> None:
    model = trained(run, task)
    result = run("predict", model, table, "-o", "p.csv")
    assert result.out == ""
    assert result.err == "60 rows predicted: p.csv\n"
    run("predict", model, table, "-o", "p.parquet")
    assert (tmp_path / "p.csv").read_text() == run("predict", model, table).out
    one, other = read(tmp_path / "p.csv"), read(tmp_path / "p.parquet")
    assert one.column_names == COLUMNS[task]
    assert one.num_rows == 60
    assert_same(one, other, 1e-15)
    assert_same(other, chainrule.load(tmp_path / model).predict(people()))


@pytest.mark.parametrize("task", TASKS)
def test_probabilities_and_labels_belong_together(
    run: Run, table: str, tmp_path: Path, task: str
) -> None:
    run("predict", trained(run, task, epochs=200), table, "-o", "p.parquet")
    frame = read(tmp_path / "p.parquet").to_pandas()
    probabilities = frame.filter(like="probability_")
    assert ((probabilities >= 0) & (probabilities <= 1)).all(axis=None)
    if task in ("binary", "multiclass"):
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        best = probabilities.idxmax(axis=1).str.removeprefix("probability_")
        assert (best == frame["prediction"]).all()
    if task == "multilabel":
        for name in TASKS[task][0]:
            assert ((frame[f"probability_{name}_1"] > 0.5) == frame[f"prediction_{name}"]).all()
    if task == "counts":
        assert (frame["prediction"] > 0).all()
    if task == "regression":  # in the units of the target, which are not those of the network
        assert abs(frame["prediction"].mean() - people()["score"].mean()) < 1


def sources(frame: pd.DataFrame, folder: Path) -> Iterator[str]:
    """Write a table in every format, and yield the names of the files."""
    text = frame.to_csv(index=False)
    (folder / "a.csv").write_text(text, encoding="utf-8")
    (folder / "b.csv.gz").write_bytes(gzip.compress(text.encode()))
    frame.to_csv(folder / "c.tsv", sep="\t", index=False)
    frame.to_csv(folder / "d.txt", sep=";", index=False)
    frame.to_parquet(folder / "e.parquet", row_group_size=13)
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    pa.feather.write_feather(arrow, folder / "f.feather", chunksize=11)
    with pa.ipc.new_stream(folder / "g.arrow", arrow.schema) as writer:
        writer.write_table(arrow, max_chunksize=17)
    columns = {name: frame[name].to_numpy() for name in frame}
    words = {name for name, values in columns.items() if values.dtype.kind in "OT"}
    np.savez(
        folder / "h.npz",
        **{name: v.astype(str) if name in words else v for name, v in columns.items()},
    )
    yield from sorted(path.name for path in folder.iterdir() if path.name[1] == ".")


@pytest.mark.parametrize("task", ["binary", "several numbers"])
def test_every_source_in_every_batch_size(run: Run, table: str, tmp_path: Path, task: str) -> None:
    model = chainrule.load(tmp_path / trained(run, task))
    frame = people(40, seed=5)
    expected = model.predict(frame)
    names = list(sources(frame, tmp_path))
    assert len(names) == 8
    for name in names:
        for rows in (7, 1000):
            run("predict", "model.safetensors", name, "-o", "p.parquet", "--rows", rows)
            assert_same(read(tmp_path / "p.parquet"), expected)
        assert_same(model.predict(tmp_path / name), expected)


@pytest.mark.parametrize("rows", [1, 59, 60, 61])
def test_batches_of_every_size(run: Run, model: str, tmp_path: Path, rows: int) -> None:
    run("predict", model, "people.csv", "-o", "p.parquet", "--rows", rows)
    assert_same(read(tmp_path / "p.parquet"), chainrule.load(model).predict(people()))


def test_rows_and_columns_in_any_order(run: Run, model: str, tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(60)
    frame = people().iloc[order, ::-1]
    frame.to_csv(tmp_path / "new.csv", index=False)
    run("predict", model, "new.csv", "-o", "new.parquet")
    run("predict", model, "people.csv", "-o", "old.parquet")
    assert_same(read(tmp_path / "new.parquet"), read(tmp_path / "old.parquet").take(order))


def test_without_the_columns_that_are_not_inputs(run: Run, model: str, tmp_path: Path) -> None:
    inputs = ["age", "city", "income", "member", "since", "votes"]
    people()[inputs].to_csv(tmp_path / "new.csv", index=False)
    assert run("predict", model, "new.csv").out == run("predict", model, "people.csv").out


LABELS: dict[str, list[Any]] = {
    "whole numbers": [3, 10, -1],
    "zero and one": [0, 1],
    "truth values": [True, False],
    "large numbers": [2**62 + 1, 2**62 + 2, -(2**62)],
    "words": ["a", "b b", "ç"],
    "awkward words": ['with "quotes"', "with, comma", "two\nlines", "😀"],
    "names of columns": ["prediction", "probability_prediction"],
}


@pytest.mark.parametrize("case", LABELS)
def test_labels_keep_their_type(run: Run, tmp_path: Path, case: str) -> None:
    labels = LABELS[case]
    frame = pd.DataFrame({"x": np.arange(24) % len(labels)})
    frame["y"] = [labels[x] for x in frame["x"]]
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    options = ["-t", "y", "--categorical", "x", "--solver", "lbfgs", "--validation", "0"]
    for name in ("t.csv", "t.parquet"):
        run("train", name, *options, "--test", "0", "-q", "-m", "m")
        run("predict", "m", "t.csv", "-o", "p.parquet", "--rows", "5")
        predicted = read(tmp_path / "p.parquet")
        assert predicted["prediction"].to_pylist() == frame["y"].tolist()
        assert type(predicted["prediction"][0].as_py()) is type(labels[0])
        assert predicted.column_names[1:] == [f"probability_{label}" for label in sorted(labels)]
        run("predict", "m", "t.parquet", "-o", "p.csv")
        back = pd.read_csv(tmp_path / "p.csv")
        assert back["prediction"].tolist() == frame["y"].tolist()


def test_columns_to_keep(run: Run, model: str, tmp_path: Path) -> None:
    frame = people()
    frame.insert(0, "prediction", range(60))
    frame.insert(0, "prediction_", range(60, 120))
    frame.to_parquet(tmp_path / "new.parquet")
    keep = ["--keep", "city", "--keep", "prediction", "--keep", "prediction_", "--keep", "since"]
    run("predict", model, "new.parquet", *keep, "-q", "-o", "p.parquet", "--rows", "13")
    kept = read(tmp_path / "p.parquet")
    assert kept.column_names == [
        *("city", "prediction", "prediction_", "since"),
        *("prediction__", "probability_no", "probability_yes"),
    ]
    given = pa.Table.from_pandas(frame, preserve_index=False)
    assert kept.select(kept.column_names[:4]).equals(given.select(kept.column_names[:4]))


def test_kept_cells_of_a_text_file_stay_as_they_are_written(
    run: Run, model: str, tmp_path: Path
) -> None:
    frame = people().astype(str)
    frame["code"] = [f"{number:05}" for number in range(60)]
    frame.to_csv(tmp_path / "new.csv", index=False)
    run("predict", model, "new.csv", "--keep", "code", "-q", "-o", "p.csv")
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines[1].split(",")[0].strip('"') == "00000"
    assert lines[60].split(",")[0].strip('"') == "00059"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_rows(
    run: Run, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(reading, "_STREAM_BLOCK", 1 << 14)
    monkeypatch.setattr(encoding, "BLOCK", 1 << 14)
    write_batches = predict_module.write_batches
    arrow = []

    def watching(batches: Iterator[pa.RecordBatch], *rest: Any) -> int:
        def watched() -> Iterator[pa.RecordBatch]:
            for batch in batches:
                arrow[-1] = max(arrow[-1], pa.total_allocated_bytes())
                yield batch

        return write_batches(watched(), *rest)

    monkeypatch.setattr(predict_module, "write_batches", watching)
    some = pa.Table.from_pandas(people(2000), preserve_index=False)
    python = []
    for times in (10, 40):
        large = pa.concat_tables([some] * times)
        if ending == "csv":
            pa.csv.write_csv(large, tmp_path / "large.csv")
        else:
            pa.parquet.write_table(large, tmp_path / "large.parquet", row_group_size=2000)
        size = large.nbytes
        del large
        arrow.append(0)
        before = pa.total_allocated_bytes()
        tracemalloc.start()
        run("predict", model, f"large.{ending}", "-q", "-o", f"p.{ending}", "--rows", "500")
        python.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        arrow[-1] -= before
        assert read(tmp_path / f"p.{ending}").num_rows == 2000 * times
    assert arrow[1] < size / 3
    assert arrow[1] < arrow[0] + size / 10
    assert python[1] < python[0] + size / 10


def test_a_table_estimator_of_python_is_taken_as_its_table_model(run: Run, tmp_path: Path) -> None:
    frame = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0] * 9, "kind": list("abab") * 9})
    labels = np.array(["no", "no", "yes", "yes"] * 8 + ["yes", "no", "no", "yes"])
    model = chainrule.TableClassifier(hidden_layer_sizes=(4,), max_iter=9, random_state=0)
    chainrule.save(model.fit(frame, labels), tmp_path / "m")
    frame.assign(y=labels).to_csv(tmp_path / "rows.csv", index=False)
    run("predict", "m", "rows.csv", "-o", "out.csv")
    assert pd.read_csv(tmp_path / "out.csv")["prediction"].tolist() == model.predict(frame).tolist()
    assert run("evaluate", "m", "rows.csv", "--json").document["accuracy"] == model.score(
        frame, labels
    )
    found = run("explain", "m", "rows.csv", "--json").document
    assert found["cost"] == pytest.approx(
        run("evaluate", "m", "rows.csv", "--json").document["cost"]
    )
