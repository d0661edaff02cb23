"""docs/dependencies.md names every dependency that pyproject.toml names, and no other."""

import re
import tomllib

from docs.pages import ROOT


def test_dependencies_are_the_declared_ones():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in wanted} - {"chainrule"}

    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    tables = "\n".join(line for line in page.splitlines() if line.startswith("|"))
    assert set(re.findall(r"\[([\w-]+)\]\(https:", tables)) == names
