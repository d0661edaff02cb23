"""How the columns of a table are read: decided by the whole table, and kept with the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from chainrule.data import checked
from chainrule.data.block_decisions import decide_plain
from chainrule.data.codes import names_a_number, names_an_identifier
from chainrule.data.column_options import ColumnOptions
from chainrule.data.decisions import Decision
from chainrule.data.findings import Findings
from chainrule.data.inference import decide
from chainrule.data.messages import condensed, listed, shown
from chainrule.data.number_blocks import NumberBlock, number_blocks
from chainrule.data.number_checks import counts_by_one, is_unnamed
from chainrule.data.profiles import Profile
from chainrule.data.readings import PLAIN, Reading
from chainrule.data.target_readings import decide_target
from chainrule.errors import DataError, unknown_name

__all__ = ["Schema"]

# In so many rows numbers that go up by one do not do so by chance.
_ROWS_OF_A_COUNT = 20
_UNKNOWN = Reading("", "categorical", PLAIN["categorical"])


@dataclass(frozen=True)
class Schema:
    """How the columns of a table are read.

    Attributes
    ----------
    readings : dict of str to Reading
        How each column is read, by its name.
    missing : tuple of str
        Words and numbers that the user said are missing values.
    decisions : tuple of Decision
        What was decided, and why; not kept with a model.

    Examples
    --------
    >>> schema = Schema.of(pa.table({"price": ["$12.50", "-", "$80"], "sold": ["y", "n", "y"]}))
    >>> schema.notes
    ["column 'price': numbers in $: '$12.50' is 12.5; missing where it says '-' (1)"]
    >>> schema.read(pa.table({"price": ["$7", "soon"], "sold": ["Y", None]})).to_pydict()
    {'price': [7.0, None], 'sold': [True, None]}
    """

    readings: Mapping[str, Reading] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @classmethod
    def of(
        cls,
        table: pa.Table,
        options: ColumnOptions | None = None,
        targets: str | Sequence[str] = (),
        unread: Iterable[str] = (),
    ) -> Schema:
        """Decide how the columns of a table are read.

        Parameters
        ----------
        table : pyarrow.Table
            All rows; the values of a target are looked at for the target alone.
        options : ColumnOptions, optional
            What the user says.
        targets : str or sequence of str
            The columns to predict.
        unread : iterable of str
            Columns to leave as they are.

        Raises
        ------
        DataError
            If a column is declared to be what it is not; with ``strict``, if something is in doubt.
        ParameterError
            If a name is not one of a column.
        """
        options = ColumnOptions() if options is None else options
        names = (targets,) if isinstance(targets, str) else tuple(targets)
        known = set(table.column_names)
        for name in options.kinds:
            if name not in known:
                raise unknown_name("column", name, table.column_names)
        skipped = {*options.dropped(table.column_names), *unread, *names}
        read = [
            (name, cells)
            for name, cells in zip(table.column_names, table.columns, strict=True)
            if name not in skipped
        ]
        found = _together(read, options)
        found = [_without_count(one, table, one.name in options.kinds) for one in found]
        decimal = _common(decision.shows_decimal for decision in found)
        for name in dict.fromkeys(names):
            if name in known:
                profile = Profile.of(name, table.column(name), options)
                found.append(decide_target(replace(profile, decimal=decimal, is_target=True)))
        schema = cls({one.name: one.reading for one in found}, options.missing, tuple(found))
        if options.strict:
            schema._refuse_doubts()
        return schema

    @property
    def left_out(self) -> dict[str, str]:
        """The columns that are not used, and why."""
        return {one.name: one.left_out for one in self.decisions if one.left_out}

    @property
    def notes(self) -> list[str]:
        """What is to be said of the columns, a line each; of many that are alike, few."""
        alike: dict[str, list[str]] = {}
        for name, reason in self.left_out.items():
            alike.setdefault(reason, []).append(name)
        lines = []
        for one in self.decisions:
            names = alike.get(one.left_out, []) if not one.clauses and not one.doubts else []
            if len(names) < 2:
                lines += [one.line] if one.line else []
            elif names[0] == one.name:
                reason = one.left_out.replace("it has", "they have").replace("it is", "they are")
                lines.append(f"columns {listed(names)} are left out: {reason}")
        few = {one.name: one.few_whole for one in self.decisions if one.few_whole and not one.line}
        if few:
            lines.append(_few_whole(few))
        return condensed(lines)

    def read(self, table: pa.Table, findings: Findings | None = None) -> pa.Table:
        """Return a table with values in place of text, null where a cell says none.

        Columns that the schema does not know stay as they are, and so do those of values.

        Parameters
        ----------
        table : pyarrow.Table or pyarrow.RecordBatch
        findings : Findings, optional
            Where to note what cannot be read.
        """
        names, columns = table.schema.names, list(table.columns)
        as_they_are = {
            place for block in self.plain_blocks(names, columns, findings) for place in block.places
        }
        for place, name in enumerate(names):
            if place not in as_they_are:
                columns[place] = self.column(name, columns[place], findings)
        return pa.Table.from_arrays(columns, names=names)

    def column(
        self, name: str, cells: pa.ChunkedArray, findings: Findings | None = None
    ) -> pa.ChunkedArray:
        """Return the values of one column."""
        reading = self.readings.get(name)
        return cells if reading is None else reading.read(cells, self.missing, findings)

    def plain_blocks(
        self,
        names: Sequence[str],
        columns: Sequence[pa.ChunkedArray],
        findings: Findings | None = None,
    ) -> Iterator[NumberBlock]:
        """Yield the columns, in blocks, that are read as they are and leave nothing to note.

        Parameters
        ----------
        names : sequence of str
        columns : sequence of pyarrow.ChunkedArray
            The columns of these names.
        findings : Findings, optional
            Where something would be noted; without it, numbers may lie far from the table's.
        """
        readings = [self.readings.get(name, _UNKNOWN) for name in names]
        numbers = (
            (place, columns[place])
            for place, reading in enumerate(readings)
            if reading.is_plain and not self.missing
        )
        for block in number_blocks(numbers):
            if findings is None:
                yield block
                continue
            ends = zip(block.places, block.lowest.tolist(), block.highest.tolist(), strict=True)
            near = np.array([not readings[place].is_far(low, high) for place, low, high in ends])
            if near.any():
                yield block.only(near)

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` needs, ready for JSON."""
        readings = [reading.to_dict() for reading in self.readings.values()]
        return {"missing": list(self.missing), "readings": readings}

    @classmethod
    def from_dict(cls, value: object) -> Schema:
        """Return the schema that `to_dict` described; a `ModelFileError` if it is odd."""
        entries = checked.mapping(value, "the schema", ("missing", "readings"))
        found = [
            Reading.from_dict(one) for one in checked.items(entries["readings"], "the readings")
        ]
        readings = {reading.name: reading for reading in found}
        if len(readings) < len(found):
            raise checked.damaged("the schema has two columns of the same name")
        return cls(readings, checked.texts(entries["missing"], "the missing words"))

    def _refuse_doubts(self) -> None:
        doubtful = [one for one in self.decisions if one.doubts]
        if doubtful:
            more = f" (and {len(doubtful) - 1:,} more columns)" if len(doubtful) > 1 else ""
            first = doubtful[0]
            raise DataError(
                f"in doubt: column {shown(first.name)}: {'; '.join(first.doubts)}{more}"
            )


