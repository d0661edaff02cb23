"""Tables: reading them, telling what their columns are, and encoding them as numbers.

The table inside the package is a `pyarrow.Table`, and a stream of rows is a sequence of
`pyarrow.RecordBatch`. Rows are numbered from 1; a header line is not counted.
"""

from chainrule.data.column_options import KINDS, READING_OPTIONS, ColumnOptions, options_of
from chainrule.data.columns import Kind, to_numeric
from chainrule.data.encoder import TableEncoder
from chainrule.data.findings import DataWarning, Findings
from chainrule.data.inference import infer_kind
from chainrule.data.overview import ColumnView, column_views, grouped_views
from chainrule.data.schema import Schema
from chainrule.data.sources import column_names, iterate_batches, read_table
from chainrule.data.target import TargetCodec, weights
from chainrule.data.target_rows import rows_with_targets
from chainrule.data.task import TASKS, Task, infer_task

__all__ = [
    "KINDS",
    "READING_OPTIONS",
    "TASKS",
    "ColumnOptions",
    "ColumnView",
    "DataWarning",
    "Findings",
    "Kind",
    "Schema",
    "TableEncoder",
    "TargetCodec",
    "Task",
    "column_names",
    "column_views",
    "grouped_views",
    "infer_kind",
    "infer_task",
    "iterate_batches",
    "options_of",
    "read_table",
    "rows_with_targets",
    "to_numeric",
    "weights",
]
