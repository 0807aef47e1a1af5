"""What a list format is: a file in, raw rows out; records in, a file out.

A format knows only how a list is *written*: where a row begins, what a partner's fields are called,
which words they use. Whether a digest has the right length, what a date means, which words win, is
decided once for all formats, in ``importing``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, ClassVar

import pyarrow as pa

from ..errors import FormatError
from ..records import SCHEMA, ListSettings, Mode, Role, RowError
from .source import Source

RAW_SCHEMA = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("list", pa.string()),
        pa.field("source_id", pa.string()),
        pa.field("algorithm", pa.string()),
        pa.field("digest", pa.string()),
        pa.field("frame", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("timestamp", pa.string()),
        pa.field("quality", pa.string()),
        pa.field("labels", pa.list_(pa.string())),
        pa.field("opinion", pa.string()),
        pa.field("share_level", pa.string()),
        pa.field("created_at", pa.string()),
        pa.field("updated_at", pa.string()),
        pa.field("expires_at", pa.string()),
        pa.field("withdrawn", pa.bool_()),
        pa.field("extra", pa.string()),
    ]
)
"""A row as the file has it, under our names, not yet checked: text as it stands there.

``line`` counts from 1 (records, in a format that is one document). Null, or a blank, is "not said".
Dates are ISO 8601 or seconds since 1970; numbers are decimal text. ``algorithm`` is in our spelling
where the format has its own (``HASH_PDQ`` -> ``pdq``), else as it stands. ``withdrawn`` marks a row that
takes its claim (or, without an id, its hash) back. ``extra`` is a JSON object of the fields that we do
not know, in the canonical form of ``json_text.canonical``, or null.

Where the file itself is typed a column may have the type that it has in a record instead (``SCHEMA``), numbers
and dates any width of it; and any column may be dictionary-encoded.
"""


def is_raw(schema: pa.Schema) -> bool:
    """Whether a table has the columns of ``RAW_SCHEMA``, in that order, each of a type that it may have."""
    return schema.names == RAW_SCHEMA.names and all(_may_be(field.name, field.type) for field in schema)


def _may_be(name: str, kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if kind == RAW_SCHEMA.field(name).type:
        return True
    if name not in SCHEMA.names:
        return False
    typed = SCHEMA.field(name).type
    alike = (pa.types.is_integer, pa.types.is_floating, pa.types.is_timestamp, pa.types.is_binary)
    return any(test(kind) and test(typed) for test in alike)


@dataclass(frozen=True)
class ReadOptions:
    """What the user, or the list's settings, say about a file."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our field -> the column of the file that holds it."""
    algorithms: Mapping[str, int] = field(default_factory=dict)
    """Every algorithm that is known, with the size of its digests in bytes."""
    algorithm: str | None = None
    """That of hashes which do not name theirs, if the user says."""
    source_id: str | None = None
    """That of the claim that the file is, if the user says; only for formats of which ``one_claim`` holds."""

    def of_ours(self) -> ReadOptions:
        """The same for a file that we wrote: its columns have our names, whatever those of the partner's files are."""
        return replace(self, columns={})


@dataclass(frozen=True)
class RawRows:
    """A chunk of a file: some tens of thousands of rows at most, so that memory stays bounded."""

    rows: pa.Table
    """The columns of ``RAW_SCHEMA``, in that order; ``is_raw`` of its schema."""
    rejects: tuple[RowError, ...] = ()
    """Rows that could not even be read, with the id of their claim where it can be told."""
    headers: tuple[Mapping[str, object], ...] = ()
    """What the file says about lists: JSON objects with the keys of ``ListSettings.to_json`` that it
    states; ``name`` is absent where it speaks of the one list that it is."""


class ListFormat(ABC):
    """One way in which partners write lists. Implementations are stateless."""

    name: ClassVar[str]
    """As it is given with ``--format``."""

    mode: ClassVar[Mode | None] = None
    """How such files speak about their list; None: the format cannot know, the user says."""

    row_is_word: ClassVar[bool] = False
    """True for feeds, where each row is a word of its own (of several on one id the newest wins); False
    where all rows of one id in a file are one word."""

    role: ClassVar[Role | None] = None
    """The only role that a list in this format may have; None: either."""

    one_claim: ClassVar[bool] = False
    """True where a file is one claim, which the user may name."""

    binary: ClassVar[bool] = False
    """True where the file is not text."""

    suffix: ClassVar[str]
    """Usual ending of such files, with the dot."""

    losses: ClassVar[frozenset[str]] = frozenset()
    """Columns of a record that a file in this format cannot carry when we write it."""

    @abstractmethod
    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether the beginning of the file looks like this format. Reads only ``source.head``.

        Args:
            source: The file.
            algorithms: Every algorithm that is known: names that may stand in such a file.
        """

    def recognises_columns(self, source: Source, columns: Collection[str]) -> bool:
        """Whether the file, which looks like no format, begins as this one does, with names that the user maps.

        Args:
            source: The file; only ``source.head`` is read.
            columns: Names that the user says columns of the file have; not empty.
        """
        return False

    @abstractmethod
    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """The file's rows, chunk by chunk, in the file's order.

        A row that cannot be read becomes a reject and the next row goes on.

        Raises:
            FormatError: If the file is not in this format at all.
        """

    def write(
        self,
        tables: Iterable[pa.Table],
        settings: Mapping[str, ListSettings],
        sink: BinaryIO,
        cut: Collection[str],
    ) -> None:
        """Write records.

        Args:
            tables: Records in ``SCHEMA``, chunk by chunk, grouped by list.
            settings: Of each list that occurs, by name.
            sink: Where to; not closed.
            cut: The lists of which claims were left out, so that the file is not the whole of them.

        Raises:
            FormatError: If this format is only read.
        """
        raise FormatError(f"the format {self.name!r} is read, not written")
