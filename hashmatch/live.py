"""Live: which records are fit to match, and what keeps the others from it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from .records import ListSettings, Opinion

LIVE_QUALITY = 50
"""Least quality at which a record is fit to match; one without a quality is."""


def live(table: pa.Table, settings: Mapping[str, ListSettings]) -> pa.Table:
    """The records that are fit to match.

    Not those without a hash, in quarantine and not released by their list, of a quality below 50, or with
    a negative opinion. No clock decides: ``expires_at`` is looked at when matching.

    Args:
        table: Records in ``SCHEMA``, of claims that are not withdrawn.
        settings: Of every list that occurs, by name.
    """
    fit = pc.and_(pc.is_valid(table.column("algorithm")), pc.is_valid(table.column("digest")))
    for unfit in unfit_by(table, settings).values():
        fit = pc.and_(fit, pc.invert(unfit))
    # Filtering would copy them.
    return table if pc.all(fit, min_count=0).as_py() else table.filter(fit)


def unfit_by(table: pa.Table, settings: Mapping[str, ListSettings]) -> dict[str, pa.ChunkedArray]:
    """For each column that can keep a record from being fit to match, which records it does; never null.

    Args:
        table: As for ``live``.
        settings: As for ``live``.
    """
    held = pc.is_valid(table.column("quarantine"))
    if pc.any(held, min_count=0).as_py():
        for own in settings.values():
            for algorithm, digests in _released(own).items():
                named = pc.and_(
                    pc.equal(table.column("list"), own.name), pc.equal(table.column("algorithm"), algorithm)
                )
                released = pc.and_(named, pc.is_in(table.column("digest"), pa.array(digests, pa.binary())))
                held = pc.and_not(held, released.fill_null(False))
    return {
        "quarantine": held,
        "quality": pc.less(table.column("quality"), LIVE_QUALITY).fill_null(False),
        "opinion": pc.equal(table.column("opinion"), Opinion.NEGATIVE.value).fill_null(False),
    }


def _released(settings: ListSettings) -> dict[str, list[bytes]]:
    """The digests that a list releases from quarantine, by algorithm."""
    released: dict[str, list[bytes]] = {}
    for algorithm, text in sorted(settings.releases):
        # What is not a hash releases nothing, and must not stop everybody's publishing.
        with contextlib.suppress(ValueError):
            released.setdefault(algorithm, []).append(bytes.fromhex(text))
    return released
