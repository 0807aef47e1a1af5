"""python-threatexchange's ``threatexchange dataset --print-signals --csv``: what it fetched, from all collaborations.

::

    signal_type,signal_str,collab,category,tags
    pdq,d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,Sample,POSITIVE_CLASS,group:example
    vpdq,"[""d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22,100,0.0""]",Sample,POSITIVE_CLASS,
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ..errors import FormatError, InvalidValue
from ..hashes import parse_digest
from ..records import Opinion
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk, Row
from .csv_rows import read_rows, split
from .fields import extra_of, normal_name
from .signal_types import is_video_signal, read_signal_type
from .source import Source
from .threatexchange_tags import read_tags
from .vpdq_frames import read_signal, signal_rows

_NEEDED = frozenset({"signal_type", "signal_str", "category"})
_KNOWN = _NEEDED | {"tags"}
_MOST_COLUMNS = 100

_OPINIONS = {
    "POSITIVE_CLASS": Opinion.POSITIVE.value,
    "INVESTIGATION_SEED": Opinion.SEED.value,
    "NEGATIVE_CLASS": Opinion.NEGATIVE.value,
    "DISPUTED": Opinion.DISPUTED.value,
}


class PytxDataset(ListFormat):
    """The CSV of python-threatexchange's dataset command."""

    name = "pytx-dataset"
    suffix = ".csv"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line names the columns."""
        line = next(iter(source.head_lines), b"").decode(errors="replace")
        return {normal_name(cell) for cell in split(line, ",")} >= _NEEDED

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The rows; ``line`` is the first line of each. What one collaboration says of a hash is a claim of its own.

        Raises:
            FormatError: If the first line does not name the columns.
        """
        chunk = Chunk(source.name, self.name)
        rows = read_rows(source.lines(whole=True), ",")
        number, header, reason = next(rows, (1, None, "it is empty"))
        columns = [normal_name(cell) for cell in header or ()]
        if not _are_columns(header or (), columns):
            what = reason or f"its first line does not name {', '.join(sorted(_NEEDED))}, and each column once"
            raise FormatError(f"{source.name} is not in the format {self.name}: line {number}: {what}")
        chunk.in_form = True
        for number, cells, reason in rows:
            try:
                if cells is None:
                    raise InvalidValue(reason)
                chunk.add(_rows(number, columns, cells, options.algorithms), sum(map(len, cells)))
            except InvalidValue as error:
                chunk.reject(number, str(error))
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()


def _are_columns(header: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether a header can be one; where lines end in CR alone the whole file looks like a header."""
    once = len(columns) == len(set(columns)) <= _MOST_COLUMNS
    return once and _NEEDED.issubset(columns) and not any("\r" in cell for cell in header)


def _rows(number: int, columns: Sequence[str], cells: Sequence[str], algorithms: Mapping[str, int]) -> list[Row]:
    """The row of one signal; a row for each frame of one that is a video.

    Raises:
        InvalidValue: If it is no hash that is known here, or none at all, or its category is none of the four.
    """
    if len(cells) != len(columns):
        raise InvalidValue(f"{len(cells)} cells where the header has {len(columns)}")
    record = dict(zip(columns, map(str.strip, cells), strict=True))
    if is_video_signal(record["signal_type"]):
        return _video(number, record)
    algorithm, media_type = read_signal_type(record["signal_type"], algorithms)
    if not record["signal_str"]:
        raise InvalidValue("no hash")
    labels, media_type = read_tags(record.get("tags", "").split(), media_type)
    row = (
        number,
        None,
        _source_id(record, algorithm, algorithms[algorithm]),
        algorithm,
        record["signal_str"],
        None,
        media_type,
        None,
        None,
        labels,
        _opinion(record["category"]),
        *[None] * 5,
        _extra(record),
    )
    return [row]


def _video(number: int, record: Mapping[str, str]) -> list[Row]:
    """The rows of a signal of a video.

    Raises:
        InvalidValue: If it is none, or its category is none of the four.
    """
    return signal_rows(
        number,
        read_signal(record["signal_str"]),
        source=record.get("collab"),
        labels=read_tags(record.get("tags", "").split(), None)[0],
        opinion=_opinion(record["category"]),
        extra=_extra(record),
    )


def _extra(record: Mapping[str, str]) -> str | None:
    return extra_of({column: cell for column, cell in record.items() if column not in _KNOWN and cell})


def _source_id(record: Mapping[str, str], algorithm: str, size: int) -> str | None:
    """What names a claim: else what two collaborations say of one hash would be taken for one.

    The hash in it is in lower-case hexadecimal, so that it is the same claim however the hash is written next time.

    Raises:
        InvalidValue: If the hash cannot be read: then the row must not name a claim that nobody made.
    """
    collab = record.get("collab")
    return f"{collab}:{algorithm}:{parse_digest(record['signal_str'], size).hex()}" if collab else None


def _opinion(category: str) -> str:
    opinion = _OPINIONS.get(category.upper())
    if opinion is None:
        raise InvalidValue(f"{category[:60]!r} is no category ({', '.join(_OPINIONS)})")
    return opinion


PYTX_DATASET = PytxDataset()
