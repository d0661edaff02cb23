"""Turning a table into the matrix of numbers that a network takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import DTypeLike, NDArray

from chainrule.data import checked
from chainrule.data.column_options import options_of
from chainrule.data.columns import Kind, to_numeric
from chainrule.data.encoder_blocks import encode_plain, fit_plain
from chainrule.data.findings import Findings
from chainrule.data.kinds.base import Batch, ColumnEncoder
from chainrule.data.kinds.boolean import BooleanEncoder, fit_boolean
from chainrule.data.kinds.categorical import CategoricalEncoder, fit_categorical
from chainrule.data.kinds.date import DateEncoder, fit_date
from chainrule.data.kinds.numeric import NumericEncoder, fit_numeric
from chainrule.data.messages import condensed, listed, shown
from chainrule.data.number_checks import counts_up
from chainrule.data.plain import missing_count, plain_column
from chainrule.data.readings import PLAIN, Reading
from chainrule.data.schema import Schema
from chainrule.errors import DataError, ParameterError, nearest_name, unknown_name

__all__ = ["TableEncoder", "check_unique_names"]

_FROM_DICT: dict[str, Callable[[object], ColumnEncoder]] = {
    "numeric": NumericEncoder.from_dict,
    "boolean": BooleanEncoder.from_dict,
    "categorical": CategoricalEncoder.from_dict,
    "date": DateEncoder.from_dict,
}


class TableEncoder:
    """Encodes the columns of a table as numbers, in the way it learned from the training rows.

    ===========  =============================================================================
    column       encoded as
    ===========  =============================================================================
    numeric      the value, standardized (mean 0, standard deviation 1 over the training rows);
                 a missing one is the training median
    boolean      −1 for false, +1 for true, 0 for missing
    categorical  a column of 0 and 1 for each category; one that is rare or unseen is 0 in all;
                 of two categories one column, −1 or +1, and 0 for missing or unseen
    date         days since 1970, standardized, and sine and cosine of the time of year, the day
                 of the week and the time of day; all 0 for a missing one
    ===========  =============================================================================

    If a numeric, categorical or date column has missing values in the training rows, one more
    column says where (1) they are. Columns that are the same in every row are left out, and so are
    text columns of more than 20 rows in which no value comes twice, because those are identifiers;
    `notices` says which. What a column is and how its text is read is decided by a `Schema` of the
    whole table; a cell that does not say what its column says is missing from then on.

    Parameters
    ----------
    categorical : sequence of str
        Columns to take as categories, whatever they look like.
    numeric : sequence of str
        Columns to take as numbers, whatever they look like.
    drop : sequence of str
        Columns to leave out.
    max_categories : int, default 100
        So many categories of a column, the most frequent ones, are told apart.
    kinds : dict of str to str, optional
        What columns are, by name: "number", "category", "date" or "truth".
    **reading
        How text is read: ``missing``, ``decimal``, ``thousands``, ``date_format``, ``day_first`` and
        ``strict``, as `ColumnOptions` has them.

    Attributes
    ----------
    notices : list of str
        What the user may want to know about the columns, a line each.
    schema : Schema
        How the columns are read.

    Examples
    --------
    >>> table = pa.table({"age": [1.0, 3.0], "color": ["red", "blue"]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.feature_names
    ['age', 'color=red']
    >>> encoder.transform(table)
    array([[-1.,  1.],
           [ 1., -1.]])
    """

    def __init__(
        self,
        categorical: Sequence[str] = (),
        numeric: Sequence[str] = (),
        drop: Sequence[str] = (),
        max_categories: int = 100,
        kinds: Mapping[str, str] | None = None,
        **reading: Any,
    ) -> None:
        self.categorical = tuple(dict.fromkeys(categorical))
        self.numeric = tuple(dict.fromkeys(numeric))
        self.drop = tuple(dict.fromkeys(drop))
        self.max_categories = max_categories
        self.options = options_of(
            kinds, categorical=self.categorical, numeric=self.numeric, drop=self.drop, **reading
        )
        self.schema = Schema()
        self.notices: list[str] = []
        self._encoders: list[ColumnEncoder] = []
        # Columns of the training table that are not used; they are nothing new at prediction.
        self._ignored: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns that are needed, in order."""
        return [encoder.name for encoder in self._encoders]

    @property
    def column_encoders(self) -> tuple[ColumnEncoder, ...]:
        """What encodes each of these columns."""
        return tuple(self._encoders)

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns of the encoded matrix."""
        return [name for encoder in self._encoders for name in encoder.feature_names]

    def fit(
        self, table: pa.Table, exclude: Iterable[str] = (), schema: Schema | None = None
    ) -> TableEncoder:
        """Learn from the training rows how to encode.

        Parameters
        ----------
        table : pyarrow.Table
            The training rows.
        exclude : iterable of str
            The columns that are not inputs: targets, weights.
        schema : Schema, optional
            How the columns are read; decided by the training rows alone if it is not given.

        Returns
        -------
        TableEncoder
            This object.

        Raises
        ------
        DataError
            If a column cannot be used as it is, or none is left.
        ParameterError
            If a name is not one of a column.
        """
        exclude = tuple(exclude)
        self._check_options(table, exclude)
        if schema is None:
            schema = Schema.of(table, self.options, unread=exclude)
        notices = schema.notes
        encoders: list[ColumnEncoder] = []
        constant: list[str] = []
        nearly: list[str] = []
        unused = {*exclude, *self.options.dropped(table.column_names), *schema.left_out}
        used = [
            (name, cells)
            for name, cells in zip(table.column_names, table.columns, strict=True)
            if name not in unused
        ]
        plain = fit_plain(used, schema)
        for name, cells in used:
            said = len(notices)
            if name in plain:
                encoder: ColumnEncoder | None = plain[name]
            else:
                read = schema.column(name, cells)
                encoder = self._fit_column(name, schema.readings[name].kind, read, notices)
            if encoder is not None:
                encoders.append(encoder)
            elif not any(f"{shown(name)} is left out" in line for line in notices[said:]):
                values = plain_column(name, schema.column(name, cells)).drop_null()
                (nearly if len(pc.unique(values)) > 1 else constant).append(name)
        notices += [*_constant_line(constant), *_constant_line(nearly, " to sixteen digits")]
        if not encoders:
            raise DataError(_nothing_left(notices))
        self._encoders, self.notices, self.schema = encoders, condensed(notices), schema
        needed = set(self.columns)
        self._ignored = tuple(name for name in table.column_names if name not in needed)
        return self

    def transform(
        self,
        table: pa.Table,
        first_row: int = 1,
        dtype: DTypeLike = np.float64,
        findings: Findings | None = None,
    ) -> NDArray[Any]:
        """Encode rows.

        Parameters
        ----------
        table : pyarrow.Table or pyarrow.RecordBatch
            The rows; their columns may come in any order and of any type that can be converted.
        first_row : int, default 1
            The number of the first row, for messages.
        dtype : dtype, default float64
            The type of the result: float64 or float32.
        findings : Findings, optional
            Where to note what is odd, for a stream of batches. By default a `DataWarning` is given
            at once.

        Returns
        -------
        ndarray of shape (m, n)
            The encoded rows, C-contiguous and finite.

        Raises
        ------
        DataError
            If columns are missing or a cell cannot be encoded; the message says where.
        """
        self._check_fitted()
        kind = np.dtype(dtype)
        if kind not in (np.dtype(np.float64), np.dtype(np.float32)):
            raise ParameterError(f"the dtype must be float64 or float32, not {kind}")
        noted = Findings() if findings is None else findings
        self._check_columns(table.schema.names, noted)
        widths = [len(encoder.feature_names) for encoder in self._encoders]
        starts = np.cumsum([0, *widths]).tolist()
        out = np.zeros((table.num_rows, starts[-1]), dtype=kind)
        done = encode_plain(self._encoders, self.schema, table, out, starts, noted)
        for place, encoder in enumerate(self._encoders):
            if place not in done:
                cells = self.schema.column(encoder.name, table.column(encoder.name), noted)
                own = out[:, starts[place] : starts[place + 1]]
                encoder.encode(Batch(cells, first_row, noted), own)
        if findings is None:
            noted.warn()
        return out

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        self._check_fitted()
        return {
            "options": {
                "categorical": list(self.categorical),
                "numeric": list(self.numeric),
                "drop": list(self.drop),
                "max_categories": int(self.max_categories),
            },
            "columns": [encoder.to_dict() for encoder in self._encoders],
            "ignored": list(self._ignored),
            "schema": self.schema.to_dict(),
        }

    @classmethod
    def from_dict(cls, value: object) -> TableEncoder:
        """Return the encoder that `to_dict` described.

        Parameters
        ----------
        value : object
            What was read from a model file; nothing is taken for granted.

        Raises
        ------
        ModelFileError
            If anything about it is odd.
        """
        keys = ["options", "columns", "ignored"]
        has_schema = isinstance(value, dict) and "schema" in value  # older files have none
        entries = checked.mapping(
            value, "the encoder", [*keys, *(["schema"] if has_schema else [])]
        )
        encoder = cls._from_options(entries["options"])
        for entry in checked.items(entries["columns"], "the columns of the encoder"):
            kind = entry.get("kind") if isinstance(entry, dict) else None
            kind = checked.text(kind, "the kind of a column", known=_FROM_DICT)
            encoder._encoders.append(_FROM_DICT[kind](entry))
        if has_schema:
            encoder.schema = Schema.from_dict(entries["schema"])
        else:
            encoder.schema = _plain_schema(encoder._encoders)
        encoder._ignored = checked.texts(entries["ignored"], "the ignored columns")
        names = encoder.columns
        if not names:
            raise checked.damaged("the encoder has no columns")
        if len({*names, *encoder._ignored}) < len(names) + len(encoder._ignored):
            raise checked.damaged("the encoder has two columns of the same name")
        return encoder

    @classmethod
    def _from_options(cls, value: object) -> TableEncoder:
        lists = ("categorical", "numeric", "drop")
        entries = checked.mapping(value, "the encoder's options", (*lists, "max_categories"))
        names = {key: checked.texts(entries[key], f"the option {key}") for key in lists}
        most = checked.whole(entries["max_categories"], "the option max_categories")
        try:
            encoder = cls(names["categorical"], names["numeric"], names["drop"], most)
            encoder._check_consistent()
        except ParameterError as error:
            raise checked.damaged(str(error)) from None
        return encoder

    def _check_consistent(self) -> None:
        if self.max_categories < 1:
            raise ParameterError(f"max_categories must be at least 1, not {self.max_categories}")

    def _check_options(self, table: pa.Table, exclude: tuple[str, ...]) -> None:
        self._check_consistent()
        check_unique_names(table)
        if table.num_rows == 0:
            raise DataError("the table has no rows: an encoder learns from at least one")
        known = set(table.column_names)
        for name in (*self.options.kinds, *exclude):
            if name not in known:
                raise unknown_name("column", name, table.column_names)

    def _fit_column(
        self, name: str, kind: Kind, cells: pa.ChunkedArray, notices: list[str]
    ) -> ColumnEncoder | None:
        """Return the encoder of a column that was read, None if it says nothing."""
        if missing_count(plain_column(name, cells)) == len(cells):
            notices.append(f"column {shown(name)} is left out: no training row has a value")
            return None
        if kind == "numeric":
            if name not in self.options.kinds and counts_up(to_numeric(cells, name)):
                notices.append(
                    f"column {shown(name)} is a whole number that grows from row to row: if it "
                    f"numbers the rows, leave it out (--drop {name})"
                )
            return fit_numeric(name, cells)
        if kind == "boolean":
            return fit_boolean(name, cells)
        if kind == "date":
            return fit_date(name, cells)
        return fit_categorical(name, cells, self.max_categories, notices)

    def _check_fitted(self) -> None:
        if not self._encoders:
            raise ParameterError("this TableEncoder has not learned from a table yet: call fit")

    def _check_columns(self, given: list[str], findings: Findings) -> None:
        needed = set(self.columns)
        known = needed.union(self._ignored)
        there = set(given)
        extra = [name for name in given if name not in known]
        missing = [name for name in self.columns if name not in there]
        if missing:
            hints = []
            for name in missing[:10]:
                nearest = nearest_name(name, extra)
                hints.append(shown(name) + (f" (is it {shown(nearest)}?)" if nearest else ""))
            more = f" and {len(missing) - 10:,} more" if len(missing) > 10 else ""
            noun = "a column that the model needs is" if len(missing) == 1 else "columns are"
            raise DataError(
                f"{noun} missing: {', '.join(hints)}{more}: add or rename "
                f"{'it' if len(missing) == 1 else 'them'}"
            )
        twice = [name for name, count in Counter(given).items() if count > 1 and name in needed]
        if twice:
            raise DataError(f"several columns are called {listed(twice, 3)}: rename all but one")
        findings.add_extra(extra)


def check_unique_names(table: pa.Table) -> None:
    """Raise a `DataError` if two columns of a table have the same name."""
    twice = [name for name, count in Counter(table.column_names).items() if count > 1]
    if twice:
        raise DataError(f"several columns are called {listed(twice, 3)}: rename all but one")


def _plain_schema(encoders: Iterable[ColumnEncoder]) -> Schema:
    """Return how the columns of a model from an older file are read: text of the plainest form."""
    kinds: dict[str, Kind] = {encoder.name: encoder.to_dict()["kind"] for encoder in encoders}
    readings = {
        name: Reading(name, kind, PLAIN[kind])
        for name, kind in kinds.items()
        if kind != "categorical"
    }
    return Schema(readings)


def _constant_line(names: list[str], nearly: str = "") -> list[str]:
    """Return a line on the columns that are the same in every row, if there are such."""
    if len(names) > 1:
        return [f"columns {listed(names)} are left out: they are the same in every row{nearly}"]
    return [
        f"column {shown(name)} is left out: it is the same in every row{nearly}" for name in names
    ]


def _nothing_left(notices: list[str]) -> str:
    more = f"; {len(notices) - 3:,} more" if len(notices) > 3 else ""
    reason = f" ({'; '.join(notices[:3])}{more})" if notices else ""
    return f"no column is left to learn from{reason}: add columns, or drop and exclude fewer"
