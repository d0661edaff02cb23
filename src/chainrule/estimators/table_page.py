"""A table model at a glance: one line of text, or a piece of a page with its encoding and its curves.

The page stands alone, without scripts, and takes the light or dark colors of what is around it.
"""

from __future__ import annotations

from html import escape
from typing import Any

from chainrule.estimators.curves import curves
from chainrule.estimators.network_words import network_words
from chainrule.train import History

__all__ = ["line_of", "page_of"]

MOST_NAMES, MOST_COLUMNS = 4, 200
TAKEN = {
    "numeric": "number",
    "boolean": "truth value",
    "categorical": "category",
    "date": "date",
}
STYLE = """
.chainrule-table { --cost: #b3541e; --valid: #2563a8; --faint: #8883; font-size: 0.9em;
  line-height: 1.45; }
@media (prefers-color-scheme: dark) { .chainrule-table { --cost: #f0a070; --valid: #7db8f5; } }
[data-jp-theme-light="false"] .chainrule-table, [data-theme="dark"] .chainrule-table,
.vscode-dark .chainrule-table { --cost: #f0a070; --valid: #7db8f5; }
[data-jp-theme-light="true"] .chainrule-table, [data-theme="light"] .chainrule-table,
.vscode-light .chainrule-table { --cost: #b3541e; --valid: #2563a8; }
.chainrule-table p { margin: 0.3em 0; }
.chainrule-table table { border-collapse: collapse; margin: 0.5em 0; color: inherit; }
.chainrule-table th, .chainrule-table td { text-align: left; padding: 0.1em 0.9em 0.1em 0;
  border-bottom: 1px solid var(--faint); background: none; font-weight: normal; }
.chainrule-table thead th { opacity: 0.7; }
.chainrule-table summary { cursor: pointer; }
.chainrule-table svg { max-width: 100%; height: auto; margin: 0.3em 1em 0.3em 0; }
"""


def line_of(model: Any, name: str = "TableModel") -> str:
    """Return what a table model is, in one line.

    Parameters
    ----------
    model : FittedTable
    name : str
        What to call it.
    """
    if model._fitted is None:
        return f"{name}(not fitted yet)"
    return f"{name}({description(model)})"


def page_of(model: Any, name: str = "TableModel") -> str:
    """Return a piece of HTML that shows how each column is taken, and how the training went.

    Parameters
    ----------
    model : FittedTable
    name : str
        What to call it.
    """
    if model._fitted is None:
        return f"<pre>{escape(line_of(model, name))}</pre>"
    history = model.fitted.history
    return (
        f'<div class="chainrule-table"><style>{STYLE}</style>'
        f"<p><strong>{escape(name)}</strong> {escape(description(model))}</p>"
        f"<details open><summary>Columns</summary>{columns_of(model)}</details>"
        f"<details open><summary>Training</summary>{curves(history)}</details></div>"
    )


def description(model: Any) -> str:
    """Return what is learned from what by which network."""
    count = len(model.encoder.columns)
    columns = f"{count:,} column{'' if count == 1 else 's'}"
    targets = ", ".join(model.target.targets)
    return (
        f"{model.target.task} of {targets} by {columns}, {network_words(model.fitted)}, "
        f"{course_of(model.fitted.history)}"
    )


def course_of(history: History) -> str:
    """Return how long a training took, and which epoch was kept."""
    count = len(history)
    if history.best_epoch is not None:
        return f"epoch {history.best_epoch:,} of {count:,} kept"
    return f"{count:,} epoch{'' if count == 1 else 's'}"


def columns_of(model: Any) -> str:
    """Return the table of the columns, and what was noted about them."""
    encoders = model.encoder.column_encoders
    rows = [
        f"<tr><th>{escape(encoder.name)}</th><td>{escape(taken_as(encoder))}</td>"
        f"<td>{escape(inputs_of(encoder))}</td></tr>"
        for encoder in encoders[:MOST_COLUMNS]
    ]
    if len(encoders) > MOST_COLUMNS:
        rows.append(f"<tr><th>… {len(encoders) - MOST_COLUMNS:,} more</th><td></td><td></td></tr>")
    head = "<tr><th>column</th><th>taken as</th><th>inputs of the network</th></tr>"
    notes = "".join(f"<p>{escape(notice)}</p>" for notice in model.encoder.notices)
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>{notes}"


def taken_as(encoder: Any) -> str:
    """Return the kind of a column, in words."""
    kind = encoder.to_dict()["kind"]
    return TAKEN.get(kind, kind)


def inputs_of(encoder: Any) -> str:
    """Return the first names of what a column becomes."""
    names = encoder.feature_names
    more = f", … ({len(names):,})" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
