"""``chainrule bench``: what it refuses, leaves out and writes."""

import json
import subprocess
import sys

import pytest

import chainrule
from benchmarks.speed import runs, sweeps
from benchmarks.speed.fresh import fresh_programs
from benchmarks.speed.measure import Bench
from benchmarks.speed.peers import ENGINES
from benchmarks.speed.process import environment
from benchmarks.speed.runs import Plan
from benchmarks.speed.workloads import Workload
from helpers.cli import refused, runner

SHORT = Workload("tiny", (3, 4, 1), 8, 40)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run ``chainrule`` in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return runner(monkeypatch, capsys)


@pytest.fixture
def short(monkeypatch):
    """Make everything that is measured small."""
    monkeypatch.setitem(runs.WORKLOADS, "tiny", SHORT)
    monkeypatch.setattr(runs, "VARIED", ("tiny",))
    monkeypatch.setattr(runs, "WHOLE_PROGRAMS", ())
    monkeypatch.setattr(Bench, "product_sizes", (64,))
    monkeypatch.setattr(sweeps, "OPERATIONS", 1)
    for quantity in sweeps.SWEEPS:
        monkeypatch.setitem(sweeps.SWEEPS, quantity, (1, 2))
    monkeypatch.setattr(Plan, "seconds", 0.01)


@pytest.mark.parametrize(
    ("added", "words"),
    [
        (["--workload", "tiney"], ["workload", "'tiney'", "did you mean 'tiny'?"]),
        (["--peer", "pytorch"], ["peer", "'pytorch'", "did you mean 'torch'?"]),
        (["--peer", "chainrule"], ["peer", "'chainrule'"]),
        (["--threads", "0"], ["threads", "0"]),
        (["--threads", "4096"], ["threads", "4096"]),
        (["--rounds", "0"], ["--rounds", "1"]),
        (["--out", "file/folder"], ["'file/folder'"]),
        (["--out", "file"], ["'file'"]),
        (["--sweep"], ["--sweep", "did you mean --sweeps?"]),
        (["tiny"], ["no argument", "'tiny'"]),
    ],
    ids=lambda case: " ".join(case),
)
def test_wrong_value(run, tmp_path, added, words):
    (tmp_path / "file").write_text("kept")
    refused(run, tmp_path, ["bench", *added], words)


def test_a_benchmark_is_printed_and_written(run, tmp_path, short):
    result = run(
        "bench", "--workload", "tiny", "--peer", "scikit-learn", "--threads", 1, "--rounds", 1,
        "--out", "results",
    )  # fmt: skip
    for word in ("Speed", "scikit-learn", "Goals", "Adam", "against the batch"):
        assert word in result.out
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == [
        "bench.json",
        "bench.md",
        "bench.png",
    ]
    report = json.loads((tmp_path / "results" / "bench.json").read_text("utf-8"))
    assert [entry["name"] for entry in report["workloads"]] == ["tiny"]
    assert list(report["workloads"][0]["engines"]) == ["chainrule", "scikit-learn"]
    assert list(report["extras"]) == ["variants", "programs", "sweeps"]
    gelu = next(one for one in report["extras"]["variants"] if one["name"] == "tiny, gelu")
    assert list(gelu["engines"]) == ["chainrule"]  # scikit-learn does not have it
    text = (tmp_path / "results" / "bench.md").read_text("utf-8")
    assert text.startswith("# Benchmark\n")


def test_quick_and_json(run, short):
    result = run(
        "bench", "--quick", "--json", "--threads", 1, "--workload", "tiny", "--peer", "scikit-learn"
    )
    report = result.document
    assert result.err == ""
    assert report["rounds"] == 2
    assert report["extras"] == {}
    assert report["goals"] == []  # they are of all rows
    assert list(report["workloads"][0]["engines"]) == ["chainrule", "scikit-learn"]


def test_a_missing_peer_is_named_in_one_line(run, short, monkeypatch):
    for name in ("torch", "torch-compiled"):
        missing = {**vars(ENGINES[name]), "library": "a_library_that_is_not_there"}
        monkeypatch.setitem(ENGINES, name, type(ENGINES[name])(**missing))
    result = run(
        "bench", "--quick", "--threads", 1, "--workload", "tiny", "--peer", "torch",
        "--peer", "torch-compiled",
    )  # fmt: skip
    lines = [line for line in result.lines if "installed" in line]
    assert lines == [
        "warning: not installed, and left out: torch, torch-compiled: "
        "pip install 'chainrule[bench]'"
    ]
    assert "chainrule" in result.out


def test_whole_programs(short):
    notices = []
    found = fresh_programs(SHORT, 2, [], 1, notices.append)
    assert list(found["engines"]) == ["chainrule", "chainrule.MLPClassifier"]
    for figures in found["engines"].values():
        assert figures["seconds"]["median"] > 0
        assert figures["memory_mb"] is None or 10 < figures["memory_mb"] < 10_000
    assert notices == []


def test_the_command_imports_nothing_heavy():
    code = (
        "import sys, benchmarks.speed.__main__; "
        "print([name for name in ('jax', 'torch', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(None), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_outside_of_its_source_the_package_says_where_the_benchmark_is(run, tmp_path, monkeypatch):
    monkeypatch.setattr("chainrule.cli.bench.ROOT", tmp_path)
    for arguments in (["--quick"], ["--help"], []):
        result = run("bench", *arguments, code=1)
        assert result.out == ""
        assert len(result.lines) == 1
        for words in ("source archive", chainrule.__version__, "make bench"):
            assert words in result.err
