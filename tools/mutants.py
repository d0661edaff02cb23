"""Wrong lines that the tests must find: ``python tools/mutants.py``.

Each row of ``mutants.tsv`` is a line of the package, what is written in its place, and the tests that
must then fail: those of its own file first, and if they do not, those of the folder. They run on a
copy of the package, one wrong line at a time, and stop at the first failure; that test must pass
with the right line. Prints a table in Markdown; ends with 1 if a mutant survives. ``--only optim`` takes
the rows of files with this in their names.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import chainrule.core._engine

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".tsv")
# The hook of an editable installation would find the package in its place, and not the copy.
RUN = """
import sys
sys.meta_path[:] = [one for one in sys.meta_path if "ScikitBuild" not in type(one).__name__]
import chainrule, pytest
assert chainrule.__file__.startswith(sys.argv[1]), chainrule.__file__
sys.exit(pytest.main(["-x", "-q", "--tb=line", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""


def copied(folder):
    """Return the folder of a copy of the package, with the compiled engine in it."""
    package = Path(folder) / "chainrule"
    ignored = shutil.ignore_patterns("__pycache__", "*.[ch]pp")
    shutil.copytree(ROOT / "src" / "chainrule", package, ignore=ignored)
    shutil.copy(chainrule.core._engine.__file__, package / "core")
    return package


def outcome(package, tests):
    """Run tests against the package; return what came first of failures, None if nothing failed."""
    environment = {**os.environ, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(package), tests],
        cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]
    if done.returncode != 1 or not failed:
        raise SystemExit(f"the tests could not be run:\n{done.stdout}{done.stderr}")
    return failed[0].removeprefix("FAILED ").split(" - ")[0]


def killer_of(package, row):
    """Return the test that fails with the wrong line of this row, and not with the right one."""
    path = package / row["file"]
    right = path.read_text("utf-8")
    if right.count(row["line"]) != 1:
        raise SystemExit(f"{row['file']} has not one line such as {row['line']}: mend {TABLE.name}")
    try:
        path.write_text(right.replace(row["line"], row["wrong"]), "utf-8")
        found = (outcome(package, tests) for tests in row["tests"].split())
        killer = next(filter(None, found), None)
    finally:
        path.write_text(right, "utf-8")
    if killer and outcome(package, killer):
        raise SystemExit(f"{killer} fails with the right line too")
    return killer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="NAME")
    only = parser.parse_args().only
    with TABLE.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [row for row in table if only in row["file"]]
    survivors = 0
    print("| file | in place of | stands | killed by | s |\n|---|---|---|---|---:|")
    with tempfile.TemporaryDirectory() as folder:
        package = copied(folder)
        for row in rows:
            began = time.perf_counter()
            killer = killer_of(package, row)
            survivors += killer is None
            cells = [row["file"], f"`{row['line']}`", f"`{row['wrong']}`", killer or "**survives**"]
            seconds = time.perf_counter() - began
            print("|", " | ".join(cells), "|", f"{seconds:.0f} |", flush=True)
    print(f"\n{len(rows) - survivors} of {len(rows)} mutants are killed.")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
