"""Checks: raw rows of any format in, rows fit for the log and reasons for the others out.

Whole columns at a time; only values that a column's fast way cannot take are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .algorithms import ALGORITHMS
from .claims import WORD_SCHEMA
from .dates import parse_dates
from .errors import InvalidValue
from .hashes import Codes, parse_digest
from .records import MediaType, Opinion, RowError, ShareLevel, check_list_name

Mask = npt.NDArray[np.bool_]

_CONTROL = r"[\x00-\x1f\x7f]"

LONGEST_ID = 4096
"""Characters in a claim's id."""

LONGEST_TEXT = 32_000
"""Bytes in a row's labels together, and in its ``extra``: a hostile list must not outgrow what a batch can hold."""

_SHARE_LEVELS = {level.value: level.value for level in ShareLevel} | {"white": "clear"}
_NIBBLES = np.full(256, 255, dtype=np.uint8)
for _digits in (b"0123456789abcdef", b"0123456789ABCDEF"):
    _NIBBLES[list(_digits)] = np.arange(16, dtype=np.uint8)


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


class _Chunk:
    """Raw rows while they are checked: the first thing wrong with a row is the reason that is kept."""

    def __init__(self, raw: pa.Table) -> None:
        self.raw = raw.combine_chunks()
        self.reasons: npt.NDArray[np.object_] = np.full(len(raw), None, dtype=object)
        self.withdrawn: Mask = self.raw.column("withdrawn").fill_null(False).to_numpy().astype(np.bool_)
        self.excused = self.withdrawn & self.text("source_id").is_valid().to_numpy(zero_copy_only=False)
        """Rows that withdraw a claim by its id: nothing but id, list and date matters then."""

    def text(self, name: str) -> pa.Array:
        """A column without blanks around its values; empty is null."""
        column = self.raw.column(name)
        if not len(column):
            return pa.array([], type=pa.string())
        trimmed = pc.utf8_trim_whitespace(column.chunk(0))
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed)

    def reject(self, bad: Mask, reason: str | Callable[[int], str], *, always: bool = False) -> None:
        """Give a reason to each bad row that has none yet; unless ``always``, only to rows that are not excused."""
        fresh = self.reasons == None  # noqa: E711 - elementwise
        for row in np.flatnonzero(bad & fresh & (always | ~self.excused)):
            self.reasons[row] = reason if isinstance(reason, str) else reason(int(row))


def check(raw: pa.Table, default_algorithm: str | None) -> Checked:
    """Check raw rows.

    Args:
        raw: In ``formats.base.RAW_SCHEMA``.
        default_algorithm: Of rows that do not name theirs.
    """
    chunk = _Chunk(raw)
    algorithm, ambiguous = _algorithms(chunk, default_algorithm)
    digest, quarantine = _digests(chunk, algorithm)
    source_id = _source_ids(chunk, algorithm, digest)
    columns = {
        "source_id": source_id,
        "algorithm": algorithm,
        "frame": _numbers(chunk, "frame", pa.int32(), -1, 2**31 - 1).fill_null(-1),
        "digest": digest,
        "media_type": _media_types(chunk),
        "timestamp": _numbers(chunk, "timestamp", pa.float32(), 0.0, 3.4e38),
        "quality": _numbers(chunk, "quality", pa.int16(), 0, 100),
        "labels": _labels(chunk),
        "opinion": _word(chunk, "opinion", {o.value: o.value for o in Opinion}).fill_null(Opinion.POSITIVE.value),
        "share_level": _word(chunk, "share_level", _SHARE_LEVELS),
        "created_at": _dates(chunk, "created_at"),
        "updated_at": _dates(chunk, "updated_at"),
        "expires_at": _dates(chunk, "expires_at"),
        "quarantine": quarantine,
        "extra": _extras(chunk),
    }
    lists = _lists(chunk)
    good = chunk.reasons == None  # noqa: E711 - elementwise
    rows = pa.table([columns[field.name] for field in WORD_SCHEMA], schema=WORD_SCHEMA)
    rejects = tuple(_rejects(chunk, source_id, lists))
    unclear = set(chunk.raw.column("line").filter(pa.array(ambiguous & ~good)).to_pylist())
    return Checked(
        rows=rows if good.all() else rows.filter(pa.array(good)),
        lists=lists.filter(pa.array(good)),
        withdrawn=chunk.withdrawn[good],
        rejects=rejects,
        ambiguous=next((reject for reject in rejects if reject.line in unclear), None),
        named=bool(chunk.text("algorithm").null_count < len(good)),
    )


def _rejects(chunk: _Chunk, source_id: pa.Array, lists: pa.Array) -> Iterator[RowError]:
    for row in np.flatnonzero(chunk.reasons != None).tolist():  # noqa: E711 - elementwise
        yield RowError(
            line=chunk.raw.column("line")[row].as_py(),
            reason=chunk.reasons[row],
            list=lists[row].as_py(),
            source_id=source_id[row].as_py(),
        )


