"""Checks: raw rows of any format in, rows fit for the log and reasons for the others out.

Whole columns at a time; only values that a column's fast way cannot take are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .cells import (
    LONGEST_TEXT,
    Cells,
    Mask,
    by_place,
    chosen_words,
    dates,
    extras,
    labels,
    media_types,
    numbers,
    shown,
    valid,
)
from .codes import digest_codes, digest_column, hex_column, read_hex
from .errors import InvalidValue
from .hashes import Codes, parse_digest
from .records import Opinion, RowError, ShareLevel, check_list_name
from .texts import bytes_of, decoded, offsets_of
from .texts import places as places_of
from .word_rows import WORD_SCHEMA

__all__ = ["LONGEST_ID", "LONGEST_TEXT", "Checked", "ambiguous_reason", "check", "check_id", "check_settings", "sizes"]

_CONTROL = r"[\x00-\x1f\x7f]"

LONGEST_ID = 4096
"""Characters in a claim's id."""

_OPINIONS = {opinion.value: opinion.value for opinion in Opinion}
_SHARE_LEVELS = {level.value: level.value for level in ShareLevel} | {"white": "clear"}


@dataclass(frozen=True)
class Checked:
    """A chunk of rows, checked."""

    rows: pa.Table
    """The good ones, in ``WORD_SCHEMA``."""
    lists: pa.Array
    """For each good row the list that it names, or null."""
    withdrawn: Mask
    """Which good rows take their claim back."""
    rejects: tuple[RowError, ...]
    ambiguous: RowError | None
    """The first reject that names no algorithm, its length fitting several."""
    named: bool
    """Whether any row names its algorithm."""


def check(raw: pa.Table, default_algorithm: str | None) -> Checked:
    """Check raw rows.

    Args:
        raw: As ``formats.base.RawRows.rows`` has them.
        default_algorithm: Of rows that do not name theirs.
    """
    cells = Cells(raw)
    algorithm, ambiguous = _algorithms(cells, default_algorithm)
    digest, quarantine, read = _digests(cells, algorithm)
    source_id = _source_ids(cells, algorithm, digest, read)
    columns = {
        "source_id": source_id,
        "algorithm": algorithm,
        "frame": numbers(cells, "frame", pa.int32(), -1, 2**31 - 1).fill_null(-1),
        "digest": _taken_back(cells, digest),
        "media_type": media_types(cells),
        "timestamp": numbers(cells, "timestamp", pa.float32(), 0.0, 3.4e38),
        "quality": numbers(cells, "quality", pa.int16(), 0, 100),
        "labels": labels(cells),
        "opinion": chosen_words(cells, "opinion", _OPINIONS, Opinion.POSITIVE.value),
        "share_level": chosen_words(cells, "share_level", _SHARE_LEVELS),
        "created_at": dates(cells, "created_at"),
        "updated_at": dates(cells, "updated_at"),
        "expires_at": dates(cells, "expires_at"),
        "quarantine": quarantine,
        "extra": extras(cells),
    }
    lists = _lists(cells)
    good = np.ones(len(cells), dtype=np.bool_)
    good[list(cells.reasons)] = False
    rows = pa.table([columns[field.name] for field in WORD_SCHEMA], schema=WORD_SCHEMA)
    rejects = tuple(_rejects(cells, source_id, lists))
    unclear = set(cells.column("line").filter(pa.array(ambiguous & ~good)).to_pylist()) if rejects else ()
    if rejects:
        rows, lists = rows.filter(pa.array(good)), lists.filter(pa.array(good))
    return Checked(
        rows=rows,
        lists=lists,
        withdrawn=cells.withdrawn[good],
        rejects=rejects,
        ambiguous=next((reject for reject in rejects if reject.line in unclear), None),
        named=any(name is not None for name in cells.distinct("algorithm")[0]),
    )


