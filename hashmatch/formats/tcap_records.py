"""The records that both versions of TCAP's list are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from ..dates import parse_date
from ..errors import InvalidValue
from .base import ReadOptions
from .chunk import TOO_LONG, Chunk
from .fields import NAMELESS_DELETION, iso_date, truth
from .json_text import OBJECT, decode, text_of
from .layout import Layout
from .source import LINE_BYTES

FIELDS: Mapping[str, str] = {
    "hash_digest": "digest",
    "algorithm": "algorithm",
    "ideology": "ideology",
    "file_type": "file_type",
    "deleted": "withdrawn",
    "updated_on": "updated_at",
    "created_on": "created_at",
    "id": "source_id",
}
"""TCAP's name -> our field. Whatever else a record holds goes to ``extra``: fields were added without notice."""

_CREATED = "created_on"
"""How the service writes it is not documented. A hash is worth more than that date: one that cannot be read stays in
``extra``. A date of change that cannot be read costs the row, as an older word might pass for a newer one."""


class TcapRecords:
    """Makes rows of TCAP's records; layouts are made once for each set of keys."""

    def __init__(self, options: ReadOptions, *, have_ids: bool) -> None:
        """Nothing is read yet; ``have_ids`` says whether claims of the list are known by ids."""
        self._algorithms = options.algorithms
        self._have_ids = have_ids
        self._made: dict[tuple[bool, tuple[str, ...]], Layout] = {}

    def add(self, chunk: Chunk, number: int, raw: bytes | msgspec.Raw) -> None:
        """Add a record's row, or its reject, to the chunk."""
        claim: dict[str, str | None] = {}
        try:
            size = len(memoryview(raw))
            if size > LINE_BYTES:
                raise InvalidValue(TOO_LONG)
            record = decode(raw, OBJECT)
            layout = self._of(tuple(record), dated=_dated(record))
            cells = tuple(record.values())
            claim = layout.claim(cells)
            if self._have_ids and not (claim.get("source_id") or "").strip() and truth(record.get("deleted")):
                raise InvalidValue(NAMELESS_DELETION)
            chunk.add(layout.rows(number, cells), size)
        except InvalidValue as error:
            chunk.reject(number, str(error), **claim)

    def _of(self, names: tuple[str, ...], *, dated: bool) -> Layout:
        layout = self._made.get((dated, names))
        if layout is None:
            known = {name: field for name, field in FIELDS.items() if dated or name != _CREATED}
            at = {known[name]: position for position, name in enumerate(names) if name in known}
            layout = Layout(names, at, {}, self._algorithms)
            if len(self._made) < 64 and len(names) < 64:
                self._made[dated, names] = layout
        return layout


def _dated(record: dict[str, Any]) -> bool:
    """Whether the date of creation of a record can be read, if it has one; it is put into ISO 8601."""
    created = record.get(_CREATED)
    try:
        text = iso_date((text_of(created, _CREATED) or "").strip())
    except InvalidValue:
        return False
    if text and parse_date(text) is None:
        return False
    if isinstance(created, str):
        record[_CREATED] = text
    return True
