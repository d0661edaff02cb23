"""Write docs/notes/: a page for each of the lecture notes, by the explainer itself.

``python tools/note_pages.py`` writes the pages anew; a test compares them with what it would write.
"""

from pathlib import Path

import numpy as np

from chainrule.explain import explain
from chainrule.explain.document import Document
from chainrule.explain.notes import NOTES, Note
from chainrule.explain.pages import add_steps, trace_page
from chainrule.explain.render.markdown import render
from chainrule.nn import Network, Parameters

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "notes"
COMMANDS = """
On your own machine, as a page, as LaTeX, and for other sizes and your own numbers:

```console
$ chainrule explain --in {key}
$ chainrule derive --in {key} -o {key}.tex
$ chainrule explain --in {key} --network 2-5-3-{outputs} --seed 1 -o {key}.html
```
"""


def example(network: Network) -> tuple[Parameters, np.ndarray, np.ndarray]:
    """Return small round numbers: parameters, two observations, targets."""
    parameters = Parameters.zeros(network.sizes)
    places = np.arange(parameters.vector.size)
    parameters.vector[...] = ((7 * places + 3) % 17 - 8) / 10
    X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
    Y = np.array([[1.0, 0.0], [0.0, 1.0]])[:, : network.sizes[-1]]
    return parameters, X, Y


def page_of(note: Note) -> str:
    """Return the page of a note as Markdown."""
    network = note.example_network()
    trace = explain(network, *example(network), note=note.key)
    worked = trace_page(trace)
    page = Document(note.title[0].upper() + note.title[1:])
    introduction = len(worked.blocks) - len(steps_of(trace)) - len(trace.convention.closing(trace))
    page.blocks = worked.blocks[:introduction]
    page.say(
        "This page is written by the library, and the tests write it anew: every formula below is the "
        "note's own, every number is the library's. Two observations are followed from the inputs to "
        "the cost, and back to every weight."
    )
    text = render(page) + COMMANDS.format(key=note.key, outputs=network.sizes[-1])
    rest = Document("", worked.blocks[introduction:])
    return text + render(rest).removeprefix("# \n")


def steps_of(trace: object) -> list[object]:
    """Return the blocks of the steps."""
    page = Document("")
    add_steps(page, trace.steps)
    return page.blocks


def pages() -> dict[str, str]:
    """Return every page by the name of its file."""
    return {f"{key}.md": page_of(note) for key, note in NOTES.items()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
