"""ThreatExchange's tag-query files, ``simple.HASH_PDQ.te``: what the older clients keep of a privacy group.

::

    indicator,first_descriptor_id,added_on,labels
    d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,3058061737574159,2020-07-31T18:47:45+0000,a b

The clients write no header, though copies with one go around. Hasher-matcher-actioner puts the indicator's id
second. The type of all hashes is in the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from ..errors import FormatError, InvalidValue
from ..records import Opinion
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk, Row
from .csv_rows import read_rows, split
from .fields import extra_of, normal_name
from .signal_types import read_signal_type
from .source import Source
from .threatexchange_tags import read_tags

_COLUMNS = {
    4: ("indicator", "first_descriptor_id", "added_on", "labels"),
    5: ("indicator", "indicator_id", "first_descriptor_id", "added_on", "labels"),
}
"""The columns by their number: those of the older clients, and those of hasher-matcher-actioner."""

_OTHER_NAMES = {"hash": "indicator", "descriptor_id": "first_descriptor_id", "timestamp": "added_on", "tags": "labels"}
_TYPE = re.compile(r"(?:^|\.)([a-z0-9_]+)\.te$", re.IGNORECASE)
_HASH = re.compile(r"[0-9A-Fa-f]{8,}")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT")
_MINE = "mine"
"""In place of a date, where the opinion is that of whoever fetched the file."""

_OPINIONS = {
    "true_positive": Opinion.POSITIVE.value,
    "false_positive": Opinion.NEGATIVE.value,
    "disputed": Opinion.DISPUTED.value,
}
"""What the clients' own tags say."""


class TagQuery(ListFormat):
    """Tag-query files, with or without a header."""

    name = "tag-query"
    suffix = ".te"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line names these columns, or holds a hash, ids and a date in their places.

        So is a file that by its name holds something else than hashes: ``read`` says what.
        """
        if source.head.strip() and _says_other(source.name, algorithms):
            return True
        cells = [cell.strip() for cell in split(next(iter(source.head_lines), b"").decode(errors="replace"), ",")]
        if len(cells) not in _COLUMNS:
            return False
        if _header(cells):
            return True
        ids, added_on = cells[1:-2], cells[-2]
        dated = added_on == _MINE or bool(_DATE.match(added_on))
        return dated and all(map(str.isdecimal, ids)) and bool(_HASH.fullmatch(cells[0]))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows; ``line`` is the first line of each.

        Raises:
            FormatError: If nothing is in form, or by its name the file holds something else than hashes.
        """
        algorithm, media_type = _kind(source.name, options.algorithms)
        chunk = Chunk(source.name, self.name)
        columns: Sequence[str] = ()
        for number, cells, reason in read_rows(source.lines(whole=True), ","):
            if cells is None:
                chunk.reject(number, reason)
            elif not columns and (named := _header(cells)):
                columns, chunk.in_form = named, True
            else:
                columns = columns or _COLUMNS.get(len(cells), ())
                record = dict(zip(columns, map(str.strip, cells)))  # noqa: B905 - told apart just below
                try:
                    if len(cells) != len(columns):
                        raise InvalidValue(f"{len(cells)} cells, where {len(columns) or '4 or 5'} are meant")
                    chunk.add([_row(number, record, algorithm, media_type)], sum(map(len, cells)))
                except InvalidValue as error:
                    chunk.reject(number, str(error), source_id=record.get("indicator_id"))
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    """The columns, in our spelling, if a row names them."""
    names = [normal_name(cell) for cell in cells]
    names = [_OTHER_NAMES.get(name, name) for name in names]
    expected = _COLUMNS.get(len(cells), ())
    return tuple(names) if set(names) == set(expected) else ()


def _kind(file: str, algorithms: Collection[str]) -> tuple[str | None, str | None]:
    """Algorithm and media type that the name of a file says, if it does."""
    named = _TYPE.search(file.removesuffix(".gz"))
    if not named or not named[1].upper().startswith("HASH_"):
        return None, None
    try:
        return read_signal_type(named[1], algorithms)
    except InvalidValue as error:
        raise FormatError(f"{file} cannot be matched against: {error}") from None


def _says_other(file: str, algorithms: Collection[str]) -> bool:
    """Whether the name of a file says a type that is no kind of hash that is known here."""
    try:
        _kind(file, algorithms)
    except FormatError:
        return True
    return False


def _row(number: int, record: dict[str, str], algorithm: str | None, media_type: str | None) -> Row:
    """The row of one indicator.

    Raises:
        InvalidValue: If it has no hash.
    """
    if not record["indicator"]:
        raise InvalidValue("no hash")
    tags = set(record["labels"].split())
    said = {_OPINIONS[tag] for tag in tags & _OPINIONS.keys()}
    opinion = said.pop() if len(said) == 1 else Opinion.DISPUTED.value if said else None
    labels, media_type = read_tags(tags - _OPINIONS.keys(), media_type)
    created_at = record["added_on"]
    extra = {"first_descriptor_id": record["first_descriptor_id"]}
    if created_at == _MINE:
        created_at, extra["added_on"] = "", _MINE
    return (
        number,
        None,
        record.get("indicator_id"),
        algorithm,
        record["indicator"],
        None,
        media_type,
        None,
        None,
        labels,
        opinion,
        None,
        created_at,
        None,
        None,
        None,
        extra_of({key: value for key, value in extra.items() if value}),
    )


TAG_QUERY = TagQuery()
