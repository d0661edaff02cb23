"""The rows of a table whose targets are known."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from chainrule.data.messages import listed
from chainrule.data.plain import missing_count, plain_column
from chainrule.errors import DataError

__all__ = ["rows_with_targets"]


def rows_with_targets(table: pa.Table, targets: Sequence[str]) -> tuple[pa.Table, str]:
    """Return the rows that have all targets, and a line on the others, "" if there are none.

    Parameters
    ----------
    table : pyarrow.Table
        A table that was read; one without a target comes back as it is.
    targets : sequence of str

    Raises
    ------
    DataError
        If no row is left.
    """
    names = set(table.column_names)
    columns = [plain_column(name, table.column(name)) for name in targets if name in names]
    if not any(missing_count(column) for column in columns):
        return table, ""
    lacking = [pc.is_null(column, nan_is_null=True) for column in columns]
    missing = lacking[0]
    for other in lacking[1:]:
        missing = pc.or_(missing, other)
    count = int(pc.sum(missing).as_py())
    named = listed(targets, 3)
    if count == table.num_rows:
        raise DataError(
            f"the target {named} is missing in all {count:,} rows: name a column that has values"
        )
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    line = f"{rows} left out of {table.num_rows:,}: the target {named} is missing there"
    return table.filter(pc.invert(missing)), line
