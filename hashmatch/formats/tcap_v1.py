"""TCAP version 1: the daily file, a JSON array of hashes without ids, each time the whole list."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..errors import FormatError
from ..records import Mode
from .base import ListFormat, RawRows, ReadOptions
from .chunk import Chunk
from .json_document import first_keys, read_document
from .source import Source
from .tcap_records import TcapRecords


class TcapV1(ListFormat):
    """TCAP's daily file."""

    name = "tcap-v1"
    mode = Mode.REPLACE
    suffix = ".json"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether it is an array that begins with a hash of TCAP's without id."""
        keys = first_keys(source.head)
        return source.head.lstrip()[:1] == b"[" and "hash_digest" in keys and not keys & {"id", "updated_on"}

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The records, numbered from 1."""
        if source.head.lstrip()[:1] != b"[":
            raise FormatError(f"{source.name} is not in the format {self.name}: it is no JSON array")
        chunk = Chunk(source.name, self.name)
        records = TcapRecords(options)
        for number, raw in enumerate(read_document(source), start=1):
            records.add(chunk, number, raw)
            if chunk.full:
                yield chunk.take()
        yield chunk.finish()


TCAP_V1 = TcapV1()
