"""Layout: which cell of a record holds which of our fields, and the rows that it makes."""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping, Sequence

from ..errors import InvalidValue
from .base import RAW_SCHEMA
from .chunk import Row
from .fields import (
    DIGESTS,
    algorithm_name,
    extra_of,
    find_fields,
    find_wide,
    hash_of,
    ideology_label,
    labels_of,
    media_type_of,
    truth,
    unclear_withdrawal,
)
from .json_text import OBJECT, Unreadable, decode, text_of

SCALARS = (
    "list",
    "source_id",
    "algorithm",
    "digest",
    "frame",
    "media_type",
    "timestamp",
    "quality",
    "opinion",
    "share_level",
    "created_at",
    "updated_at",
    "expires_at",
    "file_type",
    "ideology",
)
"""Fields of one value each, in the order in which a layout gives them."""
_WITHDRAWAL = ("list", "source_id", "updated_at")
_NOT_SAID = -1
"""Position of the None that is put behind every record."""

FIELDS = (*SCALARS, "labels", "withdrawn", "extra")
"""Every field that a column can be said to hold; besides, a column can hold hashes of one algorithm."""


class Layout:
    """How the cells of records with the same names are to be read.

    A record is the sequence of its cells: text, or whatever JSON has. None is "not said".
    """

    def __init__(
        self,
        names: Sequence[str],
        at: Mapping[str, int],
        wide: Mapping[int, str],
        algorithms: Collection[str],
        unclear: str | None = None,
    ) -> None:
        """A layout.

        Args:
            names: Of the cells, in order, each once.
            at: Our field (one of ``FIELDS``) -> position of its cell.
            wide: Position -> algorithm, of cells that hold a hash of the algorithm they are named after.
            algorithms: Every algorithm that is known.
            unclear: Why no record of this layout can be read, if the names leave open what it says.
        """
        self.at = at
        self.unclear = unclear
        self.wide = wide
        self.algorithms = algorithms
        self._scalars = operator.itemgetter(*(at.get(field, _NOT_SAID) for field in SCALARS))
        self._labels = at.get("labels", _NOT_SAID)
        self._withdrawn = at.get("withdrawn", _NOT_SAID)
        self._extra = at.get("extra", _NOT_SAID)
        self._claim = {field: at[field] for field in ("list", "source_id") if field in at}
        self._wide = tuple(wide.items())
        taken = {*at.values(), *wide}
        self.unknown = tuple((name, position) for position, name in enumerate(names) if position not in taken)
        """Name and position of each cell that goes to ``extra``."""
        self.has_hashes = "digest" in at or bool(wide)
        """Whether a record can hold a hash at all."""

    def rows(self, line: int, cells: Sequence[object]) -> list[Row]:
        """The rows of one record: one for each of its hashes, or one that takes its claim back.

        Of a record that withdraws by an id nothing but the id, the list and the date has to be right.

        Raises:
            InvalidValue: If a cell cannot be what it should be, there is neither a hash nor a withdrawal, or the
                layout is unclear.
        """
        if self.unclear:
            raise InvalidValue(self.unclear)
        cells = (*cells, None)
        try:
            return self._rows(line, cells)
        except InvalidValue:
            row = self._withdrawal(line, cells)
            if row is None:
                raise
            return [row]

    def _rows(self, line: int, cells: Sequence[object]) -> list[Row]:
        (list_, source_id, algorithm, digest, frame, media_type, timestamp, quality, *rest) = (
            cell if cell is None or cell.__class__ is str else _text_of(cell, field)
            for cell, field in zip(self._scalars(cells), SCALARS)  # noqa: B905 - as many by construction
        )
        opinion, share_level, created_at, updated_at, expires_at, file_type, ideology = rest
        labels = labels_of(cells[self._labels])
        if ideology:
            labels = [*(labels or ()), ideology_label(ideology)]
        withdrawn = truth(cells[self._withdrawn])
        extra = self._unknown_fields(cells)
        if file_type:
            extra["file_type"] = file_type
        if media_type or file_type:
            media_type = _media_type(media_type, file_type, extra)
        said = (
            labels,
            opinion,
            share_level,
            created_at,
            updated_at,
            expires_at,
            withdrawn,
            extra_of(extra),
        )
        hashes = self._hashes(cells, algorithm, digest)
        if not withdrawn and not any(text for _, text in hashes):
            raise InvalidValue("no hash")
        return [
            (line, list_, source_id, name, text, frame, media_type, timestamp, self._quality(name, quality), *said)
            for name, text in hashes
        ]

    def _withdrawal(self, line: int, cells: Sequence[object]) -> Row | None:
        """The row of a record that withdraws by an id, with nothing but what matters then; None for other records."""
        said = {field: text_of(cells[self.at.get(field, _NOT_SAID)], field) for field in _WITHDRAWAL}
        if not (said["source_id"] or "").strip() or not truth(cells[self._withdrawn]):
            return None
        known: dict[str, object] = {"line": line, "withdrawn": True, **said}
        return tuple(map(known.get, RAW_SCHEMA.names))

    def claim(self, cells: Sequence[object]) -> dict[str, str | None]:
        """List and id that a record speaks of, where they can be read: the arguments of a reject."""
        found: dict[str, str | None] = {}
        for field, position in self._claim.items():
            cell = cells[position] if position < len(cells) else None
            found[field] = None if isinstance(cell, dict | list | Unreadable) else text_of(cell, field)
        return found

    def _hashes(
        self, cells: Sequence[object], algorithm: str | None, digest: str | None
    ) -> list[tuple[str | None, str | None]]:
        """Algorithm and digest of each hash; of none, where there is none."""
        hashes: list[tuple[str | None, str | None]] = []
        for position, name in self._wide:
            text = hash_of(cells[position], name)
            if text:
                hashes.append((name, text))
        if digest or not hashes:
            hashes.append((algorithm_name(algorithm, self.algorithms) if algorithm else None, digest))
        return hashes

    def _quality(self, algorithm: str | None, quality: str | None) -> str | None:
        """The quality of a hash: it belongs to the picture's, not to digests that stand beside it."""
        return None if self._wide and algorithm in DIGESTS else quality

    def _unknown_fields(self, cells: Sequence[object]) -> dict[str, object]:
        """The fields that we do not know, by name."""
        extra: dict[str, object] = {}
        own = cells[self._extra]
        if isinstance(own, str):
            extra = decode(own.encode(), OBJECT) if own.startswith("{") else {"extra": own}
        elif isinstance(own, dict):
            extra = dict(own)
        elif isinstance(own, Unreadable):
            raise InvalidValue(own.reason)
        elif own is not None:
            raise InvalidValue("extra is something else than an object")
        for name, position in self.unknown:
            cell = cells[position]
            if isinstance(cell, Unreadable):
                raise InvalidValue(cell.reason)
            if cell is not None:
                extra[name] = cell
        return extra