def _rejects(cells: Cells, source_id: pa.Array, lists: pa.Array) -> Iterator[RowError]:
    for row, reason in sorted(cells.reasons.items()):
        yield RowError(
            line=cells.column("line")[row].as_py(),
            reason=reason,
            list=lists[row].as_py(),
            source_id=source_id[row].as_py(),
        )


def _algorithms(cells: Cells, default: str | None) -> tuple[pa.DictionaryArray, Mask]:
    """The algorithm of each row, null where it is not known; and whose length fits several."""
    values, where = cells.distinct("algorithm")
    stated = [None if value is None else re.sub("[-_ ]", "", value.lower()) for value in values]
    known = [name if name in ALGORITHMS else None for name in stated]
    unknown = np.array([name is not None and name not in ALGORITHMS for name in stated])[where]
    named = by_place(where, known)
    cells.reject(unknown, lambda row: f"unknown algorithm {shown(str(values[where[row]]))}")
    nameless = where == len(values) - 1
    if not nameless.any():
        return named, nameless
    digits = _digits(cells)
    guessed, ambiguous = _guessed(cells, digits, nameless, default)
    named = pc.coalesce(decoded(named), guessed).dictionary_encode()
    cells.reject(ambiguous, lambda row: ambiguous_reason(int(digits[row])))
    missing = ~valid(named) & ~unknown
    cells.reject(missing & (digits == 0), "no digest")
    cells.reject(missing, lambda row: f"no algorithm is known whose digests have {int(digits[row])} characters")
    return named, ambiguous


def _digits(cells: Cells) -> npt.NDArray[np.int64]:
    """How many characters each digest has, or would have in hexadecimal; 0 where there is none."""
    column = decoded(cells.column("digest"))
    if pa.types.is_binary(column.type):
        lengths = pc.multiply(pc.binary_length(column), 2)
    else:
        lengths = pc.utf8_length(cells.text("digest"))
    counted: npt.NDArray[np.int64] = lengths.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return counted


def _guessed(cells: Cells, digits: npt.NDArray[np.int64], nameless: Mask, default: str | None) -> tuple[pa.Array, Mask]:
    """The algorithm of nameless rows by the length of their digests, and whose length fits several."""
    ambiguous = np.zeros(len(nameless), dtype=np.bool_)
    guessed: npt.NDArray[np.object_] = np.full(len(nameless), None, dtype=object)
    for length in np.unique(digits[nameless]).tolist():
        fitting = [name for name, size in sizes().items() if length and 2 * size == length]
        here = nameless & (digits == length)
        if len(fitting) == 1 or (fitting and default in fitting):
            guessed[here] = fitting[0] if len(fitting) == 1 else default
        elif fitting:
            ambiguous |= here
        else:
            # Base64, or a slip: the user's word tells it apart, and the digest is checked by it.
            guessed[here] = default if length else None
    if default is not None:
        # A length may be that of another algorithm in hexadecimal, where this is not: base32 of a SHA-1, say.
        guessed[nameless & ~ambiguous & ~_hexadecimal(cells) & (digits > 0)] = default
    return pa.array(guessed, type=pa.string()), ambiguous


def _hexadecimal(cells: Cells) -> Mask:
    """Which digests are bytes, or nothing but hexadecimal digits."""
    column = decoded(cells.column("digest"))
    if pa.types.is_binary(column.type):
        return np.ones(len(column), dtype=np.bool_)
    mask: Mask = (
        pc.match_substring_regex(cells.text("digest"), "^[0-9A-Fa-f]+$").fill_null(False).to_numpy(zero_copy_only=False)
    )
    return mask


def _lists(cells: Cells) -> pa.Array:
    """The list that each row names, if it names one."""
    values, where = cells.distinct("list")
    reasons: dict[int, str] = {}
    for place, name in enumerate(values):
        try:
            check_list_name(name or "none")
        except InvalidValue as error:
            reasons[place] = str(error)
    bad = np.isin(where, list(reasons)) if reasons else np.zeros(len(where), dtype=np.bool_)
    cells.reject(bad, lambda row: reasons[int(where[row])], always=True)
    return pa.array(values, type=pa.string()).take(pa.array(where))


