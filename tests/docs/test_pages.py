"""Every block of README.md and docs/ runs, and shows what it says it shows."""

import re
from pathlib import Path

import pytest
from sybil import Document

import chainrule
from docs.pages import NOT_RUN, PAGES, ROOT, SETUP, STATIC, blocks, commands, name_of, parsed

RUN = ("python", "pycon", "console")

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


@each_page
def test_blocks_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    document = parsed(page)
    document.namespace["__name__"] = "__main__"
    for example in document.examples():
        example.evaluate()


@each_page
def test_no_block_escapes(page):
    """A block that is not run must be of a static language, or say why and set something up."""
    for block in blocks(Document(page.read_text("utf-8"), str(page))):
        where = f"{name_of(page)}, line {block.line}"
        if block.reason is None:
            assert block.language in RUN + STATIC, f"{where}: {block.language!r} is not run"
        else:
            assert block.language == "console", f"{where}: only console may be left out"
            for command, _ in commands(block.source):
                assert command.startswith(SETUP), f"{where}: {command!r} can be run"


@each_page
def test_marks_stand_before_a_block(page):
    """A mark that no block follows would leave a reader, and this test, in error."""
    text = page.read_text("utf-8")
    starts = [b.region.start for b in blocks(Document(text, str(page))) if b.reason is not None]
    assert text.count("<!-- not run") == len(starts)
    assert all(NOT_RUN.search(text, 0, start) for start in starts)


@each_page
def test_links_lead_somewhere(page):
    for target in links(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue  # the web; what is there is not ours to test
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{name_of(page)}: there is no {path}"
        assert file.is_relative_to(ROOT), f"{name_of(page)}: {path} is outside of the project"
        if anchor:
            assert anchor in anchors(file), f"{name_of(page)}: there is no #{anchor} in {file.name}"


@each_page
def test_formulas_stay_on_one_line(page):
    """GitHub renders no inline formula that a line break cuts in two."""
    for line in prose(page).splitlines():
        assert line.count("$") % 2 == 0, f"{name_of(page)}: {line}"


@each_page
def test_public_names_exist(page):
    for name in re.findall(r"\bcr\.([A-Za-z_]\w*)", page.read_text("utf-8")):
        assert hasattr(chainrule, name), f"{name_of(page)}: there is no chainrule.{name}"


def test_every_page_is_on_the_map():
    listed = links(prose(ROOT / "docs" / "index.md"))
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "index.md" or page.name in listed, f"docs/index.md lacks {page.name}"


def prose(page: Path) -> str:
    """Return a page without its code."""
    text = page.read_text("utf-8")
    for block in sorted(blocks(Document(text, str(page))), key=lambda b: -b.region.start):
        text = text[: block.region.start] + text[block.region.end :]
    return re.sub(r"`[^`\n]*`", "code", text)


def links(text: str) -> list[str]:
    return re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    document = Document(page.read_text("utf-8"), str(page))
    inside = [(b.region.start, b.region.end) for b in blocks(document)]
    found: set[str] = set()
    for heading in re.finditer(r"^#{1,6}\s+(.+?)\s*$", document.text, re.MULTILINE):
        if any(start <= heading.start() < end for start, end in inside):
            continue
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        anchor, count = slug, 0
        while anchor in found:
            count += 1
            anchor = f"{slug}-{count}"
        found.add(anchor)
    return found
