"""NSRL: the Reference Data Set of the US National Institute of Standards and Technology, version 2.

``NSRLFile.txt`` is CSV in latin-1, a file of known software a row::

    "SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"

It says what is harmless, so such a list can only allow. It is tens of millions of rows long: what is said besides the
two digests is not kept, and can be looked up in the file by the SHA-1 that names each claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import FormatError
from ..records import Mode, Role, RowError
from .base import RAW_SCHEMA, ListFormat, RawRows, ReadOptions
from .blocks import Blocks
from .chunk import CHUNK_ROWS, TOO_LONG
from .csv_blocks import CsvBlock
from .csv_rows import read_rows, split
from .fields import squeezed
from .nsrl_header import NSRL_READ, is_nsrl
from .source import Block, Source

_MOST_COLUMNS = 100
_SLICE = CHUNK_ROWS // 2
"""Files in one chunk: each has two hashes."""
_HEADER_LINES = 1000
"""Most lines among which the header must stand; those before it are blank."""
_MALICIOUS = "special code M: a malicious file, which an allow list must not hold"


@dataclass(frozen=True)
class _Files:
    """Files of one block, in order of line."""

    lines: npt.NDArray[np.int64]
    sha1: pa.Array
    md5: pa.Array
    special: pa.Array
    rejects: tuple[RowError, ...]


class Nsrl(ListFormat):
    """NSRL's Reference Data Set, version 2; an allow list."""

    name = "nsrl"
    mode = Mode.REPLACE
    role = Role.ALLOW
    suffix = ".txt"

    def recognises(self, source: Source, algorithms: Collection[str]) -> bool:
        """Whether its first line names the columns."""
        return is_nsrl(_cells(next(iter(source.head_lines), b"")))

    def read(self, source: Source, options: ReadOptions) -> Iterator[RawRows]:
        """A claim ``sha1:…`` with two hashes for each file; those that are malicious are rejects.

        Raises:
            FormatError: If the first line does not name the columns.
        """
        blocks = Blocks(source)
        names = _header(blocks, source.name)
        while (block := blocks.block()) is not None:
            yield from _chunks(_files(block, names))


def _cells(line: bytes) -> list[str]:
    return split(line.decode("latin-1"), ",")


def _header(blocks: Blocks, file: str) -> list[str]:
    """The names of the columns, as ``squeezed`` writes them."""
    for _ in range(_HEADER_LINES):
        line = blocks.line()
        if line is None or line[1] is None:
            break
        if line[1].strip():
            names = [squeezed(cell) for cell in _cells(line[1])]
            if not set(names).issuperset(NSRL_READ) or len(names) > _MOST_COLUMNS:
                break
            return names
    raise FormatError(f"{file} is not in the format nsrl: its first line does not name SHA-1, MD5 and SpecialCode")


def _files(block: Block, names: Sequence[str]) -> _Files:
    """The files of a block: as whole columns if it is plain CSV, else row by row."""
    if block.content is None:
        return _of_rows([], names, (RowError(block.number, TOO_LONG),))
    content = block.content if block.content.isascii() else block.content.decode("latin-1").encode()
    whole = CsvBlock(Block(block.number, content, block.count))
    columns = whole.columns(",", (pa.string(),) * len(names))
    if columns is None:
        return _one_by_one(block, content, names)
    ragged = ((line, whole.line(line).decode().strip("\r\n")) for line in columns.ragged.tolist())
    rejects = tuple(_ragged(line, split(text, ","), names) for line, text in ragged if text.strip())
    sha1, md5, special = (columns.cells[names.index(name)] for name in NSRL_READ)
    return _Files(columns.lines, sha1, md5, special, rejects)


def _one_by_one(block: Block, content: bytes, names: Sequence[str]) -> _Files:
    rejects: list[RowError] = []
    rows: list[tuple[int, list[str]]] = []
    lines = [line + b"\n" for line in content.removesuffix(b"\n").split(b"\n")]
    for line, cells, reason in read_rows(enumerate(lines, start=block.number), ","):
        if cells is None:
            rejects.append(RowError(line, reason))
        elif len(cells) != len(names):
            rejects.append(_ragged(line, cells, names))
        else:
            rows.append((line, cells))
    return _of_rows(rows, names, tuple(rejects))


def _of_rows(rows: Sequence[tuple[int, list[str]]], names: Sequence[str], rejects: tuple[RowError, ...]) -> _Files:
    lines = np.array([line for line, _ in rows], dtype=np.int64)
    places = [names.index(name) for name in NSRL_READ]
    sha1, md5, special = (pa.array([cells[place] for _, cells in rows], type=pa.string()) for place in places)
    return _Files(lines, sha1, md5, special, rejects)


def _ragged(line: int, cells: Sequence[str], names: Sequence[str]) -> RowError:
    return RowError(line, f"{len(cells)} cells where the header has {len(names)}")


def _chunks(files: _Files) -> Iterator[RawRows]:
    """The hashes of files, in chunks that are not too long."""
    sha1, md5, special = (pc.utf8_trim_whitespace(column) for column in (files.sha1, files.md5, files.special))
    malicious = pc.equal(pc.utf8_upper(special), "M").to_numpy(zero_copy_only=False)
    nameless = ~pc.match_substring_regex(sha1, "^[0-9A-Fa-f]{40}$").to_numpy(zero_copy_only=False)
    rejects = [
        *files.rejects,
        *_malicious(files.lines[malicious], md5.filter(pa.array(malicious))),
        *(RowError(line, "no SHA-1, which names each file") for line in files.lines[nameless & ~malicious].tolist()),
    ]
    good = np.flatnonzero(~malicious & ~nameless)
    noted = tuple(sorted(rejects, key=lambda reject: reject.line))
    for start in range(0, max(len(good), 1), _SLICE):
        taken = pa.array(good[start : start + _SLICE])
        yield RawRows(_table(files.lines[taken], sha1.take(taken), md5.take(taken)), noted if start == 0 else ())


def _malicious(lines: npt.NDArray[np.int64], md5: pa.Array) -> Iterator[RowError]:
    for line, digest in zip(lines.tolist(), md5.to_pylist(), strict=True):
        # A reject spares the claim that it names. This one must not: what was allowed until now is withdrawn.
        yield RowError(line, _MALICIOUS, source_id=f"md5:{digest.lower()}")


def _table(lines: npt.NDArray[np.int64], sha1: pa.Array, md5: pa.Array) -> pa.Table:
    """Both hashes of each file, one after the other; an MD5 that is not said is left out."""
    count = len(lines)
    both = np.arange(2 * count).reshape(2, count).T.ravel()
    both = both[np.append(np.ones(count, dtype=np.bool_), pc.not_equal(md5, "").to_numpy(zero_copy_only=False))[both]]
    place, owner = pa.array(both), pa.array(both % max(count, 1))
    said = {
        "line": pa.array(lines).take(owner),
        "source_id": pc.binary_join_element_wise("sha1:", pc.utf8_lower(sha1), "").take(owner),
        "algorithm": pa.array(["sha1", "md5"]).take(pa.array(both // max(count, 1))),
        "digest": pa.concat_arrays([sha1, md5]).take(place),
    }
    columns = [said.get(field.name, pa.nulls(len(both), field.type)) for field in RAW_SCHEMA]
    return pa.Table.from_arrays(columns, schema=RAW_SCHEMA)


NSRL = Nsrl()
