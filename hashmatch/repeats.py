"""Repeats: rows of one word that speak of the same hash, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .claims import Keys, row_identities, run_starts
from .records import Opinion
from .word_rows import joined_labels, split_labels

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def taken_back(rows: pa.Table, order: Rows, keys: Keys, withdrawn: Mask, updated: npt.NDArray[np.int64]) -> Mask:
    """The rows whose hash a newer row of their word withdraws; of equal dates the later row is the newer.

    A row that withdraws without any hash takes back every older one of its word.

    Args:
        rows: In ``WORD_SCHEMA``, in the order of the file.
        order: Places of all rows, those of one word together, in the order of the file.
        keys: Of each row's claim.
        withdrawn: Which rows withdraw.
        updated: Microseconds since 1970; ``UNDATED``, which is newest, where no date is said.
    """
    found = np.zeros(len(rows), dtype=np.bool_)
    whole = withdrawn & rows.column("digest").is_null().to_numpy()
    if whole.any():
        starts = run_starts(keys[order])
        owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        age = np.empty(len(rows), dtype=np.int64)
        age[np.lexsort((np.arange(len(rows)), updated))] = np.arange(len(rows))
        last = np.full(len(starts) - 1, -1)
        np.maximum.at(last, owner[whole[order]], age[order][whole[order]])
        found[order] = age[order] < last[owner]
    for same in _repeated(rows, order, keys):
        ages = [(int(updated[row]), row) for row in same]
        last_withdrawn = max((age for age in ages if withdrawn[age[1]]), default=(-1, -1))
        found[[row for row, age in zip(same, ages, strict=True) if age < last_withdrawn]] = True
    return found


def united(rows: pa.Table, order: Rows, keys: Keys, amended: list[tuple[Rows, pa.Table]]) -> tuple[Rows, int]:
    """Equal hashes of a claim as one row: labels and opinions united, else the values of the last of them.

    Returns:
        The order without the others, and how many these are. What is united goes to ``amended``.
    """
    repeated = _repeated(rows, order, keys)
    if not repeated:
        return order, 0
    lasts = np.array([same[-1] for same in repeated])
    dropped = np.zeros(len(rows), dtype=np.bool_)
    dropped[[row for same in repeated for row in same[:-1]]] = True
    stated = rows.select(["labels", "opinion"]).take(pa.array([row for same in repeated for row in same]))
    labels, opinions = (iter(column.to_pylist()) for column in stated.columns)
    table = rows.take(pa.array(lasts))
    for name, values in (
        (
            "labels",
            [joined_labels(sorted({label for _ in same for label in split_labels(next(labels))})) for same in repeated],
        ),
        ("opinion", [_together([next(opinions) for _ in same]) for same in repeated]),
    ):
        place = rows.schema.get_field_index(name)
        table = table.set_column(place, rows.schema.field(name), pa.array(values, rows.schema.field(name).type))
    amended.append((lasts, table))
    return order[~dropped[order]], int(np.sum(dropped))


def _together(opinions: Sequence[str]) -> str:
    """What several rows say of one hash: the last of them, unless one contradicts another."""
    if len(set(opinions)) > 1 and not {Opinion.NEGATIVE.value, Opinion.DISPUTED.value}.isdisjoint(opinions):
        return Opinion.DISPUTED.value
    return opinions[-1]


def _repeated(rows: pa.Table, order: Rows, keys: Keys) -> list[list[int]]:
    """The rows of each hash that several rows of its claim speak of."""
    alike = _alike(rows, order, keys)
    identity: dict[tuple[bytes, object, object, object], list[int]] = {}
    held = rows.select(["algorithm", "frame", "digest"]).take(pa.array(alike))
    for row, *hash_of in zip(alike.tolist(), *(column.to_pylist() for column in held.columns), strict=True):
        identity.setdefault((keys[row].tobytes(), *hash_of), []).append(row)
    return [same for same in identity.values() if len(same) > 1]


def _alike(rows: pa.Table, order: Rows, keys: Keys) -> Rows:
    """Rows that may hold a hash that another row of their claim holds too, in the order of the keys."""
    starts = run_starts(keys[order])
    lengths = np.diff(starts)
    several = order[np.repeat(lengths > 1, lengths)]
    if not len(several):
        return several
    identity = row_identities(rows.select(["algorithm", "frame", "digest"]).take(pa.array(several)), keys[several])
    place = np.argsort(identity, kind="stable")
    same = identity[place][1:] == identity[place][:-1]
    found = np.zeros(len(several), dtype=np.bool_)
    found[place] = np.append(same, False) | np.append(False, same)
    return several[found]
