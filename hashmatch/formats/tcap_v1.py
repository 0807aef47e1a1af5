"""TCAP version 1: the daily file, a JSON array of hashes without ids, each time the whole list."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec
import pyarrow as pa

from ..errors import FormatError
from ..records import ListSettings, MediaType, Mode
from .base import ListFormat, RawRows, ReadOptions
from .blocking import harmful, refuse_allow_lists
from .chunk import Chunk
from .fields import ideology_label, media_type_of
from .json_document import read_document
from .json_keys import record_keys
from .json_text import OBJECT, decode
from .source import Source
from .tcap_records import TcapRecords
from .written import WRITTEN, written_columns

_IDEOLOGY = "ideology:"


class TcapV1(ListFormat):
    """TCAP's daily file."""

    name = "tcap-v1"
    mode = Mode.REPLACE
    suffix = ".json"
    losses = frozenset(WRITTEN) - {"algorithm", "digest", "media_type"}

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it is an array that begins with a hash of TCAP's without id."""
        keys = record_keys(source.head)
        return source.head.lstrip()[:1] == b"[" and "hash_digest" in keys and not keys & {"id", "updated_on"}

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records, numbered from 1."""
        if source.head.lstrip()[:1] != b"[":
            raise FormatError(f"{source.name} is not in the format {self.name}: it is no JSON array")
        chunk = Chunk(source.name, self.name)
        records = TcapRecords(options, have_ids=False)
        for number, raw in enumerate(read_document(source), start=1):
            records.add(chunk, number, raw)
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()

    def write(
        self, tables: Iterable[pa.Table], settings: Mapping[str, ListSettings], sink: BinaryIO, cut: Collection[str]
    ) -> None:
        """Write an object per record: hash, algorithm, type of file, and the first ideology.

        Negative records are left out: whoever read the file would block what they say is harmless.

        Raises:
            FormatError: If a list allows what it holds.
        """
        refuse_allow_lists(settings, self.name)
        encoder = msgspec.json.Encoder()
        separator = b"[\n"
        for table in tables:
            for batch in harmful(table).to_batches(max_chunksize=32_768):
                for entry in _entries(batch):
                    sink.write(separator + encoder.encode(entry))
                    separator = b",\n"
        sink.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def _entries(batch: pa.RecordBatch) -> Iterator[dict[str, str]]:
    """The objects of a batch of records."""
    columns = written_columns(batch)
    names = ("digest", "algorithm", "labels", "media_type", "extra")
    for digest, algorithm, labels, media_type, extra in zip(*(columns[name] for name in names), strict=True):
        entry = {"hash_digest": digest, "algorithm": algorithm.upper()}
        if ideology := _ideology(labels):
            entry["ideology"] = ideology
        if file_type := _file_type(media_type, extra):
            entry["file_type"] = file_type
        yield entry


def _ideology(labels: Sequence[str]) -> str | None:
    """The first ideology among labels, in TCAP's spelling: ``Far-Right``."""
    names = (label.removeprefix(_IDEOLOGY).title() for label in labels if label.startswith(_IDEOLOGY))
    return next((name for name in names if ideology_label(name) in labels), None)


def _file_type(media_type: str, extra: str) -> str | None:
    """The ending that the partner gave, if it tells the media type; else the media type itself, which is read too."""
    stated = decode(extra.encode(), OBJECT).get("file_type") if "file_type" in extra else None
    if isinstance(stated, str) and (media_type_of(stated) or MediaType.UNKNOWN.value) == media_type:
        return stated
    return None if media_type == MediaType.UNKNOWN.value else media_type


TCAP_V1 = TcapV1()
