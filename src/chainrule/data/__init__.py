"""Tables: reading them, telling what their columns are, and encoding them as numbers.

The table inside the package is a `pyarrow.Table`, and a stream of rows is a sequence of
`pyarrow.RecordBatch`. Rows are numbered from 1; a header line is not counted.
"""

from chainrule.data.columns import Kind, infer_kind, to_numeric
from chainrule.data.encoder import TableEncoder
from chainrule.data.findings import DataWarning, Findings
from chainrule.data.sources import column_names, iterate_batches, read_table
from chainrule.data.target import TargetCodec, weights
from chainrule.data.task import TASKS, Task, infer_task

__all__ = [
    "TASKS",
    "DataWarning",
    "Findings",
    "Kind",
    "TableEncoder",
    "TargetCodec",
    "Task",
    "column_names",
    "infer_kind",
    "infer_task",
    "iterate_batches",
    "read_table",
    "to_numeric",
    "weights",
]
