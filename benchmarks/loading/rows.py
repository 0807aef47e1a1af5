"""Rows of a list that nobody shares: each follows from a seed and its number, so that any few can be drawn again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hashmatch.hashes import Codes

from .shapes import Shape

EXTRA_BYTES = 250
"""Of the JSON object that a row of a shape with ``extra`` has beside what we know."""

SCHEMA = pa.schema(
    [
        pa.field("source_id", pa.string()),
        pa.field("algorithm", pa.string()),
        pa.field("digest", pa.string()),
        pa.field("media_type", pa.string()),
        pa.field("labels", pa.list_(pa.string())),
        pa.field("created_at", pa.timestamp("us", tz="UTC")),
        pa.field("updated_at", pa.timestamp("us", tz="UTC")),
        pa.field("extra", pa.string()),
    ]
)
"""Of rows that have everything; rows of a shape without ``extra`` have all but the last column."""

Numbers = npt.NDArray[np.int64]

_IDEOLOGIES = ("far-left", "far-right", "islamist", "nationalist", "other", "unknown")
_BEHAVIOURS = ("attack-footage", "incitement", "manual", "propaganda", "recruitment")
_LABELS = [
    [f"behaviour:{behaviour}", f"ideology:{ideology}"][-count:]
    for count in (1, 2)
    for behaviour in _BEHAVIOURS
    for ideology in _IDEOLOGIES
]
_WORDS = (
    "account another blocked channel checked closing comment contact content context copying display flagged forward "
    "history message network ongoing partner pending picture profile removed renamed several shorter similar trimmed "
    "updated visible warning website"
)
_VOCABULARY = np.frombuffer(_WORDS.encode() + b" ", dtype=np.uint8).reshape(32, 8)
_HEX = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint8).reshape(256, 2)
_NOTE = 12
"""Words of a note."""

_EXTRA = (b'{"case":"', b'","note":"', b'","review":"', b'","url":"https://example.org/', b'"}')
_FIRST = 1_514_764_800
"""The first second in which a row is created: 2018 begins."""
_FIRST_ID = 10_000_000
_DAY, _YEAR = 86_400, 31_536_000

_IDS, _CODES, _FLIPS, _TEXTS, _DATES = range(5)


def draw(shape: Shape, seed: int, numbers: Numbers, edition: int = 0) -> pa.Table:
    """The rows of those numbers, in ``SCHEMA``.

    Args:
        shape: What each has.
        seed: At least 0.
        numbers: ``int64[n]``, from 0.
        edition: Rows of one number have one id; all else differs from edition to edition, and a later one is dated
            later.

    Returns:
        ids, PDQ hashes with 128 ones, one or two labels, dates in whole seconds, and canonical JSON objects of
        ``EXTRA_BYTES`` if the shape has them.
    """
    dates = _drawn(seed, _DATES, edition, numbers, 3)
    created = (_FIRST + dates[:, 0] % np.uint64(_YEAR)).astype(np.int64)
    updated = created + (dates[:, 1] % np.uint64(_YEAR)).astype(np.int64) + _DAY + 3 * _YEAR * edition
    labels = pa.array(_LABELS, type=SCHEMA.field("labels").type)
    columns = [
        _ids(shape, seed, numbers),
        pa.array(["pdq"]).take(pa.array(np.zeros(len(numbers), np.int8))),
        _hex(codes_of(seed, numbers, edition)),
        pa.array(["image"]).take(pa.array(np.zeros(len(numbers), np.int8))),
        labels.take(pa.array((dates[:, 2] % np.uint64(len(_LABELS))).astype(np.int64))),
        pa.array(created * 1_000_000).cast(SCHEMA.field("created_at").type),
        pa.array(updated * 1_000_000).cast(SCHEMA.field("updated_at").type),
    ]
    if shape.extra:
        columns.append(_extras(_bytes_of(_drawn(seed, _TEXTS, edition, numbers, 8))))
    return pa.table(columns, schema=pa.schema(list(SCHEMA)[: len(columns)]))


def codes_of(seed: int, numbers: Numbers, edition: int = 0) -> Codes:
    """The PDQ hashes of those rows as bytes: ``uint8[n, 32]``, each with 128 ones as a photo's has."""
    codes = _bytes_of(_drawn(seed, _CODES, edition, numbers, 4))
    ones = np.bitwise_count(codes).sum(axis=1).astype(np.int64)
    turn = 0
    while len(rows := np.flatnonzero(ones != 128)):
        bits = (_drawn(seed, _FLIPS + 8 * turn, edition, numbers[rows], 1)[:, 0] % np.uint64(256)).astype(np.int64)
        masks = (128 >> (bits & 7)).astype(np.uint8)
        is_one = codes[rows, bits >> 3] & masks != 0
        chosen = is_one == (ones[rows] > 128)
        codes[rows[chosen], bits[chosen] >> 3] ^= masks[chosen]
        ones[rows[chosen]] += np.where(is_one[chosen], -1, 1)
        turn += 1
    return codes


def _ids(shape: Shape, seed: int, numbers: Numbers) -> pa.Array:
    if shape.long_ids:
        return _hex(_bytes_of(_drawn(seed, _IDS, 0, numbers, 4)))
    return pa.array(_FIRST_ID + numbers).cast(pa.string())


def _drawn(seed: int, purpose: int, edition: int, numbers: Numbers, count: int) -> npt.NDArray[np.uint64]:
    """``uint64[n, count]``: splitmix64 (Steele, Lea, Flood 2014), whose n-th number needs none of those before it."""
    key = np.random.SeedSequence([seed, purpose, edition]).generate_state(1, np.uint64)
    places = numbers.astype(np.uint64)[:, None] * np.uint64(count) + np.arange(count, dtype=np.uint64)
    mixed: npt.NDArray[np.uint64] = key + (places + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def _bytes_of(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint8]:
    """The same on every machine: the lowest byte first."""
    return words.astype("<u8").view(np.uint8)


def _hex(rows: npt.NDArray[np.uint8]) -> pa.Array:
    return _texts(_digits(rows))


def _digits(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return _HEX[rows].reshape(len(rows), 2 * rows.shape[1])


def _extras(drawn: npt.NDArray[np.uint8]) -> pa.Array:
    """Objects of four fields, from 64 random bytes each."""
    words = _VOCABULARY[drawn[:, :_NOTE] & 31].reshape(len(drawn), _NOTE * 8)[:, :-1]
    case = _digits(drawn[:, 12:19])[:, :13]
    parts = (case, words, _digits(drawn[:, 20:40]), _digits(drawn[:, 40:60]))
    columns: list[npt.NDArray[np.uint8]] = []
    for fixed, part in zip(_EXTRA, parts, strict=False):
        columns += [_repeated(fixed, len(drawn)), part]
    return _texts(np.concatenate([*columns, _repeated(_EXTRA[-1], len(drawn))], axis=1))


def _repeated(text: bytes, count: int) -> npt.NDArray[np.uint8]:
    return np.broadcast_to(np.frombuffer(text, dtype=np.uint8), (count, len(text)))


def _texts(rows: npt.NDArray[np.uint8]) -> pa.Array:
    """A row of characters each as a text."""
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(rows)))