def _algorithms(chunk: _Chunk, default: str | None) -> tuple[pa.Array, Mask]:
    """The algorithm of each row, null where it is not known; and whose length fits several."""
    named = pc.replace_substring_regex(pc.utf8_lower(chunk.text("algorithm")), "[-_ ]", "")
    digits = pc.utf8_length(chunk.text("digest")).fill_null(0).to_numpy(zero_copy_only=False)
    nameless = named.is_null().to_numpy(zero_copy_only=False)
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
    known = pc.is_in(named, pa.array(list(ALGORITHMS))).to_numpy(zero_copy_only=False)
    unknown = ~known & ~nameless
    named = pc.if_else(pa.array(unknown), None, pc.coalesce(named, pa.array(guessed, type=pa.string())))
    raw = chunk.text("algorithm")
    chunk.reject(unknown, lambda row: f"unknown algorithm {_shown(raw[row].as_py())}")
    chunk.reject(ambiguous, lambda row: ambiguous_reason(int(digits[row])))
    missing = named.is_null().to_numpy(zero_copy_only=False)
    chunk.reject(missing & (digits == 0), "no digest")
    chunk.reject(missing, lambda row: f"no algorithm is known whose digests have {int(digits[row])} characters")
    return named, ambiguous


def _lists(chunk: _Chunk) -> pa.Array:
    """The list that each row names, if it names one."""
    lists = chunk.text("list")
    reasons: dict[str, str] = {}
    for name in pc.unique(lists).drop_null().to_pylist():
        try:
            check_list_name(name)
        except InvalidValue as error:
            reasons[name] = str(error)
    bad = pc.and_(lists.is_valid(), pc.is_in(lists, pa.array(list(reasons), type=pa.string())))
    chunk.reject(bad.to_numpy(zero_copy_only=False), lambda row: reasons[lists[row].as_py()], always=True)
    return lists


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
            f"{_shown(source_id)} is no id: that is 1 to {LONGEST_ID} characters, none a control character"
        )
    return source_id


def _encodable(text: str, what: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(f"{_shown(text)} cannot be {what}: it is not Unicode") from None
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


def _digests(chunk: _Chunk, algorithm: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The digest of each row as bytes, and why it is quarantined; null where it cannot be read."""
    text = chunk.text("digest")
    digests: npt.NDArray[np.object_] = np.full(len(text), None, dtype=object)
    quarantine: npt.NDArray[np.object_] = np.full(len(text), None, dtype=object)
    unread: dict[int, str] = {}
    for name in pc.unique(algorithm).drop_null().to_pylist():
        mine = np.flatnonzero(pc.equal(algorithm, name).fill_null(False).to_numpy(zero_copy_only=False))
        codes, read, reasons = _decoded(text.take(pa.array(mine)), ALGORITHMS[name].size)
        unread.update((int(mine[row]), reason) for row, reason in reasons.items())
        digests[mine[read]] = [code.tobytes() for code in codes[read]]
        quarantine[mine[read]] = ALGORITHMS[name].degenerate(codes[read])
    bad = np.zeros(len(text), dtype=np.bool_)
    bad[list(unread)] = True
    chunk.reject(bad, unread.__getitem__)
    return pa.array(digests, type=pa.binary()), pa.array(quarantine, type=pa.string())


def _decoded(text: pa.Array, size: int) -> tuple[Codes, Mask, dict[int, str]]:
    """Digests as ``uint8[n, size]``, which could be read, and why not for the others."""
    codes = np.zeros((len(text), size), dtype=np.uint8)
    fitting = np.flatnonzero(pc.equal(pc.binary_length(text), 2 * size).fill_null(False).to_numpy(zero_copy_only=False))
    joined = b"".join(text.take(pa.array(fitting)).cast(pa.binary()).to_pylist())
    nibbles = _NIBBLES[np.frombuffer(joined, dtype=np.uint8)].reshape(len(fitting), 2 * size)
    valid = (nibbles < 16).all(axis=1)
    read = np.zeros(len(text), dtype=np.bool_)
    read[fitting[valid]] = True
    codes[fitting[valid]] = (nibbles[valid, 0::2] << 4) | nibbles[valid, 1::2]
    reasons: dict[int, str] = {}
    for row in np.flatnonzero(~read).tolist():
        try:
            codes[row] = np.frombuffer(parse_digest(text[row].as_py() or "", size), dtype=np.uint8)
            read[row] = True
        except InvalidValue as error:
            reasons[row] = str(error) if text[row].is_valid else "no digest"
    return codes, read, reasons


def _source_ids(chunk: _Chunk, algorithm: pa.Array, digest: pa.Array) -> pa.Array:
    """The partner's id, or where there is none ``algorithm:hex``."""
    own = chunk.text("source_id")
    nameless = own.is_null().to_numpy(zero_copy_only=False)
    made: npt.NDArray[np.object_] = np.full(len(own), None, dtype=object)
    made[nameless] = [
        None if name is None or code is None else f"{name}:{code.hex()}"
        for name, code in zip(
            algorithm.filter(pa.array(nameless)).to_pylist(), digest.filter(pa.array(nameless)).to_pylist(), strict=True
        )
    ]
    ids = pc.coalesce(own, pa.array(made, type=pa.string()))
    too_long = pc.greater(pc.utf8_length(ids), LONGEST_ID).fill_null(False).to_numpy(zero_copy_only=False)
    chunk.reject(too_long, f"the id is longer than {LONGEST_ID} characters", always=True)
    unprintable = pc.match_substring_regex(ids, _CONTROL).fill_null(False).to_numpy(zero_copy_only=False)
    chunk.reject(unprintable, "the id holds control characters", always=True)
    return ids


def _numbers(chunk: _Chunk, name: str, kind: pa.DataType, low: float, high: float) -> pa.Array:
    """A column of numbers from ``low`` to ``high``, inclusive."""
    text = chunk.text(name)
    whole = pa.types.is_integer(kind)
    shape = r"^[+-]?\d{1,18}(\.0+)?$" if whole else r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"
    shaped = pc.match_substring_regex(text, shape)
    numbers = pc.if_else(shaped, text, None).cast(pa.float64())
    inside = pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high)).fill_null(False)
    chunk.reject(
        pc.and_(text.is_valid(), pc.invert(inside)).to_numpy(zero_copy_only=False),
        lambda row: f"{_shown(text[row].as_py())} is not a {name} ({_range(low, high, whole)})",
    )
    return pc.if_else(inside, numbers, None).cast(kind, safe=False)


