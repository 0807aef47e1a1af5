"""Hash sets: which different hashes two lists hold, each alone and both, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .codes import digest_codes
from .hashes import Codes

HASH_COLUMNS = ("algorithm", "digest")
"""What a hash is, among the columns of a record."""

ROWS_TOGETHER = 4_000_000
"""Rows of both lists whose hashes are held at a time; of more, a part is held, and both lists are read once a part."""

Tables = Callable[[], Iterable[pa.Table]]
"""Gives rows with ``HASH_COLUMNS`` each time it is called."""

_Keys = npt.NDArray[np.bytes_]
_LEADS = 256
"""How many first bytes there are: the hashes of a part have some of them."""


@dataclass(frozen=True)
class HashSets:
    """Different hashes of one algorithm; one part of them if there are many."""

    algorithm: str
    only_a: Codes
    """``uint8[n, bytes]``, sorted: those that only the first list holds."""
    only_b: Codes
    """``uint8[n, bytes]``, sorted: those that only the second list holds."""
    both: int
    """How many both hold."""


def hash_sets(a: Tables, b: Tables, rows: int, *, together: int = ROWS_TOGETHER) -> Iterator[HashSets]:
    """Hold the hashes of two lists against each other; equal bytes of different algorithms are different hashes.

    Args:
        a: The rows of one list; rows without a digest do not count.
        b: The rows of the other.
        rows: How many rows there are in both.
        together: How many of them may be held at a time.
    """
    parts = min(max(1, -(-rows // together)), _LEADS)
    for part in range(parts):
        leads = np.arange(_LEADS) * parts // _LEADS == part
        ours, theirs = _distinct(a(), leads), _distinct(b(), leads)
        for algorithm in sorted({*ours, *theirs}):
            yield _compared(algorithm, ours.get(algorithm), theirs.get(algorithm))


def _distinct(tables: Iterable[pa.Table], leads: npt.NDArray[np.bool_]) -> dict[str, _Keys]:
    """The different digests that begin with certain bytes, sorted, by algorithm."""
    found: dict[str, list[_Keys]] = {}
    for table in tables:
        for batch in table.select(HASH_COLUMNS).combine_chunks().to_batches():
            named = batch.filter(pc.is_valid(batch.column("digest")))
            for algorithm in pc.unique(named.column("algorithm")).to_pylist():
                own = named.filter(pc.equal(named.column("algorithm"), algorithm)).column("digest")
                codes = digest_codes(own)
                chosen = np.ascontiguousarray(codes[leads[codes[:, 0]]])
                if len(chosen):
                    found.setdefault(algorithm, []).append(np.unique(_keys(chosen)))
    return {algorithm: np.unique(np.concatenate(pieces)) for algorithm, pieces in found.items()}


def _compared(algorithm: str, ours: _Keys | None, theirs: _Keys | None) -> HashSets:
    if ours is None or theirs is None:
        held = ours if theirs is None else theirs
        assert held is not None, "somebody holds a hash of the algorithm"
        none = held[:0]
        return HashSets(
            algorithm, _codes(none if ours is None else ours), _codes(none if theirs is None else theirs), 0
        )
    shared = _among(theirs, ours)
    return HashSets(algorithm, _codes(ours[~shared]), _codes(theirs[~_among(ours, theirs)]), int(np.sum(shared)))


def _among(held: _Keys, wanted: _Keys) -> npt.NDArray[np.bool_]:
    """Which of ``wanted`` are in ``held``, which is sorted."""
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    found: npt.NDArray[np.bool_] = held[place] == wanted
    return found


def _keys(codes: Codes) -> _Keys:
    """Each row as one byte string, which numpy compares byte by byte, unsigned: a view."""
    return codes.reshape(-1).view(f"S{codes.shape[1]}")


def _codes(keys: _Keys) -> Codes:
    return np.ascontiguousarray(keys).view(np.uint8).reshape(len(keys), keys.dtype.itemsize)