def _together(
    columns: Sequence[tuple[str, pa.ChunkedArray]], options: ColumnOptions
) -> list[Decision]:
    """Return the decisions: columns that leave no doubt decide the marks of those that do."""
    found = decide_plain(columns, options)
    profiles = {
        place: Profile.of(name, cells, options)
        for place, (name, cells) in enumerate(columns)
        if place not in found
    }
    found |= {place: decide(profile) for place, profile in profiles.items()}
    careful = [found[place] for place in profiles]
    decimal = _common(decision.shows_decimal for decision in careful)
    order = _common(decision.shows_order for decision in careful)
    if any(one.doubts for one in careful) and not any(one.shows_decimal for one in careful):
        all_columns = (Profile.of(name, cells, options) for name, cells in columns)
        decimal = "." if any(map(_has_decimals, all_columns)) else ""
    if decimal or order:
        for place, profile in profiles.items():
            decision = found[place]
            unclear = profile.is_text and not decision.shows_decimal and not decision.shows_order
            if unclear and decision.reading.kind in ("numeric", "date"):
                found[place] = decide(replace(profile, decimal=decimal, order=order))
    return [found[place] for place in range(len(columns))]


def _has_decimals(profile: Profile) -> bool:
    """Tell whether a column was typed as numbers with decimals, as their points show."""
    if not pa.types.is_floating(profile.plain.type):
        return False
    whole = pc.equal(pc.floor(profile.plain), profile.plain)
    return not pc.all(whole).as_py()


def _common(shown_by: Iterable[str]) -> str:
    """Return what all columns show that show anything, "" if they do not agree."""
    different = {text for text in shown_by if text}
    return different.pop() if len(different) == 1 else ""


def _without_count(decision: Decision, table: pa.Table, is_declared: bool) -> Decision:
    """Leave out a column that counts the rows, and has no name or one that says so."""
    name, reading = decision.name, decision.reading
    is_number = reading.kind == "numeric" and not decision.left_out
    if not is_number or not (is_unnamed(name) or names_a_number(name)) or is_declared:
        return decision
    values = reading.read(table.column(name))
    if values.null_count:
        return decision
    counted = values.to_numpy()
    if is_unnamed(name) and counts_by_one(counted):
        reason = f"it has no name and counts the rows (--kind {shown(name)}=number keeps it)"
    elif names_an_identifier(name) and _are_all_different(counted):
        reason = f"no number comes twice, as in an identifier (--kind {name}=number keeps it)"
    elif names_a_number(name) and len(counted) > _ROWS_OF_A_COUNT and (np.diff(counted) == 1).all():
        reason = f"it counts the rows (--kind {name}=number keeps it)"
    else:
        return decision
    return replace(decision, left_out=reason)


def _are_all_different(numbers: NDArray[np.float64]) -> bool:
    whole = (np.floor(numbers) == numbers).all()
    return bool(
        len(numbers) > _ROWS_OF_A_COUNT and whole and len(np.unique(numbers)) == len(numbers)
    )


def _few_whole(few: Mapping[str, tuple[int, int]]) -> str:
    names = list(few)
    if len(names) == 1:
        low, high = few[names[0]]
        return (
            f"column {shown(names[0])}: a few whole numbers, {low} to {high}, are taken as numbers "
            f"(--kind {names[0]}=category tells them apart as classes)"
        )
    return (
        f"columns {listed(names, 5)}: a few whole numbers each, taken as numbers (--kind "
        f"{names[0]}=category tells them apart as classes)"
    )
