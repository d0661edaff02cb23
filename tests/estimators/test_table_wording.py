"""Notes from Python name parameters, and no option of the command line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import chainrule as cr
from chainrule.estimators.table_wording import in_python


@pytest.mark.parametrize(
    ("option", "parameter"),
    [
        ("--kind a=number keeps it", "kinds={'a': 'number'} keeps it"),
        ("--kind a b=category tells", "kinds={'a b': 'category'} tells"),
        ("--kind ''=number keeps it", "kinds={'': 'number'} keeps it"),
        ("--day-first for the other", "day_first=True for the other"),
        ("--month-first for the other", "day_first=False for the other"),
        ("--decimal , for that", "decimal=',' for that"),
        ("--missing -999", "missing=[-999]"),
        ("--drop a,b", "drop=['a', 'b']"),
        ("a remark", "a remark"),
    ],
)
def test_an_option_is_a_parameter(option: str, parameter: str) -> None:
    assert in_python(f"column 'a': said ({option})") == f"column 'a': said ({parameter})"


def test_what_a_fit_says_can_be_typed_in_python() -> None:
    rows = 60
    y = np.where(np.arange(rows) % 4 == 0, "yes", "no")
    frame = pd.DataFrame(
        {
            "day": ["01/02/2024", "03/04/2024", "05/06/2024"] * 20,
            "id": [f"user {n}" for n in range(rows)],
            "told": np.where(y == "yes", "sold", "open"),
            "size": np.arange(rows) % 7,
        }
    )
    model = cr.TableClassifier(hidden_layer_sizes=(4,), max_iter=3, random_state=0)
    with pytest.warns(cr.data.DataWarning):
        model.fit(frame, y)
    notes = "\n".join(model.notes_)
    assert "--" not in notes
    for parameter in ("day_first=True", "kinds={'id': 'category'}", "drop=['told']"):
        assert parameter in notes
