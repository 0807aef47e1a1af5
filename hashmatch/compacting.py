"""Compaction: old batches folded into one base, nothing of what they say lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pyarrow as pa

from .batches import BATCH_SCHEMA, Log
from .claims import Standing, bytes_keys, sort_keys
from .footers import Footer, Kind

_CLAIMS_AT_ONCE = 131_072


def foldable(log: Log, days: float) -> int | None:
    """The number of the batch up to which the log may be folded; None if there is nothing to fold.

    It is older than ``days``, and not above the target of a rollback that is kept.
    """
    until = log.now() - timedelta(days=days)
    footers = log.footers
    for footer in reversed(footers[1:]):
        kept = [later.target for later in footers if later.number > footer.number and later.target is not None]
        if footer.time <= until and all(target >= footer.number for target in kept):
            return footer.number
    return None


def compact(log: Log, days: float) -> Footer | None:
    """Fold the batches that may be folded into a base, which takes the name of the last of them.

    The caller holds the bank's lock.

    Returns:
        The base's footer, or None if there was nothing to fold.
    """
    upto = foldable(log, days)
    if upto is None:
        return None
    old = {footer.number: footer for footer in log.footers}
    folded = tuple(
        entry
        for footer in log.footers
        if footer.number <= upto
        for entry in (*footer.folded, *(() if footer.kind is Kind.BASE else (replace(footer.entry(), compacted=True),)))
    )
    settings = log.settings(upto)
    base = Footer(
        number=upto,
        kind=Kind.BASE,
        time=old[upto].time,
        lists=tuple(sorted(settings)),
        settings=settings,
        folded=folded,
    )
    written = log.append(base, _tables(log, sorted(settings), upto))
    log.tidy()
    return written


def _tables(log: Log, names: list[str], upto: int) -> Iterator[pa.Table]:
    """Every claim of the lists as it stood after a batch, withdrawn ones too, sorted by list and key.

    A range of keys at a time: in every file the rows of a range stand together, so that each is read once
    and memory stays bounded.
    """
    for name in names:
        standing = log.standing(name, upto)
        for first in range(0, len(standing), _CLAIMS_AT_ONCE):
            here = np.zeros(len(standing), dtype=np.bool_)
            here[first : first + _CLAIMS_AT_ONCE] = True
            yield _sorted(log, standing.chosen(here))


def _sorted(log: Log, standing: Standing) -> pa.Table:
    table = pa.concat_tables(log.rows(standing, BATCH_SCHEMA.names)).combine_chunks()
    return table.take(pa.array(sort_keys(bytes_keys(table.column("claim_key").chunk(0)))))