def _range(low: float, high: float, whole: bool) -> str:
    return f"from {low:g} to {high:g}" if whole and high < 1000 else f"a number from {low:g} up"


def _media_types(chunk: _Chunk) -> pa.Array:
    """One of our four; a MIME type counts by its first half, and what we do not know is unknown."""
    kind = pc.replace_substring_regex(pc.utf8_lower(chunk.text("media_type")), "/.*", "")
    known = pc.is_in(kind, pa.array([media.value for media in MediaType]))
    return pc.if_else(known, kind, MediaType.UNKNOWN.value).fill_null(MediaType.UNKNOWN.value)


def _word(chunk: _Chunk, name: str, words: Mapping[str, str]) -> pa.Array:
    """A column that holds words of a fixed set."""
    text = chunk.text(name)
    place = pc.index_in(pc.replace_substring_regex(pc.utf8_lower(text), "^tlp:", ""), pa.array(list(words)))
    found = pa.array(list(words.values())).take(place)
    chunk.reject(
        pc.and_(text.is_valid(), found.is_null()).to_numpy(zero_copy_only=False),
        lambda row: f"{_shown(text[row].as_py())} is no {name.replace('_', ' ')} ({', '.join(words)})",
    )
    return found


def _dates(chunk: _Chunk, name: str) -> pa.Array:
    text = chunk.text(name)
    dates, bad = parse_dates(text)
    chunk.reject(bad, lambda row: f"{_shown(text[row].as_py())} is not a date ({name})", always=name == "updated_at")
    return dates


def _labels(chunk: _Chunk) -> pa.Array:
    """Labels without blanks around them, each once, sorted."""
    stated = chunk.raw.column("labels").to_pylist()
    tidy = [sorted({label.strip() for label in labels or () if label and label.strip()}) for labels in stated]
    bad = np.fromiter((any(not label.isprintable() for label in labels) for labels in tidy), np.bool_, len(tidy))
    chunk.reject(bad, "a label holds control characters")
    long = np.fromiter(
        (sum(len(label.encode()) for label in labels) > LONGEST_TEXT for labels in tidy), np.bool_, len(tidy)
    )
    chunk.reject(long, f"its labels are longer than {LONGEST_TEXT} bytes")
    return pa.array(tidy, type=pa.list_(pa.string()))


def _extras(chunk: _Chunk) -> pa.Array:
    """Canonical JSON objects: keys sorted, no blanks; ``{}`` where nothing was said."""
    column = chunk.text("extra")
    if column.null_count == len(column):
        return pa.array(["{}"] * len(column), type=pa.string())
    canonical: list[str] = []
    bad = np.zeros(len(column), dtype=np.bool_)
    for row, text in enumerate(column.to_pylist()):
        try:
            fields = msgspec.json.decode(text) if text is not None else {}
            bad[row] = not isinstance(fields, dict)
            canonical.append("{}" if bad[row] else msgspec.json.encode(fields, order="sorted").decode())
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            bad[row] = True
            canonical.append("{}")
    chunk.reject(bad, "extra is not a JSON object")
    long = np.fromiter((len(text.encode()) > LONGEST_TEXT for text in canonical), np.bool_, len(canonical))
    chunk.reject(long, f"its unknown fields are longer than {LONGEST_TEXT} bytes")
    return pa.array(canonical, type=pa.string())


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