class Layouts:
    """The layouts of JSON objects, by their keys, made on first use."""

    def __init__(self, columns: Mapping[str, str], algorithms: Collection[str]) -> None:
        """Layouts for objects whose fields are recognised by name, or as ``columns`` says.

        Raises:
            InvalidValue: If ``columns`` maps something that is no field of ours.
        """
        check_columns(columns, algorithms)
        self.columns = columns
        self._algorithms = algorithms
        self._made: dict[tuple[str, ...], Layout] = {}

    def of(self, names: tuple[str, ...]) -> Layout:
        """The layout of objects with these keys, in this order."""
        layout = self._made.get(names)
        if layout is None:
            stated = {field: names.index(column) for field, column in self.columns.items() if column in names}
            layout = find_layout(names, stated, self._algorithms)
            if len(names) <= 256:
                # Strangers decide how many different sets of keys there are; these many are kept.
                if len(self._made) >= 256:
                    self._made.clear()
                self._made[names] = layout
        return layout


def check_columns(columns: Mapping[str, str], algorithms: Collection[str]) -> None:
    """Raise InvalidValue unless every key is a field of ours or an algorithm."""
    for field in columns:
        if field not in FIELDS and field not in algorithms:
            raise InvalidValue(f"there is no field {field!r}; choose from {', '.join(FIELDS)}, or an algorithm")


def find_layout(names: Sequence[str], stated: Mapping[str, int], algorithms: Collection[str]) -> Layout:
    """The layout of cells with these names.

    Args:
        names: Of the cells, in order, each once.
        stated: What is known beforehand: a field of ``FIELDS``, or an algorithm -> position of its cell.
        algorithms: Every algorithm that is known.
    """
    spoken_for = set(stated.values())
    found = {field: position for field, position in find_fields(names).items() if position not in spoken_for}
    at = found | {field: position for field, position in stated.items() if field in FIELDS}
    wide = {position: name for position, name in find_wide(names, algorithms).items() if position not in at.values()}
    wide |= {position: field for field, position in stated.items() if field not in FIELDS}
    if "digest" not in at and "algorithm" not in stated:
        # Beside columns that are named after algorithms, "type" means something else.
        at.pop("algorithm", None)
    unclear = None if "withdrawn" in stated else unclear_withdrawal(names)
    return Layout(names, at, wide, algorithms, unclear)


def _text_of(cell: object, field: str) -> str | None:
    return hash_of(cell, field) if field == "digest" else text_of(cell, field)


def _media_type(text: str | None, file_type: str | None, extra: dict[str, object]) -> str | None:
    """The media type in our words; what ours cannot say (``image/png``) goes to ``extra``."""
    if not text:
        return media_type_of(file_type or "") or "unknown"
    known = media_type_of(text)
    if known and known != text.lower():
        extra["media_type"] = text
    return known or text