def ambiguous_reason(digits: int) -> str:
    """Why hexadecimal of that many digits needs its algorithm named."""
    fitting = [name for name, size in sizes().items() if 2 * size == digits]
    return f"{digits} hexadecimal digits may be {', '.join(fitting[:-1])} or {fitting[-1]}: name the algorithm"


def sizes() -> Mapping[str, int]:
    """Every algorithm, with the size of its digests in bytes."""
    return {name: ALGORITHMS[name].size for name in ALGORITHMS}


def check_id(text: str) -> str:
    """An id that people give, without blanks around it.

    Raises:
        InvalidValue: If no claim can have it.
    """
    source_id = _encodable(text.strip(), "an id")
    if not source_id or len(source_id) > LONGEST_ID or re.search(_CONTROL, source_id):
        raise InvalidValue(
            f"{shown(source_id)} is no id: that is 1 to {LONGEST_ID} characters, none a control character"
        )
    return source_id


def _encodable(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{shown(text)} cannot be {what}: it is not Unicode") from None
    return text


def check_settings(stated: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that are stated, by the names of ``ListSettings``, if they fit what we know; releases in our spelling.

    Raises:
        UnknownName: If there is no such algorithm.
        InvalidValue: If a released hash is none, or a text is not Unicode.
    """
    for name in ("partner", "checkpoint"):
        _encodable(stated.get(name) or "", f"the {name} of a list")
    for column in stated.get("columns", {}).values():
        _encodable(column, "the name of a column")
    named = {stated.get("algorithm"), *stated.get("radius", ())} - {None}
    for name in sorted(named):
        ALGORITHMS[name]
    releases = {(name, parse_digest(text, ALGORITHMS[name].size).hex()) for name, text in stated.get("releases", ())}
    return {**stated, **({"releases": frozenset(releases)} if "releases" in stated else {})}


def _digests(cells: Cells, algorithm: pa.DictionaryArray) -> tuple[pa.Array, pa.DictionaryArray, Mask]:
    """The digest of each row as bytes, why it is quarantined, and which could be read; else they are null."""
    column = decoded(cells.column("digest"))
    if not pa.types.is_binary(column.type):
        column = cells.text("digest")
    parts, reasons, places = [pa.nulls(1, pa.binary())], [pa.nulls(1, pa.string())], [np.zeros(0, dtype=np.int64)]
    where = places_of(algorithm)
    for place, name in enumerate(algorithm.dictionary.to_pylist()):
        mine = np.flatnonzero(where == place)
        text = column if len(mine) == len(column) else column.take(pa.array(mine))
        codes, read, unread = _decoded(text, ALGORITHMS[name].size)
        bad = np.zeros(len(column), dtype=np.bool_)
        bad[mine[list(unread)]] = True
        why = {int(mine[row]): reason for row, reason in unread.items()}
        cells.reject(bad, why.__getitem__)
        codes = codes if read.all() else codes[read]
        parts.append(digest_column(codes))
        reasons.append(pa.array(ALGORITHMS[name].degenerate(codes), type=pa.string()))
        places.append(mine[read])
    rows = np.concatenate(places)
    # Row 0 of what was gathered is null: that of rows whose digest could not be read.
    source = np.zeros(len(column), dtype=np.int64)
    source[rows] = np.arange(1, len(rows) + 1)
    joined, held = pa.concat_arrays(parts), pa.concat_arrays(reasons).dictionary_encode()
    if len(rows) == len(column) and np.array_equal(rows, np.arange(len(rows))):
        return joined.slice(1), held.slice(1), source > 0
    return joined.take(pa.array(source)), held.take(pa.array(source)), source > 0


def _taken_back(cells: Cells, digest: pa.Array) -> pa.Array:
    """The digests; empty where a row takes one back that cannot be read: without any it would take back them all."""
    unread = pc.and_(pa.array(cells.withdrawn), pc.is_null(digest))
    if not pc.any(unread).as_py():
        return digest
    column = decoded(cells.column("digest"))
    said = column if pa.types.is_binary(column.type) else cells.text("digest")
    return pc.if_else(pc.and_(unread, pc.is_valid(said)), pa.scalar(b"", pa.binary()), digest)


def _decoded(column: pa.Array, size: int) -> tuple[Codes, Mask, dict[int, str]]:
    """Digests as ``uint8[n, size]``, which could be read, and why not for the others."""
    binary = pa.types.is_binary(column.type)
    length = size if binary else 2 * size
    lengths = pc.binary_length(column).fill_null(0).to_numpy(zero_copy_only=False)
    read = lengths == length
    fitting = column if read.all() else column.filter(pa.array(read))
    characters = digest_codes(fitting) if len(fitting) else np.zeros((0, length), dtype=np.uint8)
    if binary:
        found, good = characters, np.ones(len(characters), dtype=np.bool_)
    else:
        found, good = read_hex(characters)
    if len(found) == len(column) and good.all():
        return found, read, {}
    codes = np.zeros((len(column), size), dtype=np.uint8)
    codes[read] = found
    read[np.flatnonzero(read)[~good]] = False
    reasons: dict[int, str] = {}
    for row in np.flatnonzero(~read).tolist():
        value = column[row].as_py()
        try:
            if not value:
                raise InvalidValue("no digest")
            digest = _raw(value, size) if isinstance(value, bytes) else parse_digest(value, size)
            codes[row], read[row] = np.frombuffer(digest, dtype=np.uint8), True
        except InvalidValue as error:
            reasons[row] = str(error)
    return codes, read, reasons


def _raw(digest: bytes, size: int) -> bytes:
    if len(digest) != size:
        raise InvalidValue(f"a digest of {len(digest)} bytes, where {size} are meant")
    return digest


def _source_ids(cells: Cells, algorithm: pa.DictionaryArray, digest: pa.Array, read: Mask) -> pa.Array:
    """The partner's id, or where there is none ``algorithm:hex``."""
    ids = cells.text("source_id")
    nameless = ~valid(ids)
    if nameless.any():
        ids = pc.coalesce(ids, _made_ids(algorithm, digest, nameless & read))
    if ids.null_count == len(ids):
        return ids
    content, offsets = bytes_of(ids), offsets_of(ids)
    written = content[offsets[0] : offsets[-1]]
    if int(np.diff(offsets).max()) > LONGEST_ID:
        too_long = pc.greater(pc.utf8_length(ids), LONGEST_ID).fill_null(False).to_numpy(zero_copy_only=False)
        cells.reject(too_long, f"the id is longer than {LONGEST_ID} characters", always=True)
    if ((written < 0x20) | (written == 0x7F)).any():
        unprintable = pc.match_substring_regex(ids, _CONTROL).fill_null(False).to_numpy(zero_copy_only=False)
        cells.reject(unprintable, "the id holds control characters", always=True)
    return ids


def _made_ids(algorithm: pa.DictionaryArray, digest: pa.Array, made: Mask) -> pa.Array:
    """``algorithm:hex`` of some rows; null for the others."""
    rows = np.flatnonzero(made)
    texts, order = [pa.nulls(1, pa.string())], [np.zeros(0, dtype=np.int64)]
    names = algorithm.take(pa.array(rows))
    for name in names.unique().to_pylist():
        here = rows[pc.equal(names, name).to_numpy(zero_copy_only=False)]
        texts.append(pc.binary_join_element_wise(name, hex_column(digest.take(pa.array(here))), ":"))
        order.append(here)
    place = np.zeros(len(made), dtype=np.int64)
    place[np.concatenate(order)] = np.arange(1, len(rows) + 1)
    return pa.concat_arrays(texts).take(pa.array(place))
