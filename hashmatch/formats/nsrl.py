"""NSRL: the Reference Data Set of the US National Institute of Standards and Technology, version 2.

``NSRLFile.txt`` is CSV in latin-1, a file of known software a row::

    "SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"

It says what is harmless, so such a list can only allow. A file may stand in it once for each product that it came with,
and what one row calls malicious (``SpecialCode`` M), by either of its digests, is allowed by no other row, nor any
longer. It is tens of millions of rows long: what is said besides the two digests is not kept, and can be looked up in
the file by the SHA-1 that names each claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ..codes import digest_codes, read_hex
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
_ELSEWHERE = "another row says special code M: a malicious file, which an allow list must not hold"
_NAMELESS = "no SHA-1, which names each file"
_BESIDE_M = np.ones(256, dtype=np.bool_)
_BESIDE_M[ord("!") : ord("~") + 1] = False
_BESIDE_M[list(b'",')] = True
"""Bytes that may stand beside an M that is all of a cell."""

_Mask = npt.NDArray[np.bool_]
_Codes = npt.NDArray[np.bytes_]
"""``S20[n]``: SHA-1 digests, or ``S16[n]``: MD5 digests."""
_SIZES = {"sha1": 20, "md5": 16}


@dataclass(frozen=True)
class _Files:
    """Files of one block, in order of line."""

    lines: npt.NDArray[np.int64]
    sha1: pa.Array
    md5: pa.Array
    special: pa.Array
    rejects: tuple[RowError, ...]

    @classmethod
    def of(cls, lines: npt.NDArray[np.int64], cells: Iterable[pa.Array], rejects: tuple[RowError, ...]) -> _Files:
        """With cells of the columns that are read, as the file has them."""
        sha1, md5, special = map(pc.utf8_trim_whitespace, cells)
        return cls(lines, sha1, md5, special, rejects)

    @property
    def malicious(self) -> _Mask:
        """Which must not be allowed."""
        mask: _Mask = pc.equal(pc.utf8_upper(self.special), "M").to_numpy(zero_copy_only=False)
        return mask

    @property
    def named(self) -> _Mask:
        """Which have a SHA-1."""
        return self.has("sha1")

    def has(self, name: str) -> _Mask:
        """Which have a digest that is one, ``sha1`` or ``md5``."""
        digits = f"^[0-9A-Fa-f]{{{2 * _SIZES[name]}}}$"
        mask: _Mask = pc.match_substring_regex(getattr(self, name), digits).to_numpy(zero_copy_only=False)
        return mask

    def codes(self, name: str, chosen: _Mask) -> _Codes:
        """The digests of those that are chosen, all of which must have one."""
        digests = getattr(self, name).filter(pa.array(chosen))
        if isinstance(digests, pa.ChunkedArray):
            digests = digests.combine_chunks()
        if not len(digests):
            return np.zeros(0, dtype=f"S{_SIZES[name]}")
        codes, _ = read_hex(digest_codes(digests))
        return np.ascontiguousarray(codes).view(f"S{_SIZES[name]}").ravel()

    def within(self, name: str, codes: _Codes) -> _Mask:
        """Which have one of some digests."""
        found = np.zeros(len(self.lines), dtype=np.bool_)
        if len(codes):
            has = self.has(name)
            found[has] = np.isin(self.codes(name, has), codes)
        return found


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
        """A claim ``sha1:…`` with two hashes for each file; those that are malicious are withdrawn, and rejects.

        The file is read twice, as the row that calls a file malicious may come after others that do not.

        Raises:
            FormatError: If the first line does not name the columns.
        """
        malicious = _Malicious.of(source)
        blocks = Blocks(source)
        names = _header(blocks, source.name)
        struck = False
        while (block := blocks.block()) is not None:
            files = _files(block, names)
            yield from _chunks(files, malicious)
            struck = struck or bool(malicious.by_md5(files).any())
        if struck:
            # Last, so that it takes back what rows with another MD5 say of the same file, wherever these stand.
            yield from _taken_back(source, malicious)


@dataclass(frozen=True)
class _Malicious:
    """The files that any row calls malicious, by either of their digests."""

    sha1: _Codes
    md5: _Codes

    @classmethod
    def of(cls, source: Source) -> _Malicious:
        """Those of a release."""
        blocks = Blocks(source)
        found: dict[str, list[_Codes]] = {name: [np.zeros(0, dtype=f"S{size}")] for name, size in _SIZES.items()}
        names = _header(blocks, source.name)
        while (block := blocks.block()) is not None:
            if block.content is not None and _may_say_m(block.content):
                files = _files(block, names)
                for name, codes in found.items():
                    codes.append(files.codes(name, files.malicious & files.has(name)))
        return cls(*(np.unique(np.concatenate(codes)) for codes in found.values()))

    def by_md5(self, files: _Files) -> _Mask:
        """Which share nothing but the MD5: nothing else withdraws what stood of these."""
        return files.within("md5", self.md5) & ~files.within("sha1", self.sha1)


def _taken_back(source: Source, malicious: _Malicious) -> Iterator[RawRows]:
    """The withdrawals of files that share nothing but the MD5 with one that is malicious."""
    blocks = Blocks(source)
    names = _header(blocks, source.name)
    while (block := blocks.block()) is not None:
        files = _files(block, names)
        struck = files.named & malicious.by_md5(files)
        if struck.any():
            count = int(np.sum(struck))
            sha1 = files.sha1.filter(pa.array(struck))
            yield from _tables(files.lines[struck], sha1, pa.repeat("", count), np.ones(count, dtype=np.bool_))


def _may_say_m(content: bytes) -> bool:
    """Whether a cell may be an M: nearly every block of a release has none, and needs no second look."""
    characters = np.frombuffer(b"\n" + content + b"\n", dtype=np.uint8)
    places = np.flatnonzero((characters | 0x20) == ord("m"))
    return bool(np.any(_BESIDE_M[characters[places - 1]] & _BESIDE_M[characters[places + 1]]))


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
    return _Files.of(columns.lines, (columns.cells[names.index(name)] for name in NSRL_READ), rejects)


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
    columns = (pa.array([cells[place] for _, cells in rows], type=pa.string()) for place in places)
    return _Files.of(lines, columns, rejects)


def _ragged(line: int, cells: Sequence[str], names: Sequence[str]) -> RowError:
    return RowError(line, f"{len(cells)} cells where the header has {len(names)}")


def _chunks(files: _Files, malicious: _Malicious) -> Iterator[RawRows]:
    """The hashes of files, and what is taken back, in chunks that are not too long."""
    named, said = files.named, files.malicious
    elsewhere = (files.within("sha1", malicious.sha1) | files.within("md5", malicious.md5)) & ~said
    rejects = [
        *files.rejects,
        *_refused(files, said, _MALICIOUS),
        *_refused(files, elsewhere, _ELSEWHERE),
        *(RowError(line, _NAMELESS) for line in files.lines[~named & ~said & ~elsewhere].tolist()),
    ]
    taken = np.flatnonzero(named & ~elsewhere)
    place = pa.array(taken)
    tables = _tables(files.lines[taken], files.sha1.take(place), files.md5.take(place), said[taken])
    first = next(tables)
    yield RawRows(first.rows, tuple(sorted(rejects, key=lambda reject: reject.line)))
    yield from tables


def _tables(lines: npt.NDArray[np.int64], sha1: pa.Array, md5: pa.Array, gone: _Mask) -> Iterator[RawRows]:
    """What files say, at least one chunk and none too long."""
    for start in range(0, max(len(lines), 1), _SLICE):
        here = slice(start, start + _SLICE)
        yield RawRows(_table(lines[here], sha1[here], md5[here], gone[here]))


def _refused(files: _Files, refused: _Mask, reason: str) -> Iterator[RowError]:
    digests = (digests.filter(pa.array(refused)).to_pylist() for digests in (files.sha1, files.md5))
    named = files.named[refused].tolist()
    for line, sha1, md5, is_named in zip(files.lines[refused].tolist(), *digests, named, strict=True):
        yield RowError(line, reason, source_id=_shouted(f"sha1:{sha1}") if is_named else f"md5:{md5.lower()}")


def _shouted(source_id: str) -> str:
    """The id of a claim in another spelling, upper case behind the colon, or throughout if there is no letter there.

    A reject spares the claim that it names. These must not: what was allowed until now is withdrawn.
    """
    algorithm, _, digest = source_id.partition(":")
    return source_id.upper() if digest.isdigit() else f"{algorithm}:{digest.upper()}"


def _table(lines: npt.NDArray[np.int64], sha1: pa.Array, md5: pa.Array, gone: _Mask) -> pa.Table:
    """Both hashes of each file, one after the other; an MD5 that is not said is left out. A row of what is gone."""
    count = len(lines)
    both = np.arange(2 * count).reshape(2, count).T.ravel()
    second = pc.not_equal(md5, "").to_numpy(zero_copy_only=False) & ~gone
    both = both[np.append(np.ones(count, dtype=np.bool_), second)[both]]
    owner = both % max(count, 1)
    place, empty = pa.array(owner), gone[owner]
    said = {
        "line": pa.array(lines).take(place),
        "source_id": pc.binary_join_element_wise("sha1:", pc.utf8_lower(sha1), "").take(place),
        "algorithm": pa.array(["sha1", "md5"]).take(pa.array(both // max(count, 1), mask=empty)),
        "digest": pa.concat_arrays([sha1, md5]).take(pa.array(both, mask=empty)),
        "withdrawn": pa.array(empty, mask=~empty),
    }
    columns = [said.get(field.name, pa.nulls(len(both), field.type)) for field in RAW_SCHEMA]
    return pa.Table.from_arrays(columns, schema=RAW_SCHEMA)


NSRL = Nsrl()
